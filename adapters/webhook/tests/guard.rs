//! Clients name where their webhooks go, so no address may lead inside, however it is written and
//! whatever its name resolves to. Each is tried as a delivery, with somebody listening there.
#![cfg(test)]

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use omnihub_contract::{
    Adapter, BoxFuture, Delivery, Failure, Fault, PartnerId, Secret, SigningSecrets,
};
use omnihub_kit::{Reply, ScriptedUpstream, Step, delivery};
use omnihub_webhook::{OPERATIONS, Settings, Webhook};
use serde_json::json;

/// Longer than any answer takes, shorter than anybody waits for a network that is not there.
const TIMEOUT: Duration = Duration::from_secs(10);

struct OneSecret;

impl SigningSecrets for OneSecret {
    fn newest_first(&self, _: &PartnerId) -> Vec<Secret> {
        vec![Secret::from("whsec_cmFoYXNpYS11amktNzczMQ==")]
    }
}

fn webhook(allow_hosts: &[&str]) -> Webhook {
    let allow_hosts = allow_hosts.iter().map(|host| (*host).to_owned()).collect();
    let settings = Settings { allow_hosts, ..Settings::default() };
    Webhook::new(TIMEOUT, &settings, Arc::new(OneSecret)).unwrap().looking_up(look_up)
}

/// A name as `10-0-0-1.v4.test` or `64xff9bxx7f00x1.v6.test` leads to the address in it.
#[expect(clippy::needless_pass_by_value, reason = "what looks names up takes them")]
fn look_up(name: String) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>> {
    let address: IpAddr = match name.split_once('.').unwrap() {
        (address, "v4.test") => address.replace('-', ".").parse().unwrap(),
        (address, _) => address.replace('x', ":").parse().unwrap(),
    };
    Box::pin(std::future::ready(Ok(vec![SocketAddr::new(address, 0)])))
}

fn event(url: &str) -> Delivery {
    delivery(
        OPERATIONS,
        "send",
        json!({
            "url": url, "event": "TICKET_CREATED", "ticketNumber": "9000000042",
            "timestamp": "2024-12-19T10:30:00Z",
        }),
    )
}

async fn failure(adapter: &Webhook, url: &str) -> Failure {
    adapter.deliver(&event(url)).await.unwrap_err()
}

/// Tries the address as it is written, and each name that leads to one; nothing may reach whoever
/// listens on this machine.
async fn check_closed(written: &[&str], named: &[&str]) {
    let upstream = ScriptedUpstream::start([]).await;
    let base = upstream.base_url();
    let port = base.rsplit(':').next().unwrap();
    let adapter = webhook(&[]);
    for host in written {
        let failure = failure(&adapter, &format!("https://{host}:{port}/")).await;
        assert_eq!(failure.fault, Fault::Refused, "{host}");
        assert_eq!(failure.message, "must not lead into a private network", "{host}");
    }
    for host in named {
        let failure = failure(&adapter, &format!("https://{host}:{port}/")).await;
        assert_eq!(failure.fault, Fault::Refused, "{host}");
        assert!(failure.message.starts_with("the name leads to an address"), "{host}: {failure}");
    }
    assert_eq!(upstream.connections(), 0);
}

#[tokio::test]
async fn a_private_address_is_not_connected_to() {
    let named =
        ["10-0-0-1.v4.test", "172-16-9-9.v4.test", "192-168-1-1.v4.test", "fc00xx1.v6.test"];
    check_closed(&["10.0.0.1", "172.31.255.255", "192.168.1.1", "[fd12::1]"], &named).await;
}

#[tokio::test]
async fn the_loopback_is_not_connected_to() {
    let written = ["127.0.0.1", "127.1", "2130706433", "0x7f.1", "0.0.0.0", "[::1]", "localhost"];
    check_closed(&written, &["127-0-0-1.v4.test", "0-0-0-0.v4.test", "xx1.v6.test"]).await;
}

#[tokio::test]
async fn a_link_local_address_is_not_connected_to() {
    let named = ["169-254-169-254.v4.test", "fe80xx1.v6.test"];
    check_closed(&["169.254.169.254", "[fe80::1]"], &named).await;
}

#[tokio::test]
async fn a_multicast_address_is_not_connected_to() {
    let named = ["224-0-0-1.v4.test", "255-255-255-255.v4.test", "ff02xx1.v6.test"];
    check_closed(&["224.0.0.1", "239.255.255.250", "[ff02::1]"], &named).await;
}

#[tokio::test]
async fn an_address_inside_that_is_mapped_into_ipv6_is_not_connected_to() {
    let named = ["xxffffx7f00x1.v6.test", "xxffffxa00x1.v6.test", "xx7f00x1.v6.test"];
    check_closed(&["[::ffff:127.0.0.1]", "[::ffff:10.0.0.1]", "[::127.0.0.1]"], &named).await;
}

#[tokio::test]
async fn an_address_inside_that_is_translated_into_ipv6_is_not_connected_to() {
    let named = ["64xff9bxx7f00x1.v6.test", "64xff9bx1xx7f00x1.v6.test", "2002x7f00x1xx.v6.test"];
    check_closed(&["[64:ff9b::7f00:1]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]"], &named).await;
}

#[tokio::test]
async fn a_redirect_is_not_followed_wherever_it_leads() {
    let inside = ScriptedUpstream::start([]).await;
    for status in [301, 302, 303, 307, 308] {
        let reply = Reply::text(status, "").with("location", &inside.base_url());
        let outside = ScriptedUpstream::start([Step::Answer(reply)]).await;
        let adapter = webhook(&["127.0.0.1"]);
        let failure = failure(&adapter, &outside.base_url()).await;
        assert_eq!(failure.fault, Fault::Refused);
        assert_eq!(failure.message, "the receiver redirects, which is not followed");
        assert_eq!((outside.connections(), inside.connections()), (1, 0), "{status}");
    }
}

#[tokio::test]
async fn an_exempt_name_does_not_open_another() {
    let upstream = ScriptedUpstream::start([]).await;
    let port = upstream.base_url().rsplit(':').next().unwrap().to_owned();
    let adapter = webhook(&["bot.bank.internal", "localhost:1"]);
    let name = failure(&adapter, &format!("https://127-0-0-1.v4.test:{port}/")).await;
    let other_port = failure(&adapter, &format!("https://localhost:{port}/")).await;
    assert_eq!([name.fault, other_port.fault], [Fault::Refused; 2]);
    assert_eq!(upstream.connections(), 0);
}
