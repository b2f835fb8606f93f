//! What a system refuses is dead at once, with the system's words; the rest goes on.

use omnihub_sandbox::System;
use serde_json::{Value, json};

use super::{CREATE_AT_SOCIOMILE, CREATE_CLAIM, claim_of};
use crate::hub::samples::claim;
use crate::hub::{TestHub, answer};

#[tokio::test]
async fn what_the_helpdesk_refuses_is_dead_with_its_words() {
    let hub = TestHub::start().await;
    let refusal = json!({
        "error": "Validation failed", "errors": { "claimDate": "is in the future" }, "status": 400
    });
    hub.fail(System::Helpdesk, [answer("namaNasabah=Budi", 400, refusal, 1)]);
    let number = hub.client().post_claim(&claim_of("Budi"), 201).await.number();
    let other = hub.client().post_claim(&claim_of("Siti"), 201).await.number();
    let undelivered = ["helpdesk dead H0401", "sociomile waiting"];
    hub.settled(&undelivered).await;
    let dead = hub.delivery(&number, "helpdesk");
    let words = dead.words.as_deref().unwrap();
    assert_eq!(words, "refused (400): Validation failed; claimDate: is in the future");
    assert_eq!(
        hub.delivery(&number, "sociomile").waits_for.as_deref(),
        Some("helpdesk.ticketNumber")
    );
    assert_eq!(hub.delivery(&other, "helpdesk").state, "delivered");
    assert_eq!(hub.posts(System::Helpdesk).len(), 2, "no second attempt");
    hub.done(&undelivered).await;
}

/// Checks what becomes of a claim whose create Sociomile answers so; gives the words kept of it.
async fn check_sociomile(status: u16, body: Value, expected: &str) -> String {
    let hub = TestHub::start().await;
    hub.fail(System::Sociomile, [answer(CREATE_AT_SOCIOMILE, status, body, 1)]);
    let number = hub.client().post_claim(&claim(), 201).await.number();
    hub.settled(&[expected]).await;
    assert_eq!(hub.posts(System::Sociomile).len(), 1, "no second attempt");
    let words = hub.delivery(&number, "sociomile").words.unwrap();
    hub.done(&[expected]).await;
    words
}

fn exception(message: &str) -> Value {
    json!({
        "type": "error", "trace_id": "4bf92f35", "message": message, "status": false,
        "file": "/app/Http/Controllers/Integration/BankSulutController.php", "line": 99
    })
}

#[tokio::test]
async fn a_complaint_of_sociomile_about_a_field_is_a_refusal() {
    for (message, words) in [
        ("branchName required", "refused (200): branchName required (trace 4bf92f35)"),
        ("AtmId invalid", "refused (200): AtmId invalid (trace 4bf92f35)"),
    ] {
        let told = check_sociomile(200, exception(message), "sociomile dead H0401").await;
        assert_eq!(told, words);
    }
}

#[tokio::test]
async fn anything_else_that_sociomile_says_of_a_create_may_have_made_a_ticket() {
    let sql = "SQLSTATE[23000]: insert into tickets values ('Ahmad Suryanto', 150000)";
    for (status, body) in [
        (200, exception(sql)),
        (500, exception(sql)),
        (200, json!("<html><body>Whoops, Ahmad Suryanto</body></html>")),
        (502, json!("<html>Bad Gateway</html>")),
        (200, json!({ "success": true, "message": "success", "data": {}, "code": 200 })),
    ] {
        let words = check_sociomile(status, body, "sociomile held H0407").await;
        assert!(!words.contains("Suryanto") && !words.contains("150000"), "{words}");
    }
}

#[tokio::test]
async fn a_refused_claim_can_be_told_from_the_door() {
    let hub = TestHub::start().await;
    hub.fail(System::Helpdesk, [answer(CREATE_CLAIM, 422, json!({ "error": "no" }), 1)]);
    let number = hub.client().post_claim(&claim(), 201).await.number();
    hub.settled(&["helpdesk dead H0401", "sociomile waiting"]).await;
    let shown = hub.client().show(&number, 200).await.json();
    assert_eq!(shown["metadata"]["numbers"], json!({ "hub": number, "helpdesk": null }));
    assert_eq!(shown["status"], "OPEN");
    hub.done(&["helpdesk dead H0401", "sociomile waiting"]).await;
}
