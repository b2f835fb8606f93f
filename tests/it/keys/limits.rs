//! How a client is told where it stands, limits of single keys, and what happens when there is too
//! much of everything.

use std::time::Duration;

use http::Method;
use omnihub::access::{Permission, Scope};
use omnihub::config::Span;
use omnihub_sandbox::{System, What};

use super::{client, omnihub};
use crate::hub::samples::{claim, ticket, with};
use crate::hub::{Answer, TestHub, fault};

/// Checks the two headers of the draft.
#[track_caller]
fn check_standing(answer: &Answer, class: &str, quota: u32, left: u32) {
    let policy = format!("\"{class}\";q={quota};w=60");
    assert_eq!(answer.header("ratelimit-policy"), Some(&*policy));
    let limit = answer.header("ratelimit").unwrap();
    let (left_said, reset) = limit.split_once(";t=").unwrap();
    assert_eq!(left_said, format!("\"{class}\";r={left}"));
    let (reset, per_unit): (u32, u32) = (reset.parse().unwrap(), 60_u32.div_ceil(quota.max(1)));
    match answer.status {
        429 => assert_eq!(answer.header("retry-after"), Some(&*reset.to_string())),
        _ => assert!(reset <= 60 && reset.div_ceil(per_unit) <= quota - left, "{limit}"),
    }
}

#[tokio::test]
async fn every_answer_to_a_right_key_says_what_is_left_whatever_it_says_else() {
    let hub = TestHub::start_with(|config| {
        config.limits.create_per_minute = 4;
        config.limits.read_per_minute = 3;
        config.limits.update_per_minute = 2;
    })
    .await;
    let client = hub.client();
    let once = with(ticket(), "integration.requestId", "once");
    check_standing(&client.post_ticket(&once, 201).await, "create", 4, 3);
    let replay = client.post_ticket(&once, 201).await;
    assert!(replay.is_replay());
    check_standing(&replay, "create", 4, 2);
    check_standing(&client.post("/api/omnichannel/claims", "{", 400).await, "create", 4, 1);
    check_standing(&client.post_claim(&claim(), 201).await, "create", 4, 0);
    check_standing(&client.post_claim(&claim(), 429).await, "create", 4, 0);
    check_standing(&client.show("1", 404).await, "read", 3, 2);
    check_standing(&client.get("/api/omnichannel/tickets", 400).await, "read", 3, 1);
    let patch = |body: &'static str, status| {
        let path = "/api/omnichannel/tickets/1";
        client.call(Method::PATCH, path, Some(body.into()), status)
    };
    check_standing(&patch("{}", 404).await, "update", 2, 1);
    check_standing(&patch("{", 400).await, "update", 2, 0);
    check_standing(&patch("{}", 429).await, "update", 2, 0);
    let writer = hub.client_of("bot", &[Permission::Create], Scope::Own).await;
    check_standing(&writer.show("1", 403).await, "read", 3, 2);
    for answer in [client.clone().bare().show("1", 401).await, client.get("/nowhere", 404).await] {
        assert_eq!((answer.header("ratelimit"), answer.header("ratelimit-policy")), (None, None));
    }
    hub.done(&[]).await;
}

#[tokio::test]
async fn a_key_may_have_limits_of_its_own_and_its_successor_has_them_too() {
    let hub = TestHub::start_with(|config| config.limits.create_per_minute = 1).await;
    let create = ["keys", "create", "--partner", "wa-bot", "--create-per-minute", "2"];
    let made = omnihub(&hub, &[&create[..], &["--read-per-minute", "0"]].concat()).await;
    let bot = client(&hub, made.line());
    for (status, left) in [(201, 1), (201, 0), (429, 0)] {
        check_standing(&bot.post_claim(&claim(), status).await, "create", 2, left);
    }
    let none = bot.show("1", 429).await;
    assert_eq!(none.header("ratelimit-policy"), Some("\"read\";q=0;w=60"));
    assert_eq!(none.header("retry-after"), Some("60"));
    let id = made.aside.split_whitespace().next().unwrap();
    let newer = omnihub(&hub, &["keys", "rotate", id]).await;
    check_standing(&client(&hub, newer.line()).post_claim(&claim(), 201).await, "create", 2, 1);
    check_standing(&hub.client().post_claim(&claim(), 201).await, "create", 1, 0);
    hub.done(&[]).await;
}

#[tokio::test]
async fn beyond_the_requests_that_the_hub_takes_at_once_it_says_so_instead_of_queueing() {
    let hub = TestHub::start_with(|config| {
        config.http.requests_max = 1;
        config.accept.wait_for_helpdesk = Span(Duration::from_secs(5));
    })
    .await;
    hub.fail(System::Helpdesk, [fault("POST /api/omnichannel/claims", What::Hang, 1)]);
    let first = async {
        hub.client().post_claim(&claim(), 201).await;
    };
    let others = async {
        // The helpdesk has it and does not answer, so the request is under way.
        hub.until(|hub| hub.sandbox.received_total(System::Helpdesk) > 0).await;
        let refused = hub.client().post_claim(&claim(), 503).await;
        assert_eq!(refused.header("retry-after"), Some("1"));
        assert_eq!(refused.json()["message"], "Too busy: try again shortly");
        assert_eq!(refused.json()["requestId"], refused.header("x-request-id").unwrap());
        hub.client().show("1", 503).await;
        // Who watches the hub is answered all the same.
        hub.client().call(Method::GET, "/health/live", None, 200).await;
    };
    tokio::join!(first, others);
    hub.client().show("1", 404).await;
    hub.done_early().await;
}
