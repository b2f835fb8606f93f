//! Operations: what they take and every answer that they give.

use serde_json::Value;

use super::html::{at, escaped, folded, items, json, line, members, prose, text};
use super::schemas;

/// Each operation of the document: its path, method and description.
fn operations(document: &Value) -> impl Iterator<Item = (&String, &String, &Value)> {
    members(document, "paths").flat_map(|(path, item)| {
        let methods = item.as_object().into_iter().flatten();
        methods.map(move |(method, operation)| (path, method, operation))
    })
}

/// One line each.
pub(super) fn links(document: &Value) -> String {
    let link = |(path, method, operation): (&String, &String, &Value)| {
        format!(
            "<li><a href=\"#{}\"><code>{} {}</code></a> {}</li>\n",
            escaped(text(operation, "operationId")),
            escaped(&method.to_uppercase()),
            escaped(path),
            line(text(operation, "summary")),
        )
    };
    operations(document).map(link).collect()
}

/// One section each, and the answers that none of them gives.
pub(super) fn sections(document: &Value) -> String {
    let sections: String = operations(document)
        .map(|(path, method, operation)| section(path, method, operation))
        .collect();
    let others = members(at(document, "components"), "responses");
    let others: String = others.map(|(name, answer)| answered(name, answer)).collect();
    format!("<h2>Operations</h2>\n{sections}<h3>Everything else</h3>\n{others}")
}

fn section(path: &str, method: &str, operation: &Value) -> String {
    let id = escaped(text(operation, "operationId"));
    let title = format!(
        "<h3 id=\"{id}\"><code>{} {}</code> {}</h3>\n",
        escaped(&method.to_uppercase()),
        escaped(path),
        line(text(operation, "summary")),
    );
    let answers: String =
        members(operation, "responses").map(|(status, answer)| answered(status, answer)).collect();
    [
        title,
        prose(text(operation, "description")),
        parameters(operation),
        body(at(operation, "requestBody")),
        answers,
    ]
    .concat()
}

fn parameters(operation: &Value) -> String {
    let row = |parameter: &Value| {
        format!(
            "<tr><td><code>{}</code></td><td>{}</td><td>{}</td></tr>\n",
            escaped(text(parameter, "name")),
            escaped(text(parameter, "in")),
            line(text(parameter, "description")),
        )
    };
    let rows: String = items(operation, "parameters").map(row).collect();
    format!("<table>\n<tr><th>parameter</th><th>in</th><th>what it is</th></tr>\n{rows}</table>\n")
}

fn body(body: &Value) -> String {
    let Some((_, content)) = members(body, "content").next() else { return String::new() };
    format!(
        "<p>Body: {}. {}</p>\n{}",
        schemas::kind(at(content, "schema")),
        line(text(body, "description")),
        examples(content)
    )
}

fn answered(status: &str, answer: &Value) -> String {
    let summary = format!("<b>{}</b> {}", escaped(status), line(text(answer, "description")));
    let headers: Vec<String> = members(answer, "headers")
        .map(|(name, _)| format!("<code>{}</code>", escaped(name)))
        .collect();
    let content = members(answer, "content").map(|(media, content)| {
        format!(
            "<p><code>{}</code>: {}</p>\n{}",
            escaped(media),
            schemas::kind(at(content, "schema")),
            examples(content)
        )
    });
    let inner = format!(
        "<p>Headers: <a href=\"#headers\">{}</a></p>\n{}",
        headers.join(", "),
        content.collect::<String>()
    );
    folded(&summary, &inner)
}

fn examples(content: &Value) -> String {
    let example = |(_, example): (&String, &Value)| {
        let from = text(example, "description");
        let summary = line(text(example, "summary"));
        folded(&summary, &format!("{}{}", prose(from), json(at(example, "value"))))
    };
    members(content, "examples").map(example).collect()
}
