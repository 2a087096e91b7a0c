//! Group commit, for stores on a server of their own.
//!
//! A process has one task that writes (`writer`). It gathers what callers ask for into one
//! transaction, which holds the clock, and answers them after one commit (`committing`). Users'
//! internal ids are remembered from one group to the next (`directory`), those of a list too long for
//! a group are looked up before it (`long_list`); what idempotency keys were used for is in
//! `used_keys`. A store brings a [`Database`] and its [`Transaction`].

mod committing;
mod directory;
mod long_list;
mod used_keys;
mod writer;

use std::fmt;
use std::future::Future;

pub(crate) use directory::not_found;
pub(crate) use directory::{Kept, Known};
pub(crate) use long_list::{LongList, find_or_make};
pub(crate) use used_keys::{KEY_MILLIS, Used, UsedKeys};
pub(crate) use writer::Writer;

use super::{NewMessage, Sent};
use crate::recipients::Recipients;
use crate::{Error, UserId};

/// Where groups are written.
pub(crate) trait Database: fmt::Debug + Send + Sync + 'static {
    /// The store's name in errors.
    const NAME: &'static str;
    /// The one connection through which a process writes.
    type Session: Send + Sync;
    type Tx: Transaction<Failure = Self::Failure>;
    /// The driver's error.
    type Failure: Send;

    /// The connection, opened anew if it broke off.
    fn session(&self) -> impl Future<Output = Result<Self::Session, Error>> + Send;

    /// Begins a transaction that holds the clock from its first statement to its commit.
    fn begin(
        &self,
        session: Self::Session,
    ) -> impl Future<Output = Result<Self::Tx, Self::Failure>> + Send;

    /// Those who are known, with how many had been forgotten by then.
    fn find(
        session: &Self::Session,
        keys: &[&str],
    ) -> impl Future<Output = Result<(i64, Vec<Known>), Self::Failure>> + Send;

    /// Makes users that may be new, in a transaction of its own that waits for nothing else. Sorted,
    /// none twice.
    fn make(
        session: &Self::Session,
        keys: &[&str],
        kept: Kept,
    ) -> impl Future<Output = Result<(), Self::Failure>> + Send;

    /// What a failure means to a caller.
    fn error(failure: Self::Failure) -> Error;

    /// What a failure means to a group.
    fn verdict(failure: &Self::Failure) -> Verdict;
}

/// What a failure says about what was being done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The connection is gone.
    Lost,
    /// Another transaction held what was needed and waited for this one: it was undone, and the same
    /// again may succeed.
    #[cfg_attr(
        not(feature = "mysql"),
        expect(dead_code, reason = "PostgreSQL's locks have one order")
    )]
    Crossed,
    /// The server refused it.
    Refused,
    /// Neither is said: it was not the server that failed.
    Unclear,
}

/// The results of sends, and what has to be written for them.
pub(crate) type Planned<P> = (Vec<Result<Sent, Error>>, P);

/// A transaction that holds the clock.
pub(crate) trait Transaction: Send + Sync + 'static {
    /// What is to be written for messages whose positions are taken.
    type Plan<'a>: Send + Sync;
    type Failure: Send;

    /// How many users have been forgotten.
    fn forgotten(&self) -> i64;

    /// Takes positions for messages in this order, each unless it was sent before or is refused.
    fn plan<'a>(
        &self,
        wanted: &'a [Wanted<'a>],
    ) -> impl Future<Output = Result<Planned<Self::Plan<'a>>, Self::Failure>> + Send;

    /// Whether a plan can be written and committed in one round trip.
    fn is_simple(&self, plan: &Self::Plan<'_>) -> bool;

    /// Writes what is planned.
    fn write(
        &self,
        plan: &mut Self::Plan<'_>,
    ) -> impl Future<Output = Result<(), Self::Failure>> + Send;

    /// Writes what is planned and gathered, and commits. As for [`commit`](Self::commit).
    fn write_and_commit(
        &self,
        plan: &mut Self::Plan<'_>,
    ) -> impl Future<Output = Result<(), Self::Failure>> + Send;

    /// From here on something is kept of these users.
    fn keep(&self, ids: &[i64]) -> impl Future<Output = Result<(), Self::Failure>> + Send;

    /// What was said at a position.
    fn text_at(
        &self,
        position: i64,
    ) -> impl Future<Output = Result<Option<String>, Self::Failure>> + Send;

    /// Writes what was gathered and commits, if it can in one round trip. On an error nobody knows
    /// whether it was done, unless the server said so.
    fn commit(&self) -> impl Future<Output = Result<(), Self::Failure>> + Send;

    /// Undoes it.
    fn roll_back(&self) -> impl Future<Output = ()> + Send;
}

/// To whom a message goes.
pub(crate) enum SendTo {
    Everyone { newcomers: bool },
    Few(Recipients),
}

/// What a caller's work is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Subject {
    /// One user's items.
    User(UserId),
    /// Anything: such work is done one after another.
    Store,
}

/// A message to be sent.
pub(crate) struct Wanted<'a> {
    pub(crate) now: i64,
    pub(crate) message: &'a NewMessage,
    pub(crate) audience: Audience<'a>,
}

/// To whom, by internal ids.
pub(crate) enum Audience<'a> {
    Everyone {
        newcomers: bool,
    },
    /// Few enough for one transaction: delivered in it.
    Few(Vec<i64>),
    /// Sorted, recorded in parts of this size.
    Many {
        ids: &'a [i64],
        part_size: usize,
    },
}
