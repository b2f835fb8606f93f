use super::*;

#[track_caller]
fn check_match(on: &str, body: &str, expected: bool) {
    let faults = Faults::default();
    faults.replace(vec![FaultRule::new(What::Hang).on(on)]);
    let verdict = faults.judge(&Call {
        method: &http::Method::POST,
        path: "/bank-sulut/create",
        query: "client_secret_key=s",
        body: body.as_bytes(),
    });
    assert_eq!(verdict.what.is_some(), expected, "{on} on {body}");
}

fn post() -> Call<'static> {
    Call { method: &http::Method::POST, path: "/x", query: "", body: b"" }
}

fn fired(rule: FaultRule, calls: u64) -> Vec<u64> {
    let faults = Faults::default();
    faults.replace(vec![rule]);
    (1..=calls).filter(|_| faults.judge(&post()).what.is_some()).collect()
}

fn nth(number: u64) -> NonZeroU64 {
    NonZeroU64::new(number).unwrap()
}

#[test]
fn a_rule_is_for_a_path_a_member_or_a_text() {
    check_match("", "{}", true);
    check_match("/bank-sulut", "{}", true);
    check_match("/bank-sulut/update-status", "{}", false);
    check_match("POST /bank-sulut/create", "{}", true);
    check_match("GET /bank-sulut/create", "{}", false);
    check_match("ticketType=voice", r#"{"ticketType": "voice"}"#, true);
    check_match("ticketType=voice", "ticketType=voice&content=x", true);
    check_match("ticketType=voice", r#"{"ticketType":"helpdesk","content":"voice"}"#, false);
    check_match("nominal=5", r#"{"nominal":5}"#, true);
    check_match("Budi", r#"{"namaNasabah":"Budi"}"#, true);
    check_match("Budi", r#"{"namaNasabah":"Ani"}"#, false);
}

#[test]
fn a_rule_fires_as_often_as_it_says() {
    assert_eq!(fired(FaultRule::new(What::Hang).times(nth(2)), 5), [1, 2]);
    assert_eq!(fired(FaultRule::new(What::Hang).every(nth(3)), 7), [3, 6]);
    assert_eq!(fired(FaultRule::new(What::Hang).every(nth(2)).times(nth(1)), 7), [2]);
    assert_eq!(fired(FaultRule::new(What::Hang).probability(0.0, 1), 50), [0_u64; 0]);
    assert_eq!(fired(FaultRule::new(What::Hang).probability(1.0, 1), 3), [1, 2, 3]);
}

#[test]
fn chance_is_the_same_for_the_same_seed() {
    let of = |seed| fired(FaultRule::new(What::Hang).probability(0.3, seed), 1000);
    assert_eq!(of(7), of(7));
    assert_ne!(of(7), of(8));
    assert!((250..350).contains(&of(7).len()), "{}", of(7).len());
}

#[test]
fn delays_add_up_and_let_later_rules_decide() {
    let faults = Faults::default();
    let delays = [What::Delay(5), What::Delay(7), What::DropAfter, What::Delay(100)];
    faults.replace(delays.map(FaultRule::new).into());
    assert_eq!(faults.judge(&post()), Verdict { delay_ms: 12, what: Some(What::DropAfter) });
}

#[track_caller]
fn check_refused(rules: &str, expected: &str) {
    let why = FaultRule::parse_list(rules.as_bytes()).unwrap_err().to_string();
    assert!(why.contains(expected), "{why}");
}

#[test]
fn a_rule_that_says_something_unknown_is_refused() {
    check_refused("{}", "not a JSON list of rules");
    check_refused(
        r#"[{"what":"hang"},{"what":"hang","tmies":1}]"#,
        "rule 1: unknown field `tmies`",
    );
    check_refused(r#"[{"on":"/x"}]"#, "missing field `what`");
    check_refused(r#"[{"what":"hangs"}]"#, "drop_before, drop_after or hang");
    check_refused(r#"[{"what":{"status":503,"delay_ms":1}}]"#, "unknown field `delay_ms`");
    check_refused(r#"[{"what":{"status":99}}]"#, "status is 99");
    check_refused(r#"[{"what":{"status":503,"headers":{"a b":"c"}}}]"#, "cannot be sent");
    check_refused(r#"[{"what":{"delay_ms":600001}}]"#, "at most 600000");
    check_refused(r#"[{"what":{"throttle":{"after":1}}}]"#, "unknown field `after`");
    check_refused(r#"[{"what":{}}]"#, "none of status");
    check_refused(r#"[{"what":"hang","probability":1.5}]"#, "not between 0 and 1");
    check_refused(r#"[{"what":"hang","seed":1}]"#, "seed stands without probability");
    check_refused(r#"[{"what":"hang","times":0}]"#, "nonzero");
}
