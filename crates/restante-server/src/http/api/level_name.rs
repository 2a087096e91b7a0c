use std::fmt;

use restante::{Error, Level};
use serde::de::Visitor;
use serde::{Deserialize, Deserializer};
use utoipa::openapi::schema::{
    AnyOf, KnownFormat, Object, ObjectBuilder, Schema, SchemaFormat, Type,
};

/// A level by number or name.
#[derive(Debug)]
pub(super) struct LevelName(pub(super) Level);

impl<'de> Deserialize<'de> for LevelName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NumberOrName;

        impl Visitor<'_> for NumberOrName {
            type Value = LevelName;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a level or an integer of 32 bits")
            }

            fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<LevelName, E> {
                let number = i32::try_from(number)
                    .map_err(|_| E::invalid_value(serde::de::Unexpected::Signed(number), &self))?;
                Ok(LevelName(Level::new(number)))
            }

            fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<LevelName, E> {
                let number = i32::try_from(number).map_err(|_| {
                    E::invalid_value(serde::de::Unexpected::Unsigned(number), &self)
                })?;
                Ok(LevelName(Level::new(number)))
            }

            fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<LevelName, E> {
                name.parse().map(LevelName).map_err(|error: Error| E::custom(error.detail()))
            }
        }

        deserializer.deserialize_any(NumberOrName)
    }
}

/// The same for the description of the routes.
pub(super) fn schema() -> Schema {
    let number = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int32)))
        .minimum(Some(i32::MIN))
        .maximum(Some(i32::MAX));
    let name = ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some("^((stored_)?(debug|info|success|warning|error)|-?[0-9]{1,9})$"));
    AnyOf::builder()
        .item(number)
        .item(name)
        .item(Object::with_type(Type::Null))
        .description(Some(
            "How urgent it is: `debug` (10), `info` (20), `success` (25), `warning` (30), `error` \
             (40), one of these with `stored_` in front (one more), or an integer; `info` unless \
             told otherwise",
        ))
        .build()
        .into()
}
