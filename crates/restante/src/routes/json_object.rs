use std::borrow::Cow;
use std::fmt;

use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde::de::{DeserializeOwned, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::Problem;
use crate::headers::{Headers, text};

/// A JSON object whose fields are not looked at yet, so that a refusal can name the one it is
/// about.
pub(crate) struct JsonObject(Vec<(String, Box<RawValue>)>);

impl JsonObject {
    /// Refuses fields other than these, and any that is given twice: what the caller meant by them
    /// would be left undone in silence.
    pub(super) fn check_fields(&self, known: &[&str]) -> Result<(), Problem> {
        for (at, (name, _)) in self.0.iter().enumerate() {
            if !known.contains(&name.as_str()) {
                let known = known.join("`, `");
                return Err(invalid(name, format!("there is no such field; there are `{known}`")));
            }
            if self.0[..at].iter().any(|(earlier, _)| earlier == name) {
                return Err(invalid(name, "is given twice"));
            }
        }
        Ok(())
    }

    /// The value of a field.
    pub(super) fn get<T: DeserializeOwned>(
        &self,
        name: &'static str,
        expected: &'static str,
    ) -> Result<Option<T>, Problem> {
        let value = self.0.iter().find(|(given, _)| given == name);
        let value = value.map(|(_, value)| serde_json::from_str(value.get()));
        value.transpose().map_err(|_| invalid(name, expected))
    }
}

/// What a name given by the client is cut to before it is told back.
const NAME_CHARS: usize = 64;

fn invalid(field: &str, detail: impl Into<Cow<'static, str>>) -> Problem {
    let field: String = field.chars().take(NAME_CHARS).collect();
    Problem::invalid(detail).with_field(field)
}

/// A body past [`limits::BODY_BYTES`](crate::limits::BODY_BYTES).
pub(crate) fn too_long() -> Problem {
    Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "urn:restante:problem:too-large",
        "The input is past a limit",
        "a body is at most 64 KiB",
    )
}

/// A body that broke off.
pub(crate) fn broken_off() -> Problem {
    Problem::malformed("the body did not arrive whole")
}

impl JsonObject {
    /// The body as an object; `None` for an empty one, whatever it says it is.
    pub(crate) fn if_any(is_json: bool, body: &[u8]) -> Result<Option<Self>, Problem> {
        if body.is_empty() { Ok(None) } else { Self::parse(is_json, body).map(Some) }
    }

    /// The body as an object.
    pub(crate) fn parse(is_json: bool, body: &[u8]) -> Result<Self, Problem> {
        if !is_json {
            return Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "urn:restante:problem:unsupported-media-type",
                "The body must be JSON",
                "the header Content-Type must be application/json",
            ));
        }
        serde_json::from_slice(body).map_err(|error| match error.classify() {
            serde_json::error::Category::Data => Problem::invalid("the body must be a JSON object"),
            _ => Problem::malformed(format!("the body must be JSON: {error}")),
        })
    }
}

/// `application/json`, or a type that is built on it.
pub(crate) fn is_json(headers: &impl Headers) -> bool {
    let content_type = headers.first(CONTENT_TYPE).and_then(text);
    let essence = content_type.and_then(|value| value.split(';').next()).unwrap_or_default();
    let essence = essence.trim().to_ascii_lowercase();
    let subtype = essence.strip_prefix("application/").unwrap_or_default();
    subtype == "json" || subtype.ends_with("+json")
}

impl<'de> Deserialize<'de> for JsonObject {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;

        impl<'de> Visitor<'de> for Fields {
            type Value = JsonObject;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<JsonObject, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(JsonObject(fields))
            }
        }

        deserializer.deserialize_map(Fields)
    }
}
