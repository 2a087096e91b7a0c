//! What the inbox's templates show.
//!
//! `page` is the whole page; `rows` are its messages in days, `choices` the links that narrow the
//! list. `item` is the one message that is open, `data` its JSON, `level` how a level looks.

mod choices;
mod data;
mod item;
mod level;
mod page;
mod rows;

pub(super) use self::page::InboxPage;
