//! Schemas: their members as tables, their bounds as words.

use serde_json::Value;

use super::html::{at, escaped, items, line, members, prose, referred, text};

/// A link to a schema's section.
pub(super) fn link(name: &str) -> String {
    let name = escaped(name);
    format!("<a href=\"#schema-{name}\">{name}</a>")
}

/// One section each.
pub(super) fn sections(document: &Value) -> String {
    let schemas = members(at(document, "components"), "schemas");
    let section = |(name, schema): (&String, &Value)| {
        let id = escaped(name);
        let about = prose(text(schema, "description"));
        let inner =
            if has_members(schema) { table(schema) } else { format!("<p>{}.</p>\n", kind(schema)) };
        format!("<h3 id=\"schema-{id}\">{id}</h3>\n{about}{inner}")
    };
    format!("<h2>Bodies and their parts</h2>\n{}", schemas.map(section).collect::<String>())
}

fn has_members(schema: &Value) -> bool {
    members(schema, "properties").next().is_some()
}

/// The members of an object, those that must be there first.
fn table(schema: &Value) -> String {
    let is_required = |name: &str| items(schema, "required").any(|required| required == name);
    let (needed, others): (Vec<_>, Vec<_>) =
        members(schema, "properties").partition(|(name, _)| is_required(name));
    let row = |(name, member): (&String, &Value), must: &str| {
        let inner = if has_members(member) { table(member) } else { String::new() };
        format!(
            "<tr><td><code>{}</code></td><td>{must}</td><td>{}</td><td>{}{inner}</td></tr>\n",
            escaped(name),
            kind(member),
            line(text(member, "description")),
        )
    };
    let needed: String = needed.into_iter().map(|member| row(member, "required")).collect();
    let others: String = others.into_iter().map(|member| row(member, "")).collect();
    format!(
        "<table>\n<tr><th>member</th><th></th><th>kind</th><th>what it is</th></tr>\n\
         {needed}{others}</table>\n"
    )
}

/// What kind of value it is, and within which bounds.
pub(super) fn kind(schema: &Value) -> String {
    if let Some(name) = referred(schema) {
        return link(name);
    }
    for choice in ["anyOf", "oneOf"] {
        let kinds: Vec<String> = items(schema, choice)
            // What may be missing is seen by its row.
            .filter(|one| referred(one) != Some("Absent"))
            .map(one_of_several)
            .collect();
        if !kinds.is_empty() {
            return kinds.join(" or ");
        }
    }
    if let Some(value) = schema.get("const") {
        return format!("<code>{}</code>", escaped(&value.to_string()));
    }
    let words: Vec<String> = items(schema, "enum")
        .filter_map(|word| Some(format!("<code>{}</code>", escaped(word.as_str()?))))
        .collect();
    if !words.is_empty() {
        return words.join(", ");
    }
    plain(schema)
}

/// Objects without a name of their own are told apart by what they are for.
fn one_of_several(schema: &Value) -> String {
    match has_members(schema) {
        true => format!("{}{}", line(text(schema, "description")), table(schema)),
        false => kind(schema),
    }
}

fn plain(schema: &Value) -> String {
    let types: Vec<&str> = match at(schema, "type") {
        Value::String(one) => vec![one],
        several => several.as_array().into_iter().flatten().filter_map(Value::as_str).collect(),
    };
    let words: Vec<String> = types.into_iter().map(|name| of_type(name, schema)).collect();
    if words.is_empty() { "anything".to_owned() } else { words.join(" or ") }
}

fn of_type(name: &str, schema: &Value) -> String {
    let bound = |name: &str| schema.get(name).and_then(Value::as_u64);
    match (name, bound("maxLength"), bound("minimum"), bound("maximum")) {
        ("string", Some(most), ..) => format!("text of at most {most} characters"),
        ("string", None, ..) => match text(schema, "format") {
            "date-time" => "time (RFC 3339)".to_owned(),
            _ => "text".to_owned(),
        },
        ("integer", _, Some(least), Some(most)) => format!("whole number from {least} to {most}"),
        ("integer", ..) => "whole number".to_owned(),
        ("array", ..) => format!("list of {}", one_of_several(at(schema, "items"))),
        (other, ..) => escaped(other),
    }
}
