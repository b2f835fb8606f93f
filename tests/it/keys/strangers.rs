//! Who has no right key is soon not listened to any more.

use super::{ELSEWHERE, client};
use crate::hub::TestHub;
use crate::hub::samples::claim;

const WRONG: &str = "omni_0000000000000000_00";

#[tokio::test]
async fn an_address_that_failed_too_often_is_refused_before_its_key_is_looked_at() {
    let hub = TestHub::start_with(|config| config.limits.failed_auth_per_minute = 2).await;
    hub.client().post_claim(&claim(), 201).await;
    client(&hub, WRONG).post_claim(&claim(), 401).await;
    hub.client().bare().show("1", 401).await;
    hub.client().post_claim(&claim(), 201).await;
    let refused = client(&hub, WRONG).show("1", 429).await;
    assert_eq!(refused.json()["message"], "Too many failed authentications");
    assert_eq!(refused.json()["status"], 429);
    let seconds: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=30).contains(&seconds), "{seconds}");
    assert_eq!(refused.header("ratelimit"), None);
    // A right key is not told apart from a wrong one, but at another address it is.
    hub.client().show("1", 429).await;
    hub.client().at_address(ELSEWHERE).show("1", 404).await;
    client(&hub, WRONG).at_address(ELSEWHERE).show("1", 401).await;
    hub.client().get("/health/live", 200).await;
    hub.done(&[]).await;
}

#[tokio::test]
async fn right_keys_are_never_counted_and_zero_means_no_limit() {
    let hub = TestHub::start_with(|config| config.limits.failed_auth_per_minute = 1).await;
    for _ in 0..5 {
        hub.client().show("1", 404).await;
    }
    client(&hub, WRONG).show("1", 401).await;
    hub.done(&[]).await;
    let hub = TestHub::start_with(|config| config.limits.failed_auth_per_minute = 0).await;
    for _ in 0..5 {
        client(&hub, WRONG).show("1", 401).await;
    }
    hub.done(&[]).await;
}
