//! What it hears, and in which words it answers.

use super::*;

const SECRET: &str = "sociomile-callback-secret";

fn callbacks() -> Callbacks {
    Callbacks::new(Some(SECRET.into()))
}

fn callback(kind: &str, body: &str) -> Callback {
    Callback {
        path: PATH.to_owned(),
        query: vec![("client_secret_key".to_owned(), SECRET.to_owned())],
        headers: vec![("content-type".to_owned(), kind.to_owned())],
        body: body.as_bytes().to_vec(),
    }
}

#[track_caller]
fn check_heard(kind: &str, body: &str) {
    let notices = callbacks().receive(&callback(kind, body)).unwrap();
    let [notice] = &notices[..] else { panic!("{notices:?}") };
    let said = json!({
        "sociomile_ticket_id": "66f0", "bsg_ticket_id": "1446", "status": "Pending Approval",
    });
    assert_eq!(notice.said, said, "{body}");
    let about = [About::Receipt("ticketId", "66f0".into()), About::Number("1446".into())];
    assert_eq!(notice.about, about);
}

#[test]
fn json_and_forms_are_heard_in_any_spelling_and_with_further_members() {
    check_heard(
        "application/json",
        r#"{"sociomile_ticket_id":"66f0","bsg_ticket_id":"1446","status":"Pending Approval"}"#,
    );
    check_heard(
        "application/json; charset=utf-8",
        r#"{"SociomileTicketId":" 66f0 ","BSG-ticket-id":1446,"Status":"pending_approval","more":[]}"#,
    );
    check_heard(
        "text/plain",
        r#"{"sociomile_ticket_id":"66f0","bsg_ticket_id":1446,"status":"PendingApproval"}"#,
    );
    check_heard(
        "application/x-www-form-urlencoded",
        "sociomile_ticket_id=66f0&bsg_ticket_id=1446&status=Pending+Approval&x=1",
    );
}

#[track_caller]
fn check_refused(body: &str, words: &str) {
    let refused = callbacks().receive(&callback("application/json", body)).unwrap_err();
    assert_eq!(refused, Rejected::malformed(words));
    let answer = callbacks().answer(Told::Rejected(&refused));
    let expected = json!({"type": "error", "trace_id": "00000001", "message": words});
    assert_eq!((answer.status, answer.body), (400, expected));
}

#[test]
fn a_missing_member_is_refused_in_its_own_shape_without_the_insides_of_a_server() {
    check_refused(r#"{"bsg_ticket_id":"1","status":"Open"}"#, "sociomile_ticket_id required");
    check_refused(r#"{"sociomile_ticket_id":"1","status":"Open"}"#, "bsg_ticket_id required");
    check_refused(
        r#"{"sociomile_ticket_id":"1","bsg_ticket_id":"1","status":" "}"#,
        "status required",
    );
    check_refused("{", "The body is no JSON");
    check_refused("[]", "The body must be an object");
}

#[test]
fn only_who_shows_the_secret_is_heard_by_query_or_header() {
    let body = "sociomile_ticket_id=66f0&bsg_ticket_id=1446&status=Open";
    let good = callback("application/x-www-form-urlencoded", body);
    let kind = good.headers[0].clone();
    let with = |query: Vec<(String, String)>, header: Option<&str>| {
        let header = header.map(|value| ("x-callback-secret".to_owned(), value.to_owned()));
        let headers = header.into_iter().chain([kind.clone()]).collect();
        Callback { query, headers, ..good.clone() }
    };
    assert!(callbacks().receive(&with(Vec::new(), Some(SECRET))).is_ok());
    let wrong = vec![("client_secret_key".to_owned(), "guess".to_owned())];
    for stranger in [with(Vec::new(), None), with(wrong, None), with(Vec::new(), Some("guess"))] {
        assert_eq!(callbacks().receive(&stranger), Err(Rejected::Unauthenticated));
    }
    let without_secret = Callbacks::new(None);
    assert_eq!(without_secret.receive(&good), Err(Rejected::Unauthenticated));
    let elsewhere = Callback { path: String::new(), ..good };
    assert_eq!(callbacks().receive(&elsewhere), Err(Rejected::NoSuchPath));
}

#[test]
fn what_is_heard_is_answered_as_an_update_is_answered_there() {
    let heard = callbacks().receive(&callback(
        "",
        r#"{"sociomile_ticket_id":"66f0","bsg_ticket_id":"1446","status":"close"}"#,
    ));
    let notices = heard.unwrap();
    for (told, message) in
        [(Told::Heard(&notices), "success"), (Told::Kept(&notices), "kept: ticket unknown")]
    {
        let answer = callbacks().answer(told);
        let expected = json!({
            "status": true, "success": true, "code": 200, "message": message,
            "ticket": { "data": { "Ticket Id": "1446", "Status": "Close" }, "is_escalation": false },
        });
        assert_eq!((answer.status, answer.body), (200, expected));
    }
}
