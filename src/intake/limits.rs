//! How much of anything a body may carry, and why that much.
//!
//! The documents bound nothing but `nominal`. Characters are Unicode scalar values, white space at both
//! ends among them, so that a schema can say the bound.
//! What an operator may want to move is in [`Policy`](super::Policy) instead.

/// The largest disputed amount, in whole rupiah (OMNI API 1.0, "Create Simplified Claim").
pub(super) const RUPIAH_MAX: u64 = 1_000_000_000;

/// Names of people, branches and machines: several times the longest in use.
pub(super) const NAME_CHARS_MAX: usize = 200;
/// An e-mail address (RFC 5321, 4.5.3.1.3, less the brackets).
pub(super) const EMAIL_CHARS_MAX: usize = 254;
/// A phone number with any separators: E.164 has 15 digits.
pub(super) const PHONE_CHARS_MAX: usize = 40;
/// Account, card, branch and machine numbers, and a customer's id.
pub(super) const CODE_CHARS_MAX: usize = 64;
/// Ids and references of other systems: the usual width of such a column, and room for an e-mail's
/// message id, the longest of them.
pub(super) const REFERENCE_CHARS_MAX: usize = 255;
/// A word of a closed list; long enough that a misspelt one is told the list and not its length.
pub(super) const WORD_CHARS_MAX: usize = 64;
/// A title: what one line of a list can show, several times over.
pub(super) const TITLE_CHARS_MAX: usize = 300;
/// A description: about three pages, where the documented ones have a line.
pub(super) const DESCRIPTION_CHARS_MAX: usize = 10_000;
/// A comment: as a description.
pub(super) const COMMENT_CHARS_MAX: usize = DESCRIPTION_CHARS_MAX;
/// A reason: a paragraph.
pub(super) const REASON_CHARS_MAX: usize = 2_000;
/// An address: what browsers and proxies take.
pub(super) const URL_CHARS_MAX: usize = 2_048;
/// A date with fraction and offset.
pub(super) const DATE_CHARS_MAX: usize = 40;
/// A file name, as file systems bound it.
pub(super) const FILENAME_CHARS_MAX: usize = 255;
/// A media type: 127 characters on each side of the slash (RFC 6838, 4.2).
pub(super) const MIME_TYPE_CHARS_MAX: usize = 255;

/// Metadata as compact JSON: a hundred times what the documented examples carry, and small enough to
/// be kept in one value.
pub(super) const METADATA_BYTES_MAX: usize = 64 * 1024;
/// Nesting of metadata; the documented `customFields` need two.
pub(super) const METADATA_DEPTH_MAX: usize = 16;

/// Characters of the description that a generated title shows.
pub(super) const TITLE_EXCERPT_CHARS: usize = 80;
