//! `PATCH /api/omnichannel/tickets/{ticketNumber}`: what a body asks to change (OMNI API 1.0, "Update
//! Ticket"; Omnichannel payloads 1.0.0, "Update Ticket"; contract 1.6).
//!
//! It does not know the ticket: whether a closed one may be changed is for whoever keeps it to say.
//!
//! A comment's author is the customer, as OMNI API 1.0 shows it: who reads several comments wants a
//! name. The other documents print "Omnichannel System" and "Customer" (contract trap 23); the latter
//! stands where there is no name. The words are kept as sent: `[Via Omnichannel] ` is put before them
//! where they are shown, and by the helpdesk itself.

use std::fmt;

use jiff::Timestamp;
use omnihub_contract::{Attachment, Comment, Personal, StatusWord};
use serde_json::{Value, json};

use super::attachments::{self, ATTACHMENTS, Attached};
use super::content::Content;
use super::fields::{Field, Members, Wrong, prose, require, required_word, section, text};
use super::integration::{self, INTEGRATION, PARTNER_ID, REQUEST_ID};
use super::limits::COMMENT_CHARS_MAX;
use super::policy::AttachmentLimits;
use super::schema::{Object, named, place, word};
use super::{Document, IntakeError, Policy};

const ACTION: Field = Field::word("action", "Action");
// "Comment content is required" is the helpdesk's own text (domain 2.9).
const COMMENT: Field = Field::prose("comment", "Comment content", COMMENT_CHARS_MAX);
const STATUS: Field = Field::word("status", "Status");

const ACTIONS: &[&str] = &[ADD_COMMENT, UPDATE_STATUS, ADD_ATTACHMENT];
const ADD_COMMENT: &str = "ADD_COMMENT";
const UPDATE_STATUS: &str = "UPDATE_STATUS";
const ADD_ATTACHMENT: &str = "ADD_ATTACHMENT";

/// What a client may set: Omnichannel payloads 1.0.0, "Update Status" (contract trap 9).
const STATUSES: &[&str] = &["CANCELLED", "PENDING"];

/// What a comment without a customer's name is said to be from.
const NAMELESS: &str = "Customer";

/// What the hub knows of an update before it reads the body.
pub struct UpdateDoor<'a> {
    /// When the body arrived.
    pub now: Timestamp,
    /// The hub's id that a comment gets.
    pub id: String,
    /// The name of the ticket's customer.
    pub author: &'a Personal,
    /// What the ticket has attached already, as it counts against the limits of a ticket.
    pub attached: Attached,
    /// Limits.
    pub policy: &'a Policy,
}

/// What a body asks to change.
#[derive(PartialEq)]
pub enum Update {
    /// A comment is added.
    Comment(Comment),
    /// The status becomes CANCELLED or PENDING.
    Status(StatusWord),
    /// At least one file is added.
    Attachments {
        /// What is told of the files.
        attachments: Vec<Attachment>,
        /// Their contents, in the same order, as in [`Taken`](super::Taken).
        contents: Vec<Content>,
    },
}

impl fmt::Debug for Update {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Comment(comment) => f.debug_tuple("Comment").field(comment).finish(),
            Self::Status(word) => f.debug_tuple("Status").field(word).finish(),
            Self::Attachments { attachments, .. } => f
                .debug_struct("Attachments")
                .field("attachments", attachments)
                .finish_non_exhaustive(),
        }
    }
}

/// Reads the body of an update, which loses the contents of the files that are added.
///
/// # Errors
/// [`IntakeError::Fields`] with everything that is wrong. Members of another action are ignored.
pub fn update(document: &mut Document, door: &UpdateDoor<'_>) -> Result<Update, IntakeError> {
    let body = document.members();
    let mut wrong = Wrong::default();
    // The key of idempotency and its scope are read before; complaints about them stand beside the
    // others here.
    if let Some(block) = section(body, &INTEGRATION, &mut wrong) {
        text(block, &REQUEST_ID, &mut wrong);
        text(block, &PARTNER_ID, &mut wrong);
    }
    let action: Option<String> = required_word(body, &ACTION, ACTIONS, &mut wrong);
    let update = match action.as_deref() {
        Some(ADD_COMMENT) => comment(body, door, &mut wrong).map(Update::Comment),
        Some(UPDATE_STATUS) => {
            required_word(body, &STATUS, STATUSES, &mut wrong).map(Update::Status)
        }
        Some(ADD_ATTACHMENT) => Some(files(body, door, &mut wrong)),
        _ => None,
    };
    let Some(mut update) = update.filter(|_| wrong.is_empty()) else {
        return Err(wrong.into_error());
    };
    if let Update::Attachments { contents, .. } = &mut update {
        *contents = document.take_contents();
    }
    Ok(update)
}

fn comment(body: Members<'_>, door: &UpdateDoor<'_>, wrong: &mut Wrong) -> Option<Comment> {
    require(body, &COMMENT, wrong);
    let content = prose(body, &COMMENT, wrong)?;
    let is_nameless = door.author.reveal().trim().is_empty();
    let author = if is_nameless { NAMELESS.into() } else { door.author.clone() };
    Some(Comment { id: door.id.clone(), content, author, is_from_support: false, at: door.now })
}

fn files(body: Members<'_>, door: &UpdateDoor<'_>, wrong: &mut Wrong) -> Update {
    let given = body.find(&ATTACHMENTS);
    if given.is_none_or(|given| given.as_array().is_some_and(Vec::is_empty)) {
        wrong.add(ATTACHMENTS.path, "Attachments are required");
    }
    let limits = &door.policy.attachments;
    let attachments = attachments::attachments(body, limits, door.attached, wrong);
    Update::Attachments { attachments, contents: Vec::new() }
}

/// What is said of the body: one of three, told apart by `action`.
pub(super) fn schemas(limits: &AttachmentLimits) -> [(&'static str, Value); 5] {
    let of = |action: &str, about: &str| {
        Object::of(about)
            .needs(&ACTION, word(&[action], "Which change."))
            .may(&INTEGRATION, named("UpdateIntegration"))
    };
    let comment = of(ADD_COMMENT, "Adds a comment of the customer.")
        .needs_text(&COMMENT, "The words, without a prefix.");
    let status = of(UPDATE_STATUS, "Cancels or parks the ticket.")
        .needs(&STATUS, word(STATUSES, "The new status."));
    let files =
        of(ADD_ATTACHMENT, "Adds files.").needs(&ATTACHMENTS, attachments::some_schema(limits));
    [
        ("UpdateBody", one_of_three()),
        ("AddComment", comment.schema()),
        ("UpdateStatus", status.schema()),
        ("AddAttachment", files.schema()),
        ("UpdateIntegration", integration::schema_of_update()),
    ]
}

fn one_of_three() -> Value {
    let names = ["AddComment", "UpdateStatus", "AddAttachment"];
    let [comment, status, files] = names.map(place);
    json!({
        "description": "A change of a ticket. Members of another action are ignored.",
        "oneOf": names.map(named),
        "discriminator": {
            "propertyName": ACTION.name(),
            "mapping": { ADD_COMMENT: comment, UPDATE_STATUS: status, ADD_ATTACHMENT: files },
        },
    })
}
