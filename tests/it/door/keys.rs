//! Who may do what (contract 1.1, traps 1 and 5).

use omnihub::access::{Permission, Scope};

use super::check_problem;
use crate::hub::samples::{claim, ticket};
use crate::hub::{Client, TestHub};

/// The client with exactly these headers, `K` standing for its key.
fn presenting<'h>(hub: &'h TestHub, headers: &[(&str, &str)]) -> Client<'h> {
    headers.iter().fold(hub.client().bare(), |client, (name, value)| {
        client.with(name, &value.replace('K', hub.key()))
    })
}

#[tokio::test]
async fn a_key_is_taken_in_every_documented_form_and_the_ticket_is_answered_as_that_document_says()
{
    let hub = TestHub::start().await;
    for (headers, created) in [
        (&[("authorization", "Bearer K")][..], 201),
        (&[("authorization", "bearer  K ")], 201),
        (&[("authorization", "K")], 201),
        (&[("x-api-key", "K")], 200),
        (&[("authorization", "Bearer K"), ("x-api-key", "K")], 201),
    ] {
        let client = presenting(&hub, headers);
        client.post_ticket(&ticket(), created).await;
        client.post_claim(&claim(), 201).await;
    }
    hub.done(&[]).await;
}

#[tokio::test]
async fn without_a_right_key_nothing_is_told_but_that() {
    let hub = TestHub::start().await;
    let other = "omni_0000000000000000_00";
    let key = hub.key().to_owned();
    let (mut cut, mut changed) = (key.clone(), key.clone());
    let last = changed.pop().unwrap();
    changed.push(if last == '0' { '1' } else { '0' });
    cut.pop();
    for headers in [
        &[][..],
        &[("authorization", "")],
        &[("authorization", "Bearer ")],
        &[("authorization", "Bearer nonsense")],
        &[("authorization", other)],
        &[("x-api-key", &cut)],
        &[("x-api-key", &changed)],
        &[("authorization", &format!("Basic {key}"))],
        &[("authorization", &format!("Bearer {key}")), ("x-api-key", other)],
    ] {
        let client = headers
            .iter()
            .fold(hub.client().bare(), |client, (name, value)| client.with(name, value));
        let answer = client.post_claim(&claim(), 401).await;
        check_problem(&answer, "Unauthorized");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
        // Not even whether the body would do, or the ticket is there.
        check_problem(&client.post("/api/omnichannel/tickets", "{", 401).await, "Unauthorized");
        check_problem(&client.show("9000000000", 401).await, "Unauthorized");
    }
    assert!(hub.posts(omnihub_sandbox::System::Helpdesk).is_empty());
    hub.done(&[]).await;
}

#[tokio::test]
async fn a_key_may_do_what_its_permissions_say() {
    let hub = TestHub::start().await;
    let number = hub.client().post_claim(&claim(), 201).await.number();
    let create = "Insufficient permissions to create omnichannel tickets";
    let reader = hub.client_of("web-portal", &[Permission::Read], Scope::Own).await;
    check_problem(&reader.post_claim(&claim(), 403).await, create);
    check_problem(&reader.post_ticket(&ticket(), 403).await, create);
    reader.show(&number, 200).await;
    let writer = hub.client_of("web-portal", &[Permission::Create], Scope::Own).await;
    writer.post_claim(&claim(), 201).await;
    let read = "Insufficient permissions to read tickets";
    check_problem(&writer.show(&number, 403).await, read);
    let by_query = format!("/api/omnichannel/tickets?ticketNumber={number}");
    check_problem(&writer.get(&by_query, 403).await, read);
    let nobody = hub.client_of("web-portal", &[], Scope::All).await;
    check_problem(&nobody.post_claim(&claim(), 403).await, create);
    check_problem(&nobody.show(&number, 403).await, read);
    hub.done(&[]).await;
}

#[tokio::test]
async fn a_key_sees_its_partners_tickets_and_one_of_scope_all_sees_all() {
    let hub = TestHub::start().await;
    let number = hub.client().post_claim(&claim(), 201).await.number();
    let colleague = hub.client_of("web-portal", &[Permission::Read], Scope::Own).await;
    let stranger = hub.client_of("call-centre", &Permission::ALL, Scope::Own).await;
    let auditor = hub.client_of("audit", &[Permission::Read], Scope::All).await;
    colleague.show(&number, 200).await;
    auditor.show(&number, 200).await;
    let by_query = format!("/api/omnichannel/tickets?ticketNumber={number}");
    check_problem(&stranger.show(&number, 404).await, "Ticket not found");
    check_problem(&stranger.get(&by_query, 404).await, "Ticket not found");
    // Nor by the helpdesk's number.
    hub.settled(&[]).await;
    let helpdesk = hub.helpdesk_tickets()[0].number.clone();
    colleague.show(&helpdesk, 200).await;
    check_problem(&stranger.show(&helpdesk, 404).await, "Ticket not found");
    hub.done(&[]).await;
}
