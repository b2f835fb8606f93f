//! The door over a disk that shows a commit before it has it: nobody is told what a crash may undo.

use std::pin::pin;
use std::time::Duration;

use axum::body::Body;
use http::{Request, StatusCode};
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;
use omnihub_contract::{ExposeSecret, Secret};
use serde_json::{Value, json};

use super::super::ears::ears;
use super::super::{LateSecrets, StartOptions};
use super::*;
use crate::access::{self, NewKey};
use crate::adapters::{self, Needs};
use crate::clock::SystemClock;
use crate::http::router;
use crate::store::StoreError;
use crate::store::committer::tests::ahead::{self, Shown};

/// Longer than any answer takes that waits for nothing: it passes at once, when nothing else can.
const LONG: Duration = Duration::from_secs(5);

/// A door with a client's key, and what says that its commits are on disk.
struct Early {
    routes: TowerToHyperService<axum::Router>,
    key: Secret,
    shown: Shown,
}

impl Early {
    async fn open() -> Self {
        let settings = "accept = { wait_for_helpdesk = \"0s\" }";
        let config = crate::config::read("omnihub.toml".as_ref(), settings).unwrap();
        let (store, mut shown) = ahead::store();
        let clock = SystemClock::shared();
        let secrets = Arc::new(LateSecrets::new(Arc::clone(&clock)));
        let listed = adapters::all(&config, &Needs { secrets }).unwrap();
        let options = StartOptions::default();
        let live = &Live::start(&config, &listed, options, Arc::clone(&clock)).unwrap();
        let metrics = &Arc::new(Metrics::new(&[]));
        let key = access::create(&*store, NewKey::of("wa-bot"), clock.now());
        let (_, key) = shown.kept(key).await.unwrap();
        let parts = Parts { store: &store, live, clock: &clock, lanes: &[], metrics };
        let ears = ears(&config, &listed, &parts).unwrap();
        let door = door(&config, &listed, &parts, (ears, &AskedFor::default())).unwrap();
        Self { routes: TowerToHyperService::new(router(Arc::new(door))), key, shown }
    }

    fn ask(
        &self,
        (method, path, body): &(&str, &str, Value),
    ) -> impl Future<Output = StatusCode> + use<> {
        let request = Request::builder()
            .method(*method)
            .uri(format!("/api/omnichannel/tickets{path}"))
            .header("authorization", format!("Bearer {}", self.key.expose_secret()))
            .header("content-type", "application/json")
            .header("idempotency-key", format!("{method}-1"));
        let answer = self.routes.call(request.body(Body::from(body.to_string())).unwrap());
        async { answer.await.unwrap().status() }
    }
}

/// Makes these requests, and the last of them show; then asks, and says that the disk ends like this.
/// Gives what is answered, which is nothing before.
async fn asked_early(
    before: &[(&str, &str, Value)],
    asked: (&str, &str, Value),
    end: Result<(), StoreError>,
) -> StatusCode {
    let mut early = Early::open().await;
    let (last, before) = before.split_last().unwrap();
    for request in before {
        let asked = early.ask(request);
        assert!(early.shown.kept(asked).await.is_success(), "{request:?}");
    }
    let mut first = pin!(early.ask(last));
    let sync = tokio::select! {
        status = &mut first => panic!("{status} before it is on disk"),
        sync = early.shown.next() => sync,
    };
    let mut answer = pin!(early.ask(&asked));
    let early = tokio::time::timeout(LONG, &mut answer).await;
    assert!(early.is_err(), "{asked:?} is answered {early:?} by what is not on disk yet");
    sync.send(end).unwrap();
    answer.await
}

fn create() -> (&'static str, &'static str, Value) {
    let body = json!({
        "channel": "CHAT", "channelReferenceId": "CHAT-2024-003", "serviceType": "INQUIRY",
        "customer": { "name": "Jane Smith" },
        "ticket": { "title": "Savings", "description": "How do I open a savings account?" },
    });
    ("POST", "", body)
}

fn comment() -> (&'static str, &'static str, Value) {
    ("PATCH", "/9000000000", json!({ "action": "ADD_COMMENT", "comment": "Still no answer" }))
}

fn get(path: &str) -> (&'static str, &str, Value) {
    ("GET", path, Value::Null)
}

#[tokio::test(start_paused = true)]
async fn nothing_is_answered_by_what_shows_before_it_is_on_disk() {
    let created = [create()];
    let changed = [create(), comment()];
    let cases = [
        (&created[..], create(), StatusCode::CREATED),
        (&created[..], get("/9000000000"), StatusCode::OK),
        (&created[..], get("?ticketNumber=9000000000"), StatusCode::OK),
        (&created[..], get("?channelReferenceId=CHAT-2024-003"), StatusCode::OK),
        (&changed[..], comment(), StatusCode::OK),
        (&changed[..], get("/9000000000"), StatusCode::OK),
    ];
    for (before, asked, good) in cases {
        assert_eq!(asked_early(before, asked.clone(), Ok(())).await, good);
        let full = StoreError::Disk("no space left on device".into());
        let status = asked_early(before, asked, Err(full)).await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    }
}
