//! `/docs`: the whole description as one page that loads nothing.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};

use super::conforms::DOCUMENT;
use crate::hub::TestHub;

/// What stands between these two, each time.
fn between<'a>(text: &'a str, before: &str, after: &str) -> Vec<&'a str> {
    text.split(before).skip(1).map(|rest| rest.split(after).next().unwrap()).collect()
}

#[tokio::test]
async fn it_needs_no_key_no_network_and_no_script() {
    let hub = TestHub::start().await;
    let answer = hub.client().bare().get("/docs", 200).await;
    assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
    let page = std::str::from_utf8(&answer.bytes).unwrap();
    for loader in ["<script", "<img", "<iframe", "src=", "@import", "url(", " on", "style="] {
        let inside = between(page, "<", ">");
        assert!(!inside.iter().any(|tag| tag.contains(loader)), "{loader}");
    }
    for target in between(page, "href=\"", "\"") {
        let is_here = target.starts_with('#') || target == "/openapi.json" || target == "data:,";
        assert!(is_here, "{target}");
        if let Some(id) = target.strip_prefix('#') {
            assert!(page.contains(&format!("id=\"{id}\"")), "{target} leads nowhere");
        }
    }
    let policy = answer.header("content-security-policy").unwrap();
    let styles = between(page, "<style>", "</style>");
    assert_eq!(styles.len(), 1);
    assert!(!styles[0].contains("url(") && !styles[0].contains("@import"));
    let hash = BASE64_STANDARD.encode(Sha256::digest(styles[0]));
    let only = ["default-src 'none'", &format!("style-src 'sha256-{hash}'"), "img-src data:"];
    assert!(only.iter().all(|rule| policy.contains(rule)), "{policy}");
    assert!(!policy.contains("unsafe") && !policy.contains("http"), "{policy}");
    hub.done(&[]).await;
}

#[tokio::test]
async fn it_shows_every_operation_schema_and_header() {
    let hub = TestHub::start().await;
    let answer = hub.client().bare().get("/docs", 200).await;
    let page = std::str::from_utf8(&answer.bytes).unwrap();
    let names = |of: &str| DOCUMENT["components"][of].as_object().unwrap().keys();
    for schema in names("schemas") {
        assert!(page.contains(&format!("id=\"schema-{schema}\"")), "{schema}");
    }
    for header in names("headers") {
        assert!(page.contains(&format!("<code>{header}</code>")), "{header}");
    }
    for path in DOCUMENT["paths"].as_object().unwrap().keys() {
        assert!(page.contains(path), "{path}");
    }
    for word in ["ADD_ATTACHMENT", "INTERNET_BANKING", "ticket.metadata.claimAmount", "1000000000"]
    {
        assert!(page.contains(word), "{word}");
    }
    hub.done(&[]).await;
}
