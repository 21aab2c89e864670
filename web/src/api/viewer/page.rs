//! The page itself, made of the document. Pure.

use std::fmt::Write as _;

use serde_json::Value;

/// A whole page over an OpenAPI document.
pub(super) fn render(document: &Value, style: &str) -> String {
    let info = &document["info"];
    let title = format!("{} {}: API", text(info, "title"), text(info, "version"));
    let mut html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{0}</title>\n\
         <style>{style}</style>\n</head>\n<body>\n<header><h1>{0}</h1>\n{1}\
         <p>For programs: <a href=\"openapi.json\">openapi.json</a>, OpenAPI {2}.</p></header>\n",
        escape(&title),
        paragraphs(text(info, "description")),
        escape(text(document, "openapi")),
    );
    contents(&mut html, document);
    html.push_str("<main>\n");
    for tag in list(&document["tags"]) {
        let name = text(tag, "name");
        put(&mut html, format_args!("<h2 id=\"{0}\">{0}</h2>\n", escape(name)));
        html.push_str(&paragraphs(text(tag, "description")));
        for (method, path, operation) in operations(document) {
            if list(&operation["tags"]).first().is_some_and(|first| first == name) {
                show_operation(&mut html, &method.to_uppercase(), path, operation);
            }
        }
    }
    html.push_str("<h2 id=\"schemas\">Schemas</h2>\n");
    for (name, schema) in entries(&document["components"]["schemas"]) {
        show_schema(&mut html, name, schema);
    }
    html.push_str("</main>\n</body>\n</html>\n");
    html
}

fn put(html: &mut String, text: std::fmt::Arguments<'_>) {
    html.write_fmt(text).expect("a String takes every text");
}

fn contents(html: &mut String, document: &Value) {
    html.push_str("<nav aria-label=\"Operations\"><ul>\n");
    for (method, path, operation) in operations(document) {
        let (id, words) = (escape(text(operation, "operationId")), escape(text(operation, "summary")));
        let what = escape(&format!("{} {path}", method.to_uppercase()));
        put(html, format_args!("<li><a href=\"#{id}\" title=\"{words}\"><code>{what}</code></a></li>\n"));
    }
    html.push_str("<li><a href=\"#schemas\">Schemas</a></li>\n</ul></nav>\n");
}

fn operations(document: &Value) -> impl Iterator<Item = (&String, &String, &Value)> {
    entries(&document["paths"]).flat_map(|(path, methods)| {
        entries(methods).map(move |(method, operation)| (method, path, operation))
    })
}

fn show_operation(html: &mut String, method: &str, path: &str, operation: &Value) {
    let (id, summary) = (escape(text(operation, "operationId")), marked(text(operation, "summary")));
    let path = escape(path);
    put(
        html,
        format_args!(
            "<details id=\"{id}\"><summary><b>{method}</b> <code>{path}</code><span>{summary}</span></summary>\n"
        ),
    );
    html.push_str(&paragraphs(text(operation, "description")));
    let parameters = list(&operation["parameters"]);
    if !parameters.is_empty() {
        html.push_str("<table><caption>Parameters</caption><tr><th>name</th><th>in</th><th>type</th><th>meaning</th></tr>\n");
        for one in parameters {
            let name = escape(text(one, "name"));
            let must = if one["required"] == true { " (required)" } else { "" };
            let (place, meaning) = (escape(text(one, "in")), paragraphs(text(one, "description")));
            let kind = kind(&one["schema"]);
            put(
                html,
                format_args!(
                    "<tr><td><code>{name}</code>{must}</td><td>{place}</td><td>{kind}</td><td>{meaning}</td></tr>\n"
                ),
            );
        }
        html.push_str("</table>\n");
    }
    for (media, content) in entries(&operation["requestBody"]["content"]) {
        let must = if operation["requestBody"]["required"] == true { "" } else { ", may be left out" };
        put(
            html,
            format_args!(
                "<p>Body: {} as <code>{}</code>{must}</p>\n",
                kind(&content["schema"]),
                escape(media)
            ),
        );
    }
    html.push_str("<table><caption>Answers</caption><tr><th>status</th><th>body</th><th>meaning</th></tr>\n");
    for (status, answer) in entries(&operation["responses"]) {
        let bodies: Vec<String> = entries(&answer["content"])
            .map(|(media, content)| format!("{} as <code>{}</code>", kind(&content["schema"]), escape(media)))
            .collect();
        let (bodies, meaning) = (bodies.join("<br>"), paragraphs(text(answer, "description")));
        put(html, format_args!("<tr><td>{}</td><td>{bodies}</td><td>{meaning}</td></tr>\n", escape(status)));
    }
    put(html, format_args!("</table>\n{}</details>\n", command(method, &path, operation)));
}

