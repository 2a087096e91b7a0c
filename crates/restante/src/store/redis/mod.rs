//! Redis, Valkey and Redis Cluster: any number of processes on one of them.
//!
//! Every change is one Lua script, which the server runs whole and alone: that is the transaction,
//! and where positions are taken. A page with its count is one round trip: plain commands in one
//! transaction, or a script.
//!
//! | file | what it does |
//! |---|---|
//! | `options`, `address`, `connection`, `cluster` | reaching the server, and reaching it again |
//! | `shards`, `script`, `reply` | keys by slot; scripts and what they answer |
//! | `body`, `broadcasts` | messages as they are kept; those to everyone |
//! | `sending`, `relaying` | putting messages in |
//! | `inboxes` | inboxes and counts, of many callers in one transaction |
//! | `user_page`, `reading`, `marking` | the rest of a user's side |
//! | `senders`, `following` | the senders' side, and the log |
//! | `dividing`, `handing_over`, `taking_back`, `spreading` | what goes to several shards |
//! | `forgetting`, `sweeping` | removing |
//! | `records` | the server's own |
//! | `listening` | what other processes tell |
//!
//! # Keys
//! All of one shard begin with its tag in braces, so that they are in one slot; no user's id can
//! break out of it, since what counts is the first pair. A server alone has one shard; in a cluster
//! users are divided over 64, and what is sent to users of several is recorded in one more.
//!
//! | key | what it holds |
//! |---|---|
//! | `c` | the clock: last position, version of the broadcasts, how much is being retracted |
//! | `n:`, `r:`, `k:`, `d:` + user | positions that are new, read, kept, dismissed |
//! | `a:` + user | times of reading, positions of marking unread |
//! | `s:` + user | watermarks, time of joining |
//! | `b:` + user | own states of broadcasts; `B:` + id names those who have one |
//! | `pm:`, `bm:` + user | marks; `Mk` and `Mb` name each user's oldest |
//! | `m:` + position, `u` | bodies; times of leaving the inbox |
//! | `M`, `e`, `S:`, `p`, `L:`, `w`, `l` | messages, by expiry and sender, their users, the log |
//! | `ws`, `wr`, `c:`, `lc` | short lists on their way to other shards, those to be taken back; what came from there |
//! | `B`, `V`, `Bs` | live broadcasts and the version that each came with; those with states |
//! | `x`, `X`, `Z`, `z:`, `g` | what is being retracted, removed, forgotten; figures of the forgotten |
//! | `o:` + request | sends that a cluster's driver may repeat, for minutes |
//! | `jc`, `jct` | the shard in which a key's message was sent |
//! | `j`, `jt`, `t`, `y`, `d`, `of`, `oz`, `K`, `f` | idempotency keys, records, refused rows |

mod address;
mod body;
mod broadcasts;
mod cluster;
mod connection;
mod dividing;
#[cfg(test)]
mod division_tests;
mod following;
mod forgetting;
mod handing_over;
mod inboxes;
mod listening;
mod marking;
mod options;
mod reading;
mod records;
mod relaying;
mod reply;
mod script;
mod senders;
mod sending;
mod shards;
mod spreading;
mod store;
mod sweeping;
mod taking_back;
mod user_page;

pub use options::RedisOptions;
pub use store::RedisStore;

/// The store's name in errors.
const NAME: &str = "redis";
