//! How a router is served: `listen` takes connections and lets none of them wait for ever, `connection`
//! is one of them, `course` what has happened on it, `events` what it becomes when it is a stream;
//! `entrance` says where they lead, `signals` when to stop, `logging` where it is told.

mod connection;
mod course;
mod entrance;
mod events;
mod listen;
pub(crate) mod logging;
mod signals;

pub(crate) use self::entrance::Entrance;
pub(crate) use self::listen::{Patience, allow_many_connections, serve};
pub(crate) use self::signals::Stop;
