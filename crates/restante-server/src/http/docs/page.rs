use askama::Template;
use serde_json::Value;

use super::fields::{Field, fields};
use super::operation::Operation;
use super::prose::{Piece, paragraphs, pieces};
use super::written::Written;
use crate::http::{Site, api};

/// The page at `/docs`.
#[derive(Template)]
#[template(path = "docs.html")]
struct DocsPage<'a> {
    base: &'a str,
    server: String,
    about: Vec<Vec<Piece>>,
    callers: Vec<Caller>,
    groups: Vec<Group>,
    shapes: Vec<Shape>,
}

/// A kind of caller.
struct Caller {
    name: &'static str,
    about: Vec<Piece>,
}

/// Operations that belong together.
struct Group {
    name: String,
    about: Vec<Piece>,
    operations: Vec<Operation>,
}

/// An object that is answered.
struct Shape {
    name: String,
    about: Vec<Piece>,
    fields: Vec<Field>,
}

/// Writes the page of the document.
pub(super) fn html(site: &Site) -> Written {
    let page = serde_json::to_value(api::document(site)).map_err(Into::into).and_then(|document| {
        let page = DocsPage {
            base: site.base(),
            server: site.url(""),
            about: paragraphs(document["info"]["description"].as_str().unwrap_or_default()),
            callers: callers(&document),
            groups: groups(&document),
            shapes: shapes(&document),
        };
        page.render().map_err(Into::into)
    });
    Written::new("text/html; charset=utf-8", page)
}

fn callers(document: &Value) -> Vec<Caller> {
    let named = [("Programs: an API key", "apiKey"), ("Users: a token", "userToken")];
    let callers = named.into_iter().map(|(name, scheme)| {
        let scheme = &document["components"]["securitySchemes"][scheme];
        let about = pieces(scheme["description"].as_str().unwrap_or_default());
        Caller { name, about }
    });
    callers.collect()
}

/// In the order of the document's tags.
fn groups(document: &Value) -> Vec<Group> {
    let tags = document["tags"].as_array().into_iter().flatten();
    let groups = tags.map(|tag| Group {
        name: tag["name"].as_str().unwrap_or_default().to_owned(),
        about: pieces(tag["description"].as_str().unwrap_or_default()),
        operations: operations(document, &tag["name"]),
    });
    groups.collect()
}

fn operations(document: &Value, tag: &Value) -> Vec<Operation> {
    let paths = document["paths"].as_object().into_iter().flatten();
    let operations = paths.flat_map(|(path, methods)| {
        let methods = methods.as_object().into_iter().flatten();
        methods.map(move |(method, operation)| (method, path, operation))
    });
    let mut operations: Vec<_> =
        operations.filter(|(_, _, operation)| operation["tags"][0] == *tag).collect();
    // Looking comes before changing, and that before removing.
    let order = |method: &str| ["get", "post", "delete"].iter().position(|known| *known == method);
    operations.sort_by_key(|(method, path, _)| (*path, order(method)));
    let operations = operations.into_iter();
    operations
        .map(|(method, path, operation)| Operation::new(document, method, path, operation))
        .collect()
}

/// Those that answers lead to; what is taken stands with its operation.
fn shapes(document: &Value) -> Vec<Shape> {
    let taken = [
        "MarkRequest",
        "MarkUntil",
        "MarkItems",
        "MessageFields",
        "NewMessage",
        "NewKey",
        "NewToken",
    ];
    let shapes = document["components"]["schemas"].as_object().into_iter().flatten();
    let shapes = shapes.filter(|(name, _)| !taken.contains(&name.as_str()));
    let shapes = shapes.map(|(name, schema)| Shape {
        name: name.clone(),
        about: pieces(schema["description"].as_str().unwrap_or_default()),
        fields: fields(document, schema),
    });
    shapes.collect()
}
