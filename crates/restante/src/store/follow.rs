use std::sync::Arc;
use std::time::SystemTime;

use crate::{Message, MessageId, UserId};

/// One entry of the log that followers read: a short list or a broadcast, or one part of a long
/// list.
#[derive(Clone, Debug)]
pub struct Followed {
    /// Its place in the log.
    pub position: i64,
    /// The message's id. The parts of one long list share it.
    pub id: MessageId,
    /// Who sent it.
    pub sender: String,
    /// What was said.
    pub message: Arc<Message>,
    /// When it was sent.
    pub date: SystemTime,
    /// To whom; `None` is everyone. Users forgotten since are left out.
    pub users: Option<Vec<UserId>>,
}
