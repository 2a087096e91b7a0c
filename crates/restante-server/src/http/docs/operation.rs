use serde_json::Value;

use super::curl::curl;
use super::fields::{Field, fields, parameters};
use super::prose::{Piece, paragraphs, pieces};
use super::type_words::{TypeWords, type_words};

/// One route as the page shows it.
#[derive(Debug)]
pub(super) struct Operation {
    pub(super) anchor: String,
    pub(super) method: String,
    pub(super) path: String,
    pub(super) summary: Vec<Piece>,
    pub(super) about: Vec<Vec<Piece>>,
    /// Who may call it.
    pub(super) callers: Vec<Piece>,
    pub(super) parameters: Vec<Field>,
    pub(super) body: Option<Body>,
    pub(super) answers: Vec<Answer>,
    pub(super) refusals: Vec<Answer>,
    pub(super) curl: String,
}

/// What it takes beside its parameters.
#[derive(Debug)]
pub(super) struct Body {
    pub(super) is_required: bool,
    pub(super) about: Vec<Piece>,
    pub(super) fields: Vec<Field>,
}

/// One thing that it may answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: String,
    pub(super) about: Vec<Piece>,
    pub(super) content: TypeWords,
    /// The names of the headers that say more.
    pub(super) headers: Vec<String>,
}

impl Operation {
    pub(super) fn new(document: &Value, method: &str, path: &str, operation: &Value) -> Self {
        let text = |name: &str| operation[name].as_str().unwrap_or_default();
        let method = method.to_uppercase();
        let answers = operation["responses"].as_object().into_iter().flatten();
        let (answers, refusals) =
            answers.map(answer).partition(|answer: &Answer| answer.status.as_str() < "400");
        let (callers, variable) = callers(operation);
        Self {
            anchor: text("operationId").replace('_', "-"),
            summary: pieces(text("summary").trim_end_matches('.')),
            about: paragraphs(text("description")),
            callers: pieces(&callers),
            parameters: parameters(operation),
            body: operation.get("requestBody").map(|body| read_body(document, body)),
            answers,
            refusals,
            curl: curl(document, &method, path, operation, variable),
            method,
            path: path.to_owned(),
        }
    }
}

/// Who may call an operation, and the shell variable for what such a caller presents.
fn callers(operation: &Value) -> (String, &'static str) {
    let scopes = operation["security"][0]["apiKey"].as_array();
    match scopes.and_then(|scopes| scopes.first()).and_then(Value::as_str) {
        Some("admin") => ("an API key with the scope `admin`".to_owned(), "API_KEY"),
        Some(scope) => (format!("an API key with the scope `{scope}` or `admin`"), "API_KEY"),
        None => ("the user whose inbox it is, with a token".to_owned(), "TOKEN"),
    }
}

fn read_body(document: &Value, body: &Value) -> Body {
    let schema = &body["content"]["application/json"]["schema"];
    let shape = super::type_words::shape_name(schema);
    let shape = shape.map_or(schema, |name| &document["components"]["schemas"][name]);
    Body {
        is_required: body["required"].as_bool().unwrap_or_default(),
        about: pieces(shape["description"].as_str().unwrap_or_default()),
        fields: fields(document, schema),
    }
}

fn answer((status, response): (&String, &Value)) -> Answer {
    let mut contents = response["content"].as_object().into_iter().flatten();
    let content = contents.next().map(|(_, content)| type_words(&content["schema"]));
    let headers = response["headers"].as_object().into_iter().flatten();
    Answer {
        status: status.clone(),
        about: pieces(response["description"].as_str().unwrap_or_default()),
        content: content.unwrap_or_default(),
        headers: headers.map(|(name, _)| name.clone()).collect(),
    }
}
