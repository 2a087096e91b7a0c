//! What JSON Schema says of the body of a send beyond its fields.

use std::borrow::Cow;

use serde_json::{Value, json};
use utoipa::openapi::schema::{
    AllOf, AnyOf, Object, ObjectBuilder, OneOf, Schema, SchemaType, Type,
};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};

use super::send_body::SendBody;

/// A message with its recipients: users or everyone, never both.
pub(super) struct NewMessage;

impl PartialSchema for NewMessage {
    fn schema() -> RefOr<Schema> {
        let to_users = ObjectBuilder::new()
            .title(Some("To users"))
            .required("to")
            .property("to", not_null())
            .property("everyone", only(false))
            .property("newcomers", only(false));
        let to_everyone = ObjectBuilder::new()
            .title(Some("To everyone"))
            .required("everyone")
            .property("to", Object::with_type(Type::Null))
            .property("everyone", only(true));
        let recipients = OneOf::builder().item(to_users).item(to_everyone);
        let span = ObjectBuilder::new().property("expires_at", Object::with_type(Type::Null));
        let time = ObjectBuilder::new().property("expires", Object::with_type(Type::Null));
        // Neither is both, too.
        let expiry = AnyOf::builder().item(span).item(time);
        let both = AllOf::builder()
            .item(Ref::from_schema_name(SendBody::name()))
            .item(recipients)
            .item(expiry)
            .description(Some(
                "A message and to whom it goes: either `to` or `everyone`: true. At most one of \
                 `expires` and `expires_at`.",
            ))
            .examples([json!({
                "to": ["alice"], "message": "Export ready", "level": "success", "url": "/exports/7",
            })])
            .build();
        RefOr::T(Schema::AllOf(both))
    }
}

impl ToSchema for NewMessage {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("NewMessage")
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((SendBody::name().into_owned(), SendBody::schema()));
        SendBody::schemas(schemas);
    }
}

/// A property whose own schema allows null, without it.
fn not_null() -> Object {
    ObjectBuilder::new().schema_type(SchemaType::from_iter([Type::Array, Type::String])).build()
}

fn only(value: bool) -> Object {
    ObjectBuilder::new().schema_type(Type::Boolean).enum_values(Some([Value::Bool(value)])).build()
}
