use serde_json::Value;

use super::prose::{Piece, pieces};
use super::type_words::{TypeWords, shape_name, type_words};

/// One field of an object, or one parameter.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) value: TypeWords,
    pub(super) is_required: bool,
    /// Where a parameter goes; empty for a field.
    pub(super) place: &'static str,
    pub(super) about: Vec<Piece>,
}

/// The fields of a shape, those of the shapes that it is made of first. A choice between shapes has
/// the fields of each.
pub(super) fn fields(document: &Value, schema: &Value) -> Vec<Field> {
    let mut found = Vec::new();
    collect(document, schema, &mut found);
    found.sort_by_key(|field| !field.is_required);
    found
}

fn collect(document: &Value, schema: &Value, found: &mut Vec<Field>) {
    if let Some(name) = shape_name(schema) {
        collect(document, &document["components"]["schemas"][name], found);
        return;
    }
    for part in ["allOf", "oneOf"].into_iter().filter_map(|kind| schema[kind].as_array()).flatten()
    {
        collect(document, part, found);
    }
    let required: Vec<_> =
        schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    for (name, value) in schema["properties"].as_object().into_iter().flatten() {
        // What only narrows a field down that is there already adds nothing for a reader.
        if found.iter().any(|field| field.name == *name) {
            continue;
        }
        found.push(Field {
            name: name.clone(),
            value: type_words(value),
            is_required: required.contains(&name.as_str()),
            place: "",
            about: pieces(value["description"].as_str().unwrap_or_default()),
        });
    }
}

/// The parameters of an operation.
pub(super) fn parameters(operation: &Value) -> Vec<Field> {
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    let parameters = parameters.map(|parameter| Field {
        name: parameter["name"].as_str().unwrap_or_default().to_owned(),
        value: type_words(&parameter["schema"]),
        is_required: parameter["required"].as_bool().unwrap_or_default(),
        place: match parameter["in"].as_str() {
            Some("path") => "in the path",
            Some("query") => "in the query",
            _ => "a header",
        },
        about: pieces(parameter["description"].as_str().unwrap_or_default()),
    });
    parameters.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_field_is_told_once_however_often_it_is_narrowed_down() {
        let document = json!({ "components": { "schemas": { "Base": {
            "required": ["a"],
            "properties": { "a": { "type": "string" }, "b": { "type": "integer" } },
        } } } });
        let schema = json!({ "allOf": [
            { "$ref": "#/components/schemas/Base" },
            { "oneOf": [{ "required": ["b"], "properties": { "b": { "enum": [1] } } }] },
        ] });
        let told = fields(&document, &schema);
        let told: Vec<_> =
            told.iter().map(|field| (field.name.as_str(), field.is_required)).collect();
        assert_eq!(told, [("a", true), ("b", false)]);
    }
}
