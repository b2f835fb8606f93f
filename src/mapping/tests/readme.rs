//! `mappings/README.md`: its examples compile, and nothing that files can say is missing.

use super::catalogs::{catalogs, compiled, file, shipped};
use crate::mapping::check::TAKEN_AS;
use crate::mapping::{path, transform};

const README: &str = include_str!("../../../mappings/README.md");

fn examples() -> impl Iterator<Item = &'static str> {
    README.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next())
}

/// A rule that the lines of an example stand in.
fn whole(example: &str) -> String {
    if example.starts_with("adapter = ") {
        return example.to_owned();
    }
    let head = "adapter = \"webhook\"\n[[rule]]\nname = \"created\"\non = \"ticket.created\"\n\
                operation = \"send\"\n[rule.fields]\nurl = { value = \"https://x.example\" }\n\
                event = \"event.kind\"\nticketNumber = \"ticket.number\"\n\
                timestamp = \"event.at | iso\"\n";
    format!("{head}{example}")
}

#[test]
fn every_example_compiles_without_a_finding() {
    assert!(examples().count() >= 7);
    for example in examples() {
        let text = whole(example);
        let adapter = text.split('"').nth(1).unwrap();
        let mut files = shipped();
        files.retain(|shipped| shipped.adapter.as_str() != adapter);
        files.push(file(adapter, &text));
        let mappings = compiled(&files, false).unwrap_or_else(|findings| panic!("{findings}"));
        assert_eq!(mappings.warnings().as_slice(), []);
    }
}

/// What the README shows of a finding is what the check says.
#[test]
fn the_finding_in_it_is_the_one_that_is_told() {
    let shown = README.split("```text\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let line = examples().next().unwrap().replace("branch_code", "branch_cod");
    let mut files = shipped();
    let webhook = files.iter_mut().find(|file| file.adapter.as_str() == "webhook").unwrap();
    let place = "data.priority = \"ticket.priority\"\n";
    webhook.text = webhook.text.replacen(place, &format!("{place}{line}"), 1);
    let said = compiled(&files, false).unwrap_err().to_string();
    for line in shown.lines() {
        assert!(said.contains(line), "{line}\n{said}");
    }
}

#[test]
fn it_names_every_path_every_transform_and_everything_that_systems_say() {
    for path in path::names() {
        let (group, member) = path.rsplit_once('.').unwrap();
        let is_named = README.contains(path)
            || (README.contains(&format!("`{group}.…`"))
                && README.contains(&format!("`{member}`")));
        assert!(is_named, "{path}");
    }
    for transform in transform::names() {
        assert!(README.contains(&format!("| `{transform}")), "{transform}");
    }
    for kind in TAKEN_AS {
        assert!(README.contains(&format!("`{kind}`")), "{kind}");
    }
    for catalog in catalogs() {
        for incoming in catalog.incoming {
            let (adapter, name) = (&catalog.adapter, incoming.name);
            assert!(
                README.contains(&format!("`{name}`")),
                "no row says that {adapter} tells {name}"
            );
        }
    }
}
