//! As much of Rust's lexis and of `use` as the walls need.

/// Without the items that are only there for tests.
pub(super) fn without_tests(text: &str) -> String {
    const MARK: &str = "#[cfg(test)]";
    let Some((before, after)) = text.split_once(MARK) else { return text.to_owned() };
    let (_, item) = after.split_at(after.find([';', '{']).unwrap_or(after.len()));
    let rest = match item.strip_prefix('{') {
        Some(body) => body.split_once("\n}").map_or("", |(_, rest)| rest),
        None => item,
    };
    before.to_owned() + &without_tests(rest)
}

/// The text with comments, and if wanted texts, replaced by spaces.
pub(super) fn blanked(text: &str, texts_too: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let (special, is_text) = special(rest);
        let length = if special == 0 { c.len_utf8() } else { special };
        let (piece, after) = rest.split_at(length);
        let is_blank = special > 0 && (texts_too || !is_text);
        out.push_str(if is_blank { " " } else { piece });
        rest = after;
    }
    out
}

/// Length of the comment or text that begins here, and whether it is a text.
fn special(rest: &str) -> (usize, bool) {
    if rest.starts_with("//") {
        return (rest.find('\n').unwrap_or(rest.len()), false);
    }
    if rest.starts_with("/*") {
        return (rest.find("*/").map_or(rest.len(), |end| end + 2), false);
    }
    if let Some(raw) = rest.strip_prefix('r') {
        let inside = raw.trim_start_matches('#');
        let hashes = raw.len() - inside.len();
        if let Some(inside) = inside.strip_prefix('"') {
            let end = format!("\"{}", "#".repeat(hashes));
            let length = inside.find(&end).map_or(inside.len(), |at| at + end.len());
            return (2 + hashes + length, true);
        }
    }
    if let Some(inside) = rest.strip_prefix('"') {
        return (1 + quoted(inside, '"'), true);
    }
    if let Some(inside) = rest.strip_prefix('\'') {
        // Otherwise it is a lifetime.
        let is_character = inside.starts_with('\\') || inside.chars().nth(1) == Some('\'');
        return if is_character { (1 + quoted(inside, '\''), true) } else { (0, false) };
    }
    (0, false)
}

/// Bytes up to and with the closing mark.
fn quoted(rest: &str, mark: char) -> usize {
    let mut is_escaped = false;
    for (at, c) in rest.char_indices() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            c if c == mark => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// Whether a token is a name.
pub(super) fn is_name(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Names, `::`, and every other sign by itself.
pub(super) fn tokens(code: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut rest = code;
    while let Some(c) = rest.chars().next() {
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        let length = match c {
            c if is_part(c) => rest.find(|c| !is_part(c)).unwrap_or(rest.len()),
            ':' if rest.starts_with("::") => 2,
            c => c.len_utf8(),
        };
        let (token, after) = rest.split_at(length);
        if !c.is_whitespace() {
            tokens.push(token.to_owned());
        }
        rest = after;
    }
    tokens
}

/// Reads a path that is no `use`; gives where it ends.
pub(super) fn path(tokens: &[String], from: usize, paths: &mut Vec<String>) -> usize {
    let mut at = from;
    while at + 2 < tokens.len() && tokens[at + 1] == "::" && is_name(&tokens[at + 2]) {
        at += 2;
    }
    if at > from {
        paths.push(tokens[from..=at].concat());
    }
    at + 1
}

/// Reads a tree of `use` behind a prefix; gives where it ends.
pub(super) fn tree(tokens: &[String], from: usize, prefix: &str, paths: &mut Vec<String>) -> usize {
    let mut path = prefix.to_owned();
    let mut at = from;
    while at < tokens.len() {
        match &*tokens[at] {
            "{" => {
                at += 1;
                while tokens[at] != "}" {
                    at = tree(tokens, at, &path, paths);
                    at += usize::from(tokens[at] == ",");
                }
                return at + 1;
            }
            ";" | "," | "}" => break,
            "as" => at += 2,
            token => {
                path.push_str(token);
                at += 1;
            }
        }
    }
    paths.push(path);
    at
}

#[test]
fn tests_inside_a_file_do_not_count() {
    let text = "fn a() {}\n#[cfg(test)]\nmod tests;\nfn b() {}\n#[cfg(test)]\nmod more {\n    fn c() {}\n}\n";
    let left = without_tests(text);
    assert!(left.contains("fn a") && left.contains("fn b") && !left.contains("fn c"));
}
