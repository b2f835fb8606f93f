//! The near name: which known name somebody probably meant.

/// The known name nearest to what was written, if it is near enough to be a slip.
pub(super) fn near<'n>(written: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    // A third of the letters wrong is still a slip; more is another word.
    let most = (written.chars().count() / 3).clamp(1, 4);
    known
        .into_iter()
        .map(|name| (distance(&written.to_lowercase(), &name.to_lowercase()), name))
        .filter(|(distance, _)| *distance <= most)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// "did you mean …?", or the list of what there is.
pub fn suggestion<'n>(written: &str, known: impl IntoIterator<Item = &'n str> + Clone) -> String {
    match near(written, known.clone()) {
        Some(name) => format!("did you mean `{name}`?"),
        None => list(known),
    }
}

/// How many known names a message lists before it says how many more there are.
const LISTED_MAX: usize = 12;

fn list<'n>(known: impl IntoIterator<Item = &'n str>) -> String {
    let names: Vec<&str> = known.into_iter().collect();
    let shown: Vec<String> = names.iter().take(LISTED_MAX).map(|n| format!("`{n}`")).collect();
    match names.len().checked_sub(LISTED_MAX) {
        _ if names.is_empty() => "there is none".to_owned(),
        Some(more) if more > 0 => format!("known are {} and {more} more", shown.join(", ")),
        _ => format!("known: {}", shown.join(", ")),
    }
}

/// Optimal string alignment distance: insertions, deletions, replacements and swapped neighbours.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let first: Vec<usize> = (0..=right.len()).collect();
    let mut rows = (first.clone(), first);
    let mut before = None;
    for (row, letter) in left.chars().enumerate() {
        let next = next_row(&rows, row, (before, letter), &right);
        rows = (rows.1, next);
        before = Some(letter);
    }
    rows.1.last().copied().unwrap_or_default()
}

/// One row of the distance matrix from the two above it.
fn next_row(
    (above_above, above): &(Vec<usize>, Vec<usize>),
    row: usize,
    (before, letter): (Option<char>, char),
    right: &[char],
) -> Vec<usize> {
    let at = |line: &[usize], column: usize| line.get(column).copied().unwrap_or(usize::MAX / 2);
    let mut line = vec![row + 1];
    let mut other_before = None;
    for (column, other) in right.iter().enumerate() {
        let replaced = at(above, column) + usize::from(*other != letter);
        let mut best = replaced.min(at(above, column + 1) + 1).min(at(&line, column) + 1);
        let swapped = before == Some(*other) && other_before == Some(letter);
        if let (true, Some(column)) = (swapped, column.checked_sub(1)) {
            best = best.min(at(above_above, column) + 1);
        }
        line.push(best);
        other_before = Some(*other);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_its_name_and_another_word_does_not() {
        let known = ["namaNasabah", "nominal", "nomorKartu"];
        assert_eq!(near("namaNasaba", known), Some("namaNasabah"));
        assert_eq!(near("nomnial", known), Some("nominal"));
        assert_eq!(near("NOMINAL", known), Some("nominal"));
        assert_eq!(near("alamat", known), None);
    }

    #[test]
    fn neighbours_that_are_swapped_count_once() {
        assert_eq!(distance("form", "from"), 1);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
