//! The codes of everything that mapping files can have wrong, and of what can stop one delivery.
//!
//! `H02…` are found before anything runs, `H03…` when a ticket is mapped.

/// The file is no TOML.
pub const SYNTAX: &str = "H0201";
/// A key that the mapping language does not have.
pub const UNKNOWN_KEY: &str = "H0202";
/// A key is missing, or has a value of the wrong form.
pub const FORM: &str = "H0203";
/// No adapter has that name.
pub const UNKNOWN_ADAPTER: &str = "H0204";
/// The hub has no event of that name.
pub const UNKNOWN_EVENT: &str = "H0205";
/// The adapter has no operation of that name.
pub const UNKNOWN_OPERATION: &str = "H0206";
/// The operation has no field of that name.
pub const UNKNOWN_FIELD: &str = "H0207";
/// The canonical model has no such path, or it cannot be read there.
pub const UNKNOWN_PATH: &str = "H0208";
/// The file has no table of that name.
pub const UNKNOWN_TABLE: &str = "H0209";
/// There is no such transform, or it is written wrongly.
pub const TRANSFORM: &str = "H0210";
/// The adapter's settings lack it, or it has the wrong type.
pub const SETTING: &str = "H0211";
/// The value's type is not the one that is needed.
pub const TYPE: &str = "H0212";
/// A mandatory field has no line.
pub const MANDATORY: &str = "H0213";
/// A value may be absent, and the line does not say what happens then.
pub const MAY_BE_ABSENT: &str = "H0214";
/// No operation, or no rule that is switched on, gives this receipt.
pub const UNKNOWN_RECEIPT: &str = "H0215";
/// Rules wait for each other.
pub const CYCLE: &str = "H0216";
/// Two rules of one operation can match the same event.
pub const OVERLAP: &str = "H0217";
/// Two rules of one file have the same name.
pub const DUPLICATE: &str = "H0218";
/// A word that the path can never be.
pub const UNKNOWN_WORD: &str = "H0219";
/// A time format or zone that does not exist.
pub const TIME: &str = "H0220";
/// A rule waits for a receipt that some of its tickets never get.
pub const NEVER_GIVEN: &str = "H0221";
/// The file has no group of fields of that name.
pub const UNKNOWN_GROUP: &str = "H0222";
/// What is sent does not come back as what it was, and the table does not say so.
pub const LOSSY: &str = "H0223";
/// The system tells nothing of that name.
pub const UNKNOWN_INCOMING: &str = "H0224";
/// Warning: something in the file has no effect.
pub const NO_EFFECT: &str = "H0290";

/// A value is absent, and its line says `refuse`.
pub const ABSENT: &str = "H0301";
/// A value cannot be converted, and its line says `refuse`.
pub const UNFIT: &str = "H0302";
/// The ticket lacks what every ticket that the rule matches should have.
pub const BROKEN_PROMISE: &str = "H0303";

/// A system says a word that its mapping does not know.
pub const UNKNOWN_SAID: &str = "H0306";
/// A system says something that no mapping reads, or more than is read.
pub const NOT_READ: &str = "H0307";

/// Every code with one sentence, for `omnihub explain` and its test.
pub const ALL: &[(&str, &str)] = &[
    (SYNTAX, "A mapping file is not TOML."),
    (UNKNOWN_KEY, "A mapping file has a key that the mapping language does not know."),
    (FORM, "A key of a mapping file is missing or its value has the wrong form."),
    (UNKNOWN_ADAPTER, "A mapping file is for an adapter that does not exist."),
    (UNKNOWN_EVENT, "A rule waits for an event that the hub does not have."),
    (UNKNOWN_OPERATION, "A rule asks for an operation that the adapter does not have."),
    (UNKNOWN_FIELD, "A rule fills a field that the operation does not have."),
    (UNKNOWN_PATH, "A path is not in the canonical model, or cannot be read at that place."),
    (UNKNOWN_TABLE, "A line looks a word up in a table that the file does not have."),
    (TRANSFORM, "A transform does not exist or is written wrongly."),
    (SETTING, "A mapping file reads a setting that the adapter lacks or that has the wrong type."),
    (TYPE, "A value has another type than its place needs."),
    (MANDATORY, "A rule does not fill a field that the upstream insists on."),
    (MAY_BE_ABSENT, "A value may be absent and its line does not say what happens otherwise."),
    (UNKNOWN_RECEIPT, "A rule waits for a receipt that nothing gives."),
    (CYCLE, "Rules wait for each other's receipts, so that none could ever be delivered."),
    (OVERLAP, "Two rules of one operation can match the same event."),
    (DUPLICATE, "Two rules of one mapping file have the same name."),
    (UNKNOWN_WORD, "A condition or table names a word that the path can never be."),
    (TIME, "A time format or a time zone does not exist."),
    (NEVER_GIVEN, "A rule waits for a receipt that some of the tickets it matches never get."),
    (UNKNOWN_GROUP, "A rule takes a group of fields that the file does not have."),
    (LOSSY, "What is sent in one word comes back as another, and the table does not say so."),
    (UNKNOWN_INCOMING, "A section reads something that the system never tells."),
    (NO_EFFECT, "A line of a mapping file has no effect."),
    (ABSENT, "A field that the upstream needs has no value in this ticket."),
    (UNFIT, "A value of this ticket cannot be turned into what the upstream needs."),
    (BROKEN_PROMISE, "The ticket lacks what every ticket of its kind should have."),
    (UNKNOWN_SAID, "A system says a word that its mapping does not know."),
    (NOT_READ, "A system says something that no mapping reads."),
];
