use serde_json::Value;

/// What a value may be, in words. A shape that is described elsewhere is named.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct TypeWords {
    pub(super) words: String,
    /// The shape's name, where it leads to one.
    pub(super) shape: Option<String>,
}

/// The last part of a reference: the shape's name.
pub(super) fn shape_name(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.rsplit('/').next()
}

pub(super) fn type_words(schema: &Value) -> TypeWords {
    if let Some(name) = shape_name(schema) {
        return TypeWords { words: String::new(), shape: Some(name.to_owned()) };
    }
    if let Some(choices) = schema["anyOf"].as_array().or_else(|| schema["oneOf"].as_array()) {
        let words = choices.iter().map(type_words);
        return TypeWords {
            shape: choices.iter().find_map(shape_name).map(str::to_owned),
            words: words
                .map(|choice| choice.words)
                .filter(|words| !words.is_empty())
                .collect::<Vec<_>>()
                .join(" or "),
        };
    }
    let names = match &schema["type"] {
        Value::String(name) => vec![name.as_str()],
        Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
        _ => vec!["any JSON"],
    };
    if names == ["array"] {
        let item = type_words(&schema["items"]);
        let of = if item.words.is_empty() { String::new() } else { format!(" of {}", item.words) };
        return TypeWords {
            words: format!("list{}{of}", up_to(&schema["maxItems"])),
            shape: item.shape,
        };
    }
    let words: Vec<_> = names.iter().map(|name| one(name, schema)).collect();
    TypeWords { words: words.join(" or "), shape: None }
}

/// Nothing where there is no limit.
fn up_to(most: &Value) -> String {
    most.as_u64().map(|most| format!(" (up to {})", grouped(most))).unwrap_or_default()
}

fn one(name: &str, schema: &Value) -> String {
    if let Some(values) = schema["enum"].as_array().filter(|_| name != "null") {
        let values =
            values.iter().map(|value| value.as_str().map_or(value.to_string(), str::to_owned));
        return values.collect::<Vec<_>>().join(", ");
    }
    match name {
        "string" if schema["format"] == "date-time" => "time".to_owned(),
        "string" => format!("string{}", up_to(&schema["maxLength"])),
        "integer" => match (schema["minimum"].as_i64(), schema["maximum"].as_i64()) {
            (Some(least), Some(most)) if most < 1_000_000 => format!("integer, {least} to {most}"),
            _ => "integer".to_owned(),
        },
        name => name.to_owned(),
    }
}

/// `1,000,000`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_is_told_in_words() {
        for (schema, words) in [
            (json!({}), "any JSON"),
            (json!({ "type": ["string", "null"], "format": "date-time" }), "time or null"),
            (json!({ "type": "integer", "minimum": 1, "maximum": 100 }), "integer, 1 to 100"),
            (json!({ "type": "integer", "format": "int64", "minimum": 0 }), "integer"),
            (json!({ "type": "string", "maxLength": 16384 }), "string (up to 16,384)"),
            (json!({ "type": "string", "enum": ["send", "admin"] }), "send, admin"),
            (
                json!({ "anyOf": [
                    { "type": "array", "maxItems": 1_000_000, "items": { "type": "string" } },
                    { "type": "null" },
                ] }),
                "list (up to 1,000,000) of string or null",
            ),
        ] {
            assert_eq!(type_words(&schema).words, words, "{schema}");
        }
        let list = type_words(&json!({ "type": "array", "items": { "$ref": "#/a/Item" } }));
        assert_eq!((list.words.as_str(), list.shape.as_deref()), ("list", Some("Item")));
    }
}
