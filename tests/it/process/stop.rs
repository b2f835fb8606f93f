//! SIGTERM: what is under way is finished, and nothing is left of unknown outcome.

use std::net::SocketAddr;
use std::process::Command;
use std::time::Duration;

use omnihub_sandbox::System;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::harness::{Home, OPEN_DOOR, Random, Running, is_long, say, until};
use super::load::{self, Acknowledged, Load};
use super::{count, upstreams};

/// How often the hub is stopped.
const STOPS: u32 = 2;
const STOPS_LONG: u32 = 20;

/// A hub whose requests and attempts take fractions of a second ends within this.
const STOPPED_MAX: Duration = Duration::from_secs(10);

const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_under_load_finishes_what_is_under_way_and_holds_nothing() {
    let stops = if is_long() { STOPS_LONG } else { STOPS };
    let mut random = Random::start("SIGTERM under load");
    let sandbox = upstreams::start(([127, 0, 0, 1], 0).into()).await;
    upstreams::delay(&sandbox, random.below(1 << 32));
    let home = Home::new(&(OPEN_DOOR.to_owned() + &upstreams::both(&sandbox)));
    let key = home.key("load").await;
    let load = Load::start(&key);
    let mut hub = home.serve().await;
    let mut under_way = Vec::new();
    for stop in 1..=stops {
        load.point_at(hub.address);
        let calls = sandbox.received_total(System::Helpdesk);
        let called = async || (sandbox.received_total(System::Helpdesk) > calls).then_some(());
        until("the helpdesk is called", PATIENCE, called).await;
        tokio::time::sleep(random.moment(0, 900)).await;
        let half = HalfSent::start(hub.address, &key, &format!("HALF-{stop}")).await;
        signal(&hub, "TERM");
        let address = hub.address;
        let deaf = async || TcpStream::connect(address).await.is_err().then_some(());
        until("the hub takes no more connections", PATIENCE, deaf).await;
        let number = half.finish().await;
        under_way.push(Acknowledged { is_claim: true, is_disputed: true, number });
        let took = ended(hub).await;
        load.pause();
        say(&format!("  stop {stop} of {stops} took {took:?}"));
        hub = home.serve().await;
    }
    load.point_at(hub.address);
    let mut told = load.finish().await;
    told.acknowledged.append(&mut under_way);
    let count = count::settled(&home, &sandbox, &told.acknowledged).await;
    terminate(hub).await;
    let count = count::Count { listed: count::listed(&home).await, ..count };
    say(&format!("  {} posts not answered, {} of them under way", told.unanswered, told.cut_off));
    say(&format!("  BSG Helpdesk: {}", count.helpdesk.text()));
    say(&format!("  Sociomile:    {}", count.sociomile.text()));
    for tally in [&count.helpdesk, &count.sociomile] {
        assert_eq!((&tally.lost, &tally.doubled), (&Vec::new(), &Vec::new()));
        // Whatever was taken was answered: posts that were not answered were not kept either.
        assert_eq!(tally.untold, 0);
    }
    assert_eq!(count::doubled_references(&sandbox), Vec::<String>::new());
    assert_eq!(count.listed, Vec::<serde_json::Value>::new());
}

/// Sends SIGTERM and waits for a good end.
pub(crate) async fn terminate(hub: Running) {
    signal(&hub, "TERM");
    ended(hub).await;
}

/// Waits until the hub ended by itself and well; says how long that took.
async fn ended(mut hub: Running) -> Duration {
    let told = std::time::Instant::now();
    let status = until("the hub ends", PATIENCE, async || hub.child.try_wait().unwrap()).await;
    let took = told.elapsed();
    assert!(status.success() && took < STOPPED_MAX, "{status} after {took:?}:\n{}", hub.log());
    took
}

fn signal(hub: &Running, name: &str) {
    let kill = format!("kill -{name} {}", hub.child.id());
    assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
}

/// A claim whose head the hub has read, and whose body it waits for.
struct HalfSent {
    stream: TcpStream,
    body: String,
}

impl HalfSent {
    async fn start(address: SocketAddr, key: &str, reference: &str) -> Self {
        let body = load::claim(reference).to_string();
        let head = format!(
            "POST /api/omnichannel/claims HTTP/1.1\r\nhost: hub\r\nauthorization: Bearer {key}\r\n\
             content-length: {}\r\nexpect: 100-continue\r\n\r\n",
            body.len()
        );
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut go_on = [0; "HTTP/1.1 100 Continue\r\n\r\n".len()];
        stream.read_exact(&mut go_on).await.unwrap();
        assert!(go_on.starts_with(b"HTTP/1.1 100"), "{}", String::from_utf8_lossy(&go_on));
        Self { stream, body }
    }

    /// Sends the body and reads the answer; gives the number in it.
    async fn finish(mut self) -> String {
        self.stream.write_all(self.body.as_bytes()).await.unwrap();
        let mut answer = String::new();
        self.stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        let body: serde_json::Value = serde_json::from_str(body).unwrap();
        body["ticketNumber"].as_str().unwrap().to_owned()
    }
}
