//! Pieces of HTML, and looking into JSON.

use serde_json::Value;

/// The member of this name; `null` where there is none.
pub(super) fn at<'a>(value: &'a Value, name: &str) -> &'a Value {
    value.get(name).unwrap_or(&Value::Null)
}

/// The text of this name; empty where there is none.
pub(super) fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    at(value, name).as_str().unwrap_or_default()
}

/// The members of the object of this name.
pub(super) fn members<'a>(
    value: &'a Value,
    name: &str,
) -> impl Iterator<Item = (&'a String, &'a Value)> {
    at(value, name).as_object().into_iter().flatten()
}

/// The items of the list of this name.
pub(super) fn items<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    at(value, name).as_array().into_iter().flatten()
}

/// The last part of a reference.
pub(super) fn referred(value: &Value) -> Option<&str> {
    value.get("$ref")?.as_str()?.rsplit('/').next()
}

/// A text as it may stand anywhere in HTML.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// A text in which what stands between backticks is code.
pub(super) fn line(text: &str) -> String {
    let parts = text.split('`').map(escaped).enumerate();
    let shown = parts.map(|(at, part)| match at % 2 {
        0 => part,
        _ => format!("<code>{part}</code>"),
    });
    shown.collect()
}

/// A text with empty lines between its paragraphs.
pub(super) fn prose(text: &str) -> String {
    let paragraphs = text.split("\n\n").filter(|paragraph| !paragraph.is_empty());
    paragraphs.map(|paragraph| format!("<p>{}</p>\n", line(paragraph))).collect()
}

/// Something that is shown on demand.
pub(super) fn folded(summary: &str, inner: &str) -> String {
    format!("<details><summary>{summary}</summary>\n{inner}</details>\n")
}

/// JSON for people.
pub(super) fn json(value: &Value) -> String {
    let text = serde_json::to_string_pretty(value).unwrap_or_default();
    format!("<pre>{}</pre>\n", escaped(&text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_becomes_markup() {
        assert_eq!(
            escaped("<a href=\"x\" b='&'>"),
            "&lt;a href=&quot;x&quot; b=&#39;&amp;&#39;&gt;"
        );
        assert_eq!(line("a `<b>` c"), "a <code>&lt;b&gt;</code> c");
        assert_eq!(prose("one\n\n`two`"), "<p>one</p>\n<p><code>two</code></p>\n");
    }
}
