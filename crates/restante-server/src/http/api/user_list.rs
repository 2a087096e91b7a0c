use std::fmt;

use restante::limits;
use serde::de::{IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use utoipa::openapi::schema::{AnyOf, Array, Object, ObjectBuilder, Schema, Type};

/// The users of `to`: a list, or one alone.
#[derive(Debug)]
pub(super) struct UserList(pub(super) Vec<String>);

impl<'de> Deserialize<'de> for UserList {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrMany;

        impl<'de> Visitor<'de> for OneOrMany {
            type Value = UserList;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of user ids, which are strings")
            }

            fn visit_str<E: serde::de::Error>(self, user: &str) -> Result<UserList, E> {
                Ok(UserList(vec![user.to_owned()]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<UserList, A::Error> {
                let mut users = Vec::new();
                // One too many is what the library refuses; more of them are not kept.
                while users.len() <= limits::RECIPIENTS
                    && let Some(user) = list.next_element::<String>()?
                {
                    users.push(user);
                }
                while list.next_element::<IgnoredAny>()?.is_some() {}
                Ok(UserList(users))
            }
        }

        deserializer.deserialize_any(OneOrMany)
    }
}

/// The same for the description of the routes.
pub(super) fn schema() -> Schema {
    let user = || {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(1))
            .max_length(Some(limits::USER_BYTES))
            .pattern(Some(r"^([^*\u0000-\u001f\u007f-\u009f]|[^\u0000-\u001f\u007f-\u009f]{2,})$"))
    };
    let list = Array::builder()
        .items(user())
        .min_items(Some(1))
        .max_items(Some(limits::RECIPIENTS))
        .description(Some("One given twice gets it once"));
    AnyOf::builder()
        .item(list)
        .item(user().description(Some("The same as a list of one")))
        .item(Object::with_type(Type::Null))
        .description(Some(
            "To whom: ids of users, each 1 to 191 bytes without control characters and not `*`; at \
             most 1,000,000",
        ))
        .build()
        .into()
}
