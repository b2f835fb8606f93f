//! Captures everything that is traced on this thread, so that a test can look for what must not be there.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use tracing::Dispatch;
use tracing::subscriber::{DefaultGuard, NoSubscriber};
use tracing_subscriber::fmt::MakeWriter;

/// Captures until dropped. Only for tests that run on one thread (`tokio::test`'s default).
pub struct Captured {
    text: Text,
    _guard: DefaultGuard,
    // With one subscriber alone, tracing lets the thread that first comes by a line of code decide for
    // good whether anybody wants it; beside another test's thread that would be nobody.
    _second: Dispatch,
}

/// Begins to capture, at every level.
pub fn capture() -> Captured {
    let text = Text::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(text.clone())
        .finish();
    let second = Dispatch::new(NoSubscriber::new());
    let guard = tracing::subscriber::set_default(subscriber);
    tracing::info!("capturing");
    Captured { text, _guard: guard, _second: second }
}

impl Captured {
    /// Everything so far.
    pub fn text(&self) -> String {
        let bytes = self.text.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

#[derive(Clone, Default)]
struct Text(Arc<Mutex<Vec<u8>>>);

impl Write for Text {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'w> MakeWriter<'w> for Text {
    type Writer = Self;

    fn make_writer(&'w self) -> Self {
        self.clone()
    }
}
