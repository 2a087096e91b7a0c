//! Figures for operators, in the format of `OpenMetrics`.
//!
//! `figures` is all that is counted; `metered_store` stands around the store and times it. What
//! waits is asked of the store when somebody looks.

mod figures;
mod metered_store;

pub(crate) use self::figures::Figures;
pub(crate) use self::metered_store::MeteredStore;
