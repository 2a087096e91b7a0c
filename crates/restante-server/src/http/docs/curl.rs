use serde_json::{Map, Value};

use super::type_words::shape_name;

/// A call of an operation for a shell, with the caller's key or token in a variable.
pub(super) fn curl(
    document: &Value,
    method: &str,
    path: &str,
    operation: &Value,
    variable: &str,
) -> String {
    let server = document["servers"][0]["url"].as_str().unwrap_or_default();
    // A body makes it a POST by itself.
    let schema =
        operation.get("requestBody").map(|body| &body["content"]["application/json"]["schema"]);
    let verb = match method {
        "GET" => String::new(),
        "POST" if schema.is_some() => String::new(),
        method => format!("-X {method} "),
    };
    let path = filled(path, operation);
    let body = schema.map(|schema| format!(" \\\n  --json '{}'", example(document, schema)));
    let body = body.unwrap_or_default();
    format!("curl {verb}{server}{path} \\\n  -H \"Authorization: Bearer ${variable}\"{body}")
}

/// The path with examples in place of its parameters.
fn filled(path: &str, operation: &Value) -> String {
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    let parameters = parameters.filter(|parameter| parameter["in"] == "path");
    parameters.fold(path.to_owned(), |path, parameter| {
        let name = parameter["name"].as_str().unwrap_or_default();
        let value = match (&parameter["example"], &parameter["schema"]["example"]) {
            (Value::Null, Value::Null) => "$ID".to_owned(),
            (Value::Null, value) | (value, _) => plain(value),
        };
        path.replace(&format!("{{{name}}}"), &value)
    })
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// An object of this shape: its own example, or those of its fields.
fn example(document: &Value, schema: &Value) -> Value {
    if let Some(name) = shape_name(schema) {
        return example(document, &document["components"]["schemas"][name]);
    }
    if let Some(example) = schema.get("example").or_else(|| schema["examples"].get(0)) {
        return example.clone();
    }
    if let Some(first) = schema["oneOf"].get(0) {
        return example(document, first);
    }
    match schema["type"].as_str() {
        Some("array") => Value::Array(vec![example(document, &schema["items"])]),
        Some("object") => {
            let fields = schema["properties"].as_object().into_iter().flatten();
            let required = |name: &str| {
                schema["required"].as_array().is_some_and(|names| names.iter().any(|n| n == name))
            };
            let told =
                fields.filter(|(name, field)| required(name) || field.get("example").is_some());
            Value::Object(
                told.map(|(name, field)| (name.clone(), example(document, field)))
                    .collect::<Map<_, _>>(),
            )
        }
        _ => schema["enum"].get(0).cloned().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_call_can_be_pasted_into_a_shell() {
        let document = json!({
            "servers": [{ "url": "https://example.org/m" }],
            "components": { "schemas": { "New": { "type": "object", "required": ["scopes"],
                "properties": {
                    "name": { "type": "string", "example": "shop" },
                    "scopes": { "type": "array", "items": { "enum": ["send"] } },
                    "joined": { "type": "string" },
                } } } },
        });
        let reference = json!({ "$ref": "#/components/schemas/New" });
        let operation = json!({
            "parameters": [{ "name": "id", "in": "path", "schema": { "example": "alice" } }],
            "requestBody": { "content": { "application/json": { "schema": reference } } },
        });
        assert_eq!(
            curl(&document, "POST", "/v1/users/{id}", &operation, "API_KEY"),
            "curl https://example.org/m/v1/users/alice \\\n  \
             -H \"Authorization: Bearer $API_KEY\" \\\n  \
             --json '{\"name\":\"shop\",\"scopes\":[\"send\"]}'"
        );
        let bare = curl(&document, "DELETE", "/v1/keys", &json!({}), "API_KEY");
        assert!(bare.starts_with("curl -X DELETE https://example.org/m/v1/keys \\\n"), "{bare}");
    }
}
