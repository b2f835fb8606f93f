//! The made-up systems: what they can be asked, and how the mappings tell them.
//!
//! `desk` numbers tickets, and can be asked after its creates. `branch` waits for that number, and can
//! not be asked. `archive` may have nothing to do with a ticket; a second note there is no harm.
//! `teller` stands for webhooks: it is told of everything, and takes repeats.

use std::sync::{Arc, LazyLock};

use omnihub::mapping::{self, Catalog, CompileOptions, MappingFile, Mappings};
use omnihub_contract::{Effect, Field, Operation, Repeat};

/// A system.
#[derive(Debug)]
pub(crate) struct System {
    pub(crate) name: &'static str,
    pub(crate) operations: &'static [Operation],
    /// Attempts at once.
    pub(crate) concurrency: usize,
    /// Operations that are repeated although their outcome is unknown.
    pub(crate) repeat_unknown: &'static [&'static str],
    /// Failures after which it is left alone; none: it never is.
    pub(crate) breaker: u32,
    /// What it must have been given before each of its operations: who gives it, by which.
    pub(crate) needs: &'static [(&'static str, (&'static str, &'static str))],
}

const DESK: &[Operation] = &[
    row("create", &[Field::text("title").mandatory()], &["number"], Repeat::Unsafe, Effect::Create),
    row(
        "comment",
        &[Field::text("number").mandatory(), Field::text("text").mandatory()],
        &[],
        Repeat::Unsafe,
        Effect::Change,
    ),
    row(
        "status",
        &[Field::text("number").mandatory(), Field::text("word").mandatory()],
        &[],
        Repeat::Safe,
        Effect::Change,
    ),
];

const BRANCH: &[Operation] = &[
    row(
        "create",
        &[Field::text("number").mandatory(), Field::text("title").mandatory()],
        &["id"],
        Repeat::Unsafe,
        Effect::Create,
    ),
    row(
        "status",
        &[Field::text("id").mandatory(), Field::text("word").mandatory()],
        &[],
        Repeat::Safe,
        Effect::Change,
    ),
    row("notice", &[Field::text("text").mandatory()], &[], Repeat::Safe, Effect::Change),
];

const ARCHIVE: &[Operation] = &[
    row("link", &[Field::text("title").mandatory()], &["link"], Repeat::Safe, Effect::Read),
    row(
        "note",
        &[Field::text("link").mandatory(), Field::text("text").mandatory(), Field::text("about")],
        &[],
        Repeat::Unsafe,
        Effect::Change,
    ),
];

const TELLER: &[Operation] = &[row(
    "tell",
    &[Field::text("public"), Field::text("desk"), Field::text("text").mandatory()],
    &[],
    Repeat::Safe,
    Effect::Change,
)];

/// All of them.
pub(crate) static SYSTEMS: [System; 4] = [
    System {
        name: "desk",
        operations: DESK,
        concurrency: 2,
        repeat_unknown: &[],
        breaker: 4,
        needs: &[("comment", ("desk", "create")), ("status", ("desk", "create"))],
    },
    System {
        name: "branch",
        operations: BRANCH,
        concurrency: 1,
        repeat_unknown: &[],
        breaker: 4,
        needs: &[("create", ("desk", "create")), ("status", ("branch", "create"))],
    },
    System {
        name: "archive",
        operations: ARCHIVE,
        concurrency: 2,
        repeat_unknown: &["note"],
        breaker: 6,
        needs: &[("note", ("archive", "link"))],
    },
    System {
        name: "teller",
        operations: TELLER,
        concurrency: 4,
        repeat_unknown: &[],
        breaker: 0,
        needs: &[],
    },
];

const fn row(
    name: &'static str,
    fields: &'static [Field],
    gives: &'static [&'static str],
    repeat: Repeat,
    effect: Effect,
) -> Operation {
    Operation { name, method: "POST", path: "/", fields, gives, repeat, effect }
}

const TEXTS: [(&str, &str); 4] = [
    ("desk", include_str!("mappings/desk.toml")),
    ("branch", include_str!("mappings/branch.toml")),
    ("archive", include_str!("mappings/archive.toml")),
    ("teller", include_str!("mappings/teller.toml")),
];

/// A rule that is named anew: deliveries of the old name have no rule.
const RENAMED: (&str, &str) = (
    "name      = \"moved\"\non        = \"ticket.status_changed\"\noperation = \"tell\"",
    "name      = \"told\"\non        = \"ticket.status_changed\"\noperation = \"tell\"",
);

/// A rule that reads more than it did: its deliveries wait for that too.
const READS_MORE: (&str, &str) = (
    "text      = { value = \"greeted\" }",
    "text      = { value = \"greeted\" }\ndesk      = \"receipts.desk.number\"",
);

/// A rule that refuses nothing.
const TAKES_ALL: (&str, &str) = ("otherwise = \"refuse\"", "otherwise = \"omit\"");

/// The rule of the old name beside that of the new.
const BOTH: &str = "
[[rule]]
name      = \"told\"
on        = \"ticket.status_changed\"
also      = true
operation = \"tell\"
[rule.fields]
public    = \"receipts.hub.number\"
text      = \"event.change.to\"
";

/// The sets of mappings that are swapped for one another during a run.
pub(crate) static SETS: LazyLock<Vec<Arc<Mappings>>> = LazyLock::new(|| {
    let sets: [&[(&str, &str)]; 4] = [&[], &[READS_MORE], &[RENAMED], &[RENAMED, READS_MORE]];
    sets.iter().map(|edits| compiled(edits, "")).collect()
});

/// The set that has every rule and refuses nothing.
pub(crate) static MENDED: LazyLock<Arc<Mappings>> = LazyLock::new(|| compiled(&[TAKES_ALL], BOTH));

fn compiled(edits: &[(&str, &str)], more: &str) -> Arc<Mappings> {
    let file = |(adapter, text): &(&str, &str)| {
        let edited = edits.iter().fold(text.to_string(), |text, (from, to)| text.replace(from, to));
        let text = if *adapter == "teller" { edited + more } else { edited };
        MappingFile { adapter: (*adapter).into(), path: format!("{adapter}.toml"), text }
    };
    let catalog = |system: &System| Catalog {
        adapter: system.name.into(),
        operations: system.operations,
        incoming: &[],
        settings: serde_json::Map::new(),
    };
    let files: Vec<_> = TEXTS.iter().map(file).collect();
    let catalogs: Vec<_> = SYSTEMS.iter().map(catalog).collect();
    let compiled = mapping::compile(&files, &catalogs, CompileOptions::default());
    Arc::new(compiled.unwrap_or_else(|findings| panic!("{findings}")))
}
