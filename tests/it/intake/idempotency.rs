//! What idempotency asks of a body before it is validated, and bodies that are none.

use omnihub::intake::{Document, IntakeError};
use serde_json::{Value, json};

fn parsed(body: &str) -> Document {
    Document::parse(body.as_bytes()).unwrap()
}

fn print(body: &str) -> [u8; 32] {
    parsed(body).fingerprint("POST", "/api/omnichannel/claims")
}

#[track_caller]
fn check_key(member: impl Into<Value>, header: Option<&str>, expected: Result<Option<&str>, &str>) {
    let body = json!({ "integration": { "requestId": member.into() } }).to_string();
    let key = parsed(&body).request_id(header);
    match (key, expected) {
        (Ok(key), Ok(expected)) => assert_eq!(key.as_deref(), expected),
        (Err(IntakeError::Fields(complaints)), Err(path)) => {
            assert_eq!(complaints.keys().collect::<Vec<_>>(), [path]);
        }
        (Err(IntakeError::RequestIdConflict), Err("conflict")) => {}
        (key, expected) => panic!("{key:?}, not {expected:?}"),
    }
}

#[test]
fn the_order_of_members_and_white_space_do_not_change_a_fingerprint() {
    let one = r#"{"a":1,"b":{"c":[1,2,"x"],"d":null}}"#;
    assert_eq!(print(one), print(" {\"b\" : {\"d\":null,\n\"c\":[1, 2,\"\\u0078\"]},\"a\":1.0}"));
}

#[test]
fn a_number_is_printed_by_its_value() {
    assert_eq!(print(r#"{"a":500000}"#), print(r#"{"a":5e5}"#));
    assert_eq!(print(r#"{"a":0}"#), print(r#"{"a":-0.0}"#));
    assert_ne!(print(r#"{"a":0.1}"#), print(r#"{"a":0.2}"#));
}

/// Kept fingerprints are compared with those of a newer hub: a failure here asks for a new form name.
#[test]
fn the_form_of_fingerprints_is_fixed() {
    let body = r#"{"a":[1,-1.5,"x",true,false,null],"attachments":[{"content":"QQ=="}]}"#;
    let hex: String = print(body).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex, "8aece2df1a8b30727dda5cdcbe0abb54a07baa76b30137b08eff9b01ccea42f2");
}

#[test]
fn a_changed_value_changes_the_fingerprint() {
    let bodies = [
        r#"{}"#,
        r#"{"a":1}"#,
        r#"{"a":"1"}"#,
        r#"{"a":2}"#,
        r#"{"a":1.5}"#,
        r#"{"a":-1}"#,
        r#"{"a":null}"#,
        r#"{"a":true}"#,
        r#"{"a":false}"#,
        r#"{"a":[]}"#,
        r#"{"a":{}}"#,
        r#"{"a":[[],[]]}"#,
        r#"{"a":[[[]]]}"#,
        r#"{"a":["b","c"]}"#,
        r#"{"a":["c","b"]}"#,
        r#"{"a":["bc"]}"#,
        r#"{"b":1}"#,
        r#"{"a":1,"b":1}"#,
        r#"{"attachments":[{"content":"QQ=="}]}"#,
        r#"{"attachments":[{"content":"QUI="}]}"#,
        r#"{"attachments":[{"filename":"QQ=="}]}"#,
    ];
    let mut prints: Vec<_> = bodies.iter().map(|body| print(body)).collect();
    prints.sort_unstable();
    prints.dedup();
    assert_eq!(prints.len(), bodies.len());
}

#[test]
fn method_and_path_are_part_of_the_fingerprint() {
    let body = parsed("{}");
    assert_ne!(body.fingerprint("POST", "/a"), body.fingerprint("PATCH", "/a"));
    assert_ne!(body.fingerprint("POST", "/a"), body.fingerprint("POST", "/b"));
    assert_ne!(body.fingerprint("POST", "/a"), body.fingerprint("POST/", "a"));
}

#[test]
fn a_key_comes_from_the_body_or_the_header() {
    check_key(Value::Null, None, Ok(None));
    check_key(" ", Some("\"\""), Ok(None));
    check_key("req-1", None, Ok(Some("req-1")));
    check_key(Value::Null, Some("req-1"), Ok(Some("req-1")));
    check_key(Value::Null, Some(" \"req-1\" "), Ok(Some("req-1")));
    check_key(Value::Null, Some(r#""a\"b\\c""#), Ok(Some(r#"a"b\c"#)));
    check_key("req-1", Some("\"req-1\""), Ok(Some("req-1")));
    check_key("req-1", Some("req-2"), Err("conflict"));
    check_key(5, Some("req-2"), Err("integration.requestId"));
    check_key("x".repeat(256), None, Err("integration.requestId"));
    check_key(Value::Null, Some(&"x".repeat(256)), Err("Idempotency-Key"));
    let no_block = parsed(r#"{"integration":"x"}"#).request_id(None);
    assert_eq!(no_block, Ok(None));
}

#[test]
fn the_partner_reference_is_read_before_validation() {
    let reference = |body: &str| parsed(body).partner_reference().map(str::to_owned);
    assert_eq!(reference(r#"{"integration":{"partnerId":" P1 "}}"#).as_deref(), Some("P1"));
    assert_eq!(reference(r#"{"integration":{"partnerId":7}}"#), None);
    assert_eq!(reference(r#"{"integration":7}"#), None);
    assert_eq!(reference("{}"), None);
}

#[test]
fn what_is_no_json_object_is_told_with_its_place() {
    #[track_caller]
    fn check_not_json(body: &[u8], place: (usize, usize), expected: &str) {
        match Document::parse(body).err() {
            Some(IntakeError::NotJson { line, column, reason }) => {
                assert_eq!(((line, column), reason.as_str()), (place, expected));
            }
            other => panic!("{other:?}"),
        }
    }
    check_not_json(b"", (1, 0), "EOF while parsing a value");
    check_not_json(b"{\"nama\":\n \"John", (2, 6), "EOF while parsing a string");
    check_not_json(b"{\"a\":1} x", (1, 9), "trailing characters");
    check_not_json(b"{\"a\":\"\xff\"}", (1, 7), "invalid unicode code point");
    check_not_json("[".repeat(200).as_bytes(), (1, 128), "nested too deep");
    for body in ["[]", "null", "1", "\"x\""] {
        assert_eq!(Document::parse(body.as_bytes()).err(), Some(IntakeError::NotAnObject));
    }
}
