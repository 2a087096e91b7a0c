//! A message's JSON as people read it.

use std::fmt;

use serde::Deserializer as _;
use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;

/// The JSON that a message carries.
pub(super) struct Data {
    /// The fields of an object, in the order of their sender; none for everything else.
    pub(super) fields: Vec<Field>,
    /// As it was sent.
    pub(super) raw: String,
}

/// One field of an object.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) value: String,
    /// Whether the value is JSON that has no plainer form.
    pub(super) is_json: bool,
}

impl Data {
    pub(super) fn new(json: &RawValue) -> Self {
        let mut reader = serde_json::Deserializer::from_str(json.get());
        let fields = (&mut reader).deserialize_map(Fields);
        // What is no object has no fields, and is shown as it is.
        Self { fields: fields.unwrap_or_default(), raw: json.get().to_owned() }
    }
}

/// Reads an object without a map between, which would sort its fields, and without turning numbers
/// into others.
struct Fields;

impl<'de> Visitor<'de> for Fields {
    type Value = Vec<Field>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields = Vec::new();
        while let Some((name, value)) = map.next_entry::<String, Box<RawValue>>()? {
            fields.push(Field::new(name, value.get()));
        }
        Ok(fields)
    }
}

impl Field {
    fn new(name: String, json: &str) -> Self {
        match plain(json).or_else(|| plain_list(json)) {
            Some(value) => Self { name, value, is_json: false },
            None => Self { name, value: json.to_owned(), is_json: true },
        }
    }
}

/// A text without its quotes; a number, truth value or nothing as it stands.
fn plain(json: &str) -> Option<String> {
    match json.as_bytes().first()? {
        b'"' => serde_json::from_str(json).ok(),
        b'{' | b'[' => None,
        _ => Some(json.to_owned()),
    }
}

/// A list of plain values on one line.
fn plain_list(json: &str) -> Option<String> {
    let values: Vec<Box<RawValue>> = serde_json::from_str(json).ok()?;
    let values: Option<Vec<String>> = values.iter().map(|value| plain(value.get())).collect();
    Some(values?.join(", ")).filter(|line| !line.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(json: &str) -> Vec<(String, String, bool)> {
        let data = Data::new(&RawValue::from_string(json.to_owned()).unwrap());
        assert_eq!(data.raw, json);
        data.fields.into_iter().map(|field| (field.name, field.value, field.is_json)).collect()
    }

    #[test]
    fn an_object_is_shown_field_by_field_in_its_own_order() {
        let shown = fields(r#"{"z": "a\nb", "a": 412.60, "list": ["x", 1], "in": {"b": [1]}}"#);
        let expected = [
            ("z", "a\nb", false),
            ("a", "412.60", false),
            ("list", "x, 1", false),
            ("in", r#"{"b": [1]}"#, true),
        ];
        let expected =
            expected.map(|(name, value, json)| (name.to_owned(), value.to_owned(), json));
        assert_eq!(shown, expected);
        assert_eq!(fields(r#"{"empty": []}"#)[0].1, "[]");
        assert_eq!(fields(r#"{"big": 123456789012345678901234567890}"#)[0].1.len(), 30);
    }

    #[test]
    fn what_is_no_object_has_no_fields() {
        for json in ["[1]", "7", "null", "\"text\"", "{}"] {
            assert!(fields(json).is_empty(), "{json}");
        }
    }
}
