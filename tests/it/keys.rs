//! Keys, limits, partners and strangers: who may ask, how often, and what an operator does about it.

mod commands;
mod limits;
mod partners;
mod strangers;

use std::net::{IpAddr, Ipv4Addr};
use std::process::{Command, Output};

use serde_json::Value;

use crate::hub::{Client, Style, TestHub};

/// Another address of this machine than the one that clients usually have.
const ELSEWHERE: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));

/// A program that ended.
struct Ran {
    code: i32,
    out: String,
    aside: String,
}

impl Ran {
    /// What it wrote, but for the line's end.
    #[track_caller]
    fn line(&self) -> &str {
        assert_eq!(self.code, 0, "{}", self.aside);
        self.out.strip_suffix('\n').unwrap()
    }

    #[track_caller]
    fn json(&self) -> Value {
        serde_json::from_str(self.line()).unwrap()
    }

    /// What it said when it could not do it.
    #[track_caller]
    fn refusal(&self, code: i32) -> &str {
        assert_eq!((self.code, self.out.as_str()), (code, ""), "{}", self.aside);
        &self.aside
    }
}

/// Runs `omnihub` on the hub's folder, whether the hub runs or not.
async fn omnihub(hub: &TestHub, args: &[&str]) -> Ran {
    let folder = hub.data_folder().parent().unwrap().to_owned();
    let file = folder.join("config.toml");
    std::fs::write(&file, omnihub::config::SHIPPED).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_omnihub"));
    command.args(args).arg("--config").arg(file);
    // The hub under test lives on this thread too.
    let ran = tokio::task::spawn_blocking(move || command.output().unwrap()).await;
    let Output { status, stdout, stderr } = ran.unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { code: status.code().unwrap(), out: text(stdout), aside: text(stderr) }
}

/// A client with this key.
fn client<'h>(hub: &'h TestHub, key: &str) -> Client<'h> {
    hub.client().presenting(key, Style::Bearer)
}
