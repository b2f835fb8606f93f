//! Whether a filled path is still that of its own row.
//!
//! Servers prefer a literal segment to a parameter, so that a ticket named `assignment` cannot be asked
//! for by number: the path would be another route (contract trap 74).

use omnihub_contract::Operation;

/// Whether another row of the same method has a literal where this one is filled by a value that is
/// spelled alike, and fits in all other segments too.
pub(crate) fn is_another<'v>(
    rows: &[Operation],
    row: &Operation,
    value: impl Fn(&str) -> Option<&'v str>,
) -> bool {
    let others = rows.iter().filter(|other| other.method == row.method && other.path != row.path);
    let mut filled: Vec<&str> = row.path.split('/').collect();
    for segment in &mut filled {
        if let Some(name) = parameter(segment) {
            *segment = value(name).unwrap_or_default();
        }
    }
    others.into_iter().any(|other| {
        let is_as_long = other.path.split('/').count() == filled.len();
        let fits =
            other.path.split('/').zip(&filled).all(|(theirs, ours)| {
                parameter(theirs).is_some() || theirs.eq_ignore_ascii_case(ours)
            });
        let mut pairs = other.path.split('/').zip(row.path.split('/'));
        let is_sharper =
            pairs.any(|(theirs, ours)| parameter(theirs).is_none() && parameter(ours).is_some());
        is_as_long && fits && is_sharper
    })
}

/// The name in a segment that is a parameter.
fn parameter(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use omnihub_contract::{Effect, Repeat};

    const fn row(method: &'static str, path: &'static str) -> Operation {
        let (fields, gives) = (&[], &[]);
        let (repeat, effect) = (Repeat::Safe, Effect::Read);
        Operation { name: path, method, path, fields, gives, repeat, effect }
    }

    const ROWS: &[Operation] = &[
        row("GET", "/{number}"),
        row("GET", "/assignment"),
        row("PUT", "/close"),
        row("GET", "/talks/{channel}/{person}/history"),
        row("GET", "/talks/{channel}/{key}/{person}"),
        row("GET", "/talks/channelId/{id}/{person}"),
    ];

    #[track_caller]
    fn check_another(path: &str, values: &[(&str, &'static str)], expected: bool) {
        let row = ROWS.iter().find(|row| row.path == path).unwrap();
        let value = |name: &str| values.iter().find(|(known, _)| *known == name).map(|it| it.1);
        assert_eq!(is_another(ROWS, row, value), expected, "{path} {values:?}");
    }

    #[test]
    fn a_literal_segment_of_another_row_cannot_be_given_as_a_value() {
        check_another("/{number}", &[("number", "1446")], false);
        check_another("/{number}", &[("number", "assignment")], true);
        check_another("/{number}", &[("number", "Assignment")], true);
        // Another method's path.
        check_another("/{number}", &[("number", "close")], false);
        check_another("/assignment", &[], false);
    }

    #[test]
    fn paths_of_several_parameters_stay_apart() {
        let keyed = "/talks/{channel}/{key}/{person}";
        check_another(keyed, &[("channel", "wa"), ("key", "k"), ("person", "p")], false);
        check_another(keyed, &[("channel", "wa"), ("key", "k"), ("person", "history")], true);
        check_another(keyed, &[("channel", "channelId"), ("key", "k"), ("person", "p")], true);
        let history = "/talks/{channel}/{person}/history";
        check_another(history, &[("channel", "wa"), ("person", "p")], false);
        check_another(history, &[("channel", "channelId"), ("person", "p")], true);
        let by_id = "/talks/channelId/{id}/{person}";
        check_another(by_id, &[("id", "7"), ("person", "history")], true);
    }
}
