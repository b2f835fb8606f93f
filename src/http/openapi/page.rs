//! The document as a page: HTML and one style sheet inside it, no scripts, nothing loaded from anywhere.
//!
//! It shows whatever document it is given, and knows no operation by name. Texts are escaped; between
//! backticks they are code.

mod html;
mod operations;
mod schemas;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;
use sha2::{Digest, Sha256};

use html::{at, escaped, members, prose, text};

const STYLE: &str = include_str!("page/style.css");

/// The page, and the content security policy that it keeps to.
pub(super) fn page(document: &Value) -> (String, String) {
    let info = at(document, "info");
    let title = escaped(text(info, "title"));
    let head = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{title}</title>\n\
         <link rel=\"icon\" href=\"data:,\">\n<style>{STYLE}</style>\n</head>\n"
    );
    let intro = format!(
        "<h1>{title}</h1>\n<p>Version {}. The same as a document for programs: \
         <a href=\"/openapi.json\">openapi.json</a> (OpenAPI {}).</p>\n{}",
        escaped(text(info, "version")),
        escaped(text(document, "openapi")),
        prose(text(info, "description")),
    );
    let body = [
        intro,
        contents(document),
        keys(document),
        operations::sections(document),
        schemas::sections(document),
        headers(document),
    ];
    (format!("{head}<body>\n<main>\n{}</main>\n</body>\n</html>\n", body.concat()), policy())
}

/// Nothing but the style above; nobody may put the page into a frame.
fn policy() -> String {
    let hash = BASE64_STANDARD.encode(Sha256::digest(STYLE));
    format!(
        "default-src 'none'; style-src 'sha256-{hash}'; img-src data:; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'"
    )
}

fn contents(document: &Value) -> String {
    let schemas = members(at(document, "components"), "schemas");
    let schemas: Vec<String> = schemas.map(|(name, _)| schemas::link(name)).collect();
    format!(
        "<nav>\n<ul>\n{}<li>Bodies and their parts: {}</li>\n<li><a href=\"#headers\">Headers of \
         answers</a></li>\n</ul>\n</nav>\n",
        operations::links(document),
        schemas.join(", ")
    )
}

fn keys(document: &Value) -> String {
    let schemes = members(at(document, "components"), "securitySchemes");
    let ways: String = schemes
        .map(|(_, scheme)| format!("<li>{}</li>\n", html::line(text(scheme, "description"))))
        .collect();
    format!("<h2>Keys</h2>\n<p>Any of these, each enough by itself:</p>\n<ul>\n{ways}</ul>\n")
}

fn headers(document: &Value) -> String {
    let headers = members(at(document, "components"), "headers");
    let rows: String = headers
        .map(|(name, header)| {
            let example = header.get("example").map(Value::to_string).unwrap_or_default();
            let example = header.get("example").and_then(Value::as_str).unwrap_or(&example);
            format!(
                "<tr><td><code>{}</code></td><td>{}</td><td><code>{}</code></td></tr>\n",
                escaped(name),
                html::line(text(header, "description")),
                escaped(example)
            )
        })
        .collect();
    format!(
        "<h2 id=\"headers\">Headers of answers</h2>\n<table>\n<tr><th>header</th><th>what it says\
         </th><th>example</th></tr>\n{rows}</table>\n"
    )
}
