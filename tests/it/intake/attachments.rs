//! Attachments: what is taken for base64, and what is too much.

use omnihub::intake::{AttachmentLimits, IntakeError, Policy};
use omnihub_contract::Kind;
use serde_json::{Value, json};

use super::{Bench, check_complaints, decoded, small_ticket, taken, with};

fn ticket_with(attachments: Value) -> Value {
    with(small_ticket("OTHER"), "attachments", attachments)
}

fn file(content: impl Into<Value>) -> Value {
    let content = content.into();
    json!({ "filename": "a.bin", "mimeType": "application/octet-stream", "size": 1, "content": content })
}

/// Of the four bytes, as `sha256sum` has it.
const SHA256: &str = "e4dba37ed1741c3a48875e24b54e073f5d0a16fc936926e6997fcab59f3e08a3";

#[test]
fn base64_of_either_alphabet_is_decoded() {
    for content in ["+/+/QQ==", "+/+/QQ", "-_-_QQ==", "-_-_QQ", " +/+\r\n/QQ== ", "+/+/QR=="] {
        let taken = taken(Kind::Ticket, &ticket_with(json!([file(content)])));
        assert_eq!(taken.ticket.attachments.len(), 1);
        let attachment = &taken.ticket.attachments[0];
        assert_eq!((attachment.bytes, attachment.sha256), (4, SHA256.parse().unwrap()));
        assert_eq!(decoded(taken.contents), [vec![0xfb, 0xff, 0xbf, b'A']], "{content}");
    }
}

#[test]
fn the_size_is_kept_as_sent_or_is_the_true_one() {
    let sent = file("QUJD");
    let silent = with(file("QUJD"), "size", Value::Null);
    let taken = taken(Kind::Ticket, &ticket_with(json!([sent, silent])));
    let sizes: Vec<u64> = taken.ticket.attachments.iter().map(|file| file.size).collect();
    assert_eq!(sizes, [1, 3]);
    assert_eq!(decoded(taken.contents), [b"ABC", b"ABC"]);
}

#[test]
fn what_is_wrong_with_an_attachment_stands_at_its_place() {
    let base64 = "Content must be base64";
    let attachments = json!([
        file("QQ=="),
        file("iVBORw0KGgoAAAANSUhEUgAA..."),
        file("data:image/png;base64,QQ=="),
        file("+/-_"),
        file("A"),
        file(5),
        {},
        7,
        { "filename": "a/b", "mimeType": "x", "content": "QQ", "size": -1, "description": 1 }
    ]);
    check_complaints(
        Kind::Ticket,
        &ticket_with(attachments),
        &[
            ("attachments[1].content", base64),
            ("attachments[2].content", base64),
            ("attachments[3].content", base64),
            ("attachments[4].content", base64),
            ("attachments[5].content", "Content must be text"),
            ("attachments[6].content", "Content is required"),
            ("attachments[6].filename", "Filename is required"),
            ("attachments[6].mimeType", "Mime type is required"),
            ("attachments[7]", "Attachment must be an object"),
            ("attachments[8].description", "Description must be text"),
            ("attachments[8].size", "Size must be a whole number of bytes"),
        ],
    );
}

#[test]
fn attachments_have_limits_of_number_and_decoded_size() {
    let attachments = AttachmentLimits { count_max: 3, bytes_max: 6, ticket_bytes_max: 9 };
    let policy = Policy { attachments, ..Policy::default() };
    let bench = Bench { policy, ..Bench::default() };
    let complaint = |contents: &[&str]| {
        let files: Vec<Value> = contents.iter().map(|content| file(*content)).collect();
        match bench.take_value(Kind::Ticket, &ticket_with(json!(files))) {
            Ok(_) => None,
            Err(IntakeError::Fields(complaints)) => complaints.into_iter().next(),
            Err(error) => panic!("{error}"),
        }
    };
    let told = |path: &str, text: &str| Some((path.to_owned(), text.to_owned()));
    assert_eq!(complaint(&["QUJDQUJD", "QUJD"]), None);
    assert_eq!(complaint(&["Q U J D\nQ U J D", "QQ==", "QQ=="]), None);
    let one = told("attachments[0].content", "Content is larger than 6 bytes");
    assert_eq!(complaint(&["QUJDQUJDQQ"]), one);
    let together = told("attachments[1].content", "Attachments are larger than 9 bytes together");
    assert_eq!(complaint(&["QUJDQUJD", "QUJDQQ=="]), together);
    let number = told("attachments", "Attachments are more than 3");
    assert_eq!(complaint(&["QQ", "QQ", "QQ", "QQ"]), number);
}
