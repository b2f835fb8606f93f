use super::*;

fn at() -> Timestamp {
    Timestamp::UNIX_EPOCH
}

fn commented() -> Event {
    let comment = Comment {
        id: "c-1".to_owned(),
        content: "kartu saya tertelan".into(),
        author: "Siti Nurhaliza".into(),
        is_from_support: false,
        at: at(),
    };
    let created = Event::new(EventKind::TicketCommented, at(), Source::Client);
    Event { comment: Some(comment), ..created }
}

#[test]
fn an_event_that_was_kept_before_events_brought_anything_is_still_read() {
    let kept = r#"{"kind":"ticket.created","at":"1970-01-01T00:00:00Z","source":"client"}"#;
    let event = Event::new(EventKind::TicketCreated, at(), Source::Client);
    assert_eq!(serde_json::from_str::<Event>(kept).unwrap(), event);
    assert_eq!(serde_json::to_string(&event).unwrap(), kept);
}

#[test]
fn an_event_reads_back_as_it_was_written() {
    let event = commented();
    let text = serde_json::to_string(&event).unwrap();
    assert_eq!(serde_json::from_str::<Event>(&text).unwrap(), event);
}

#[test]
fn the_word_of_a_kind_is_the_one_that_is_kept() {
    for kind in EventKind::ALL {
        assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
    }
}

#[test]
fn nothing_that_somebody_wrote_is_printed() {
    let shown = format!("{:?}", commented());
    assert!(!shown.contains("tertelan") && !shown.contains("Siti"), "{shown}");
}