/// How to ask with curl, over the socket.
fn command(method: &str, path: &str, operation: &Value) -> String {
    let method = if method == "GET" { String::new() } else { format!(" -X {method}") };
    let json = if method.is_empty() { "" } else { " -H 'Content-Type: application/json'" };
    let body = if operation["requestBody"]["required"] == true { " -d '{…}'" } else { "" };
    format!("<pre>curl --unix-socket claude-hooks.sock{method}{json}{body} 'http://localhost{path}'</pre>\n")
}

fn show_schema(html: &mut String, name: &str, schema: &Value) {
    let name = escape(name);
    put(html, format_args!("<details id=\"schema-{name}\"><summary><code>{name}</code></summary>\n"));
    html.push_str(&paragraphs(text(schema, "description")));
    let required = list(&schema["required"]);
    if schema["properties"].is_object() {
        html.push_str("<table><tr><th>member</th><th>type</th><th>meaning</th></tr>\n");
        for (member, of) in entries(&schema["properties"]) {
            let must = if required.iter().any(|name| name == member) { "" } else { "?" };
            let (member, kind, meaning) = (escape(member), kind(of), paragraphs(text(of, "description")));
            put(
                html,
                format_args!(
                    "<tr><td><code>{member}</code>{must}</td><td>{kind}</td><td>{meaning}</td></tr>\n"
                ),
            );
        }
        html.push_str("</table>\n");
    } else {
        put(html, format_args!("<p>{}</p>\n", kind(schema)));
    }
    html.push_str("</details>\n");
}

/// A schema in a few words, with links to those that have names.
fn kind(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next()) {
        let name = escape(name);
        return format!("<a href=\"#schema-{name}\">{name}</a>");
    }
    for (key, joint) in [("oneOf", " or "), ("anyOf", " or "), ("allOf", " and ")] {
        let parts: Vec<String> = list(&schema[key]).iter().map(kind).collect();
        if !parts.is_empty() {
            return parts.join(joint);
        }
    }
    if let Some(values) = schema["enum"].as_array() {
        return values
            .iter()
            .map(|value| format!("<code>{}</code>", escape(&value.to_string())))
            .collect::<Vec<_>>()
            .join(" ");
    }
    let types = match &schema["type"] {
        Value::Array(types) => types.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" or "),
        Value::String(one) => one.clone(),
        _ => "anything".to_owned(),
    };
    let mut words = escape(&types);
    if schema["items"].is_object() {
        put(&mut words, format_args!(" of {}", kind(&schema["items"])));
    }
    if schema["additionalProperties"].is_object() {
        put(&mut words, format_args!(" of {}", kind(&schema["additionalProperties"])));
    }
    for (key, sign) in [("minimum", "≥"), ("maximum", "≤"), ("pattern", "like"), ("format", "as")] {
        match &schema[key] {
            Value::Null => {}
            Value::String(value) => put(&mut words, format_args!(" {sign} <code>{}</code>", escape(value))),
            value => put(&mut words, format_args!(" {sign} {value}")),
        }
    }
    words
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

/// Text with `code` in it.
fn marked(text: &str) -> String {
    let mut html = String::new();
    for (index, piece) in escape(text).split('`').enumerate() {
        let (open, close) = if index % 2 == 1 { ("<code>", "</code>") } else { ("", "") };
        put(&mut html, format_args!("{open}{piece}{close}"));
    }
    html
}

fn paragraphs(text: &str) -> String {
    let mut html = String::new();
    for part in text.split("\n\n").filter(|part| !part.trim().is_empty()) {
        put(&mut html, format_args!("<p>{}</p>\n", marked(part)));
    }
    html
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}
