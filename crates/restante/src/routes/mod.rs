//! The inbox as JSON over HTTP, free of any framework: what an adapter's routes read and answer.
//!
//! `list`, `item`, `mark` and `stream` are the operations, `schemas` the shapes that they read and
//! answer; `openapi` describes them, `table` says where they are. `origin` keeps other sites from
//! changing anything, `signed_in` says why there is no inbox, `query` and `json_object` are read so
//! that a refusal names the field. Answers are made in `answer`, with their tag; `next_link` says
//! where a list goes on, `reader_tag` whose inbox it is. `bell` is the bell, as `bare` leaves it.

mod answer;
mod bare;
mod bell;
mod item;
mod json_object;
mod list;
mod mark;
mod next_link;
mod openapi;
mod origin;
mod query;
mod reader_tag;
mod schemas;
#[cfg(any(feature = "axum", feature = "actix-web"))]
mod signed_in;
mod stream;
mod table;

pub(crate) use answer::{Answer, Content};
pub(crate) use bell::module;
pub(crate) use item::{
    dismiss_item, get_item, id_of, malformed_id, mark_item_read, mark_item_unread,
};
pub(crate) use json_object::{JsonObject, broken_off, is_json, too_long};
pub(crate) use list::{count_unread, list_inbox};
pub(crate) use mark::{mark_all_read, mark_read};
pub use openapi::inbox_openapi;
pub(crate) use origin::check_origin;
pub(crate) use query::Query;
#[cfg(any(feature = "axum", feature = "actix-web"))]
pub(crate) use signed_in::refused;
pub(crate) use stream::stream_inbox;
pub(crate) use table::{Operation, PRIVATE, TABLE, method_not_allowed};
