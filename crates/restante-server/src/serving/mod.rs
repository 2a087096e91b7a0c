//! How a router is served: `listen` takes connections and lets none of them wait for ever, `signals`
//! says when to stop, `logging` where it is told.

mod listen;
pub(crate) mod logging;
mod signals;

pub(crate) use self::listen::{Patience, serve};
pub(crate) use self::signals::Stop;
