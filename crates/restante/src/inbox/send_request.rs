use std::future::{Future, IntoFuture};
use std::pin::Pin;

use super::Restante;
use crate::store::{NewMessage, Sent};
use crate::{Error, ItemId, Message, To};

/// A message about to be sent. Awaiting it sends it.
///
/// Durable when it returns. The future may be dropped: the message is then sent or not sent, never
/// half; a [`key`](Self::key) makes it safe to try again.
///
/// ```
/// use restante::{MemoryStore, Message, Restante};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), restante::Error> {
/// let restante = Restante::new(MemoryStore::new());
/// let shipped = || restante.send(Message::info("Your order has shipped"), "alice").key("order-7");
/// let first = shipped().await?;
/// let again = shipped().await?;
/// assert_eq!(again.id, first.id);
/// assert!(again.repeated, "nothing was sent twice");
///
/// let other = restante.send(Message::info("Something else"), "alice").key("order-7").await;
/// assert!(other.unwrap_err().is_conflict());
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until the request is awaited"]
pub struct SendRequest {
    restante: Restante,
    message: Message,
    to: To,
    sender: Option<String>,
    key: Option<String>,
    newcomers: bool,
}

impl SendRequest {
    pub(super) fn new(restante: Restante, message: Message, to: To) -> Self {
        Self { restante, message, to, sender: None, key: None, newcomers: false }
    }

    /// An idempotency key of the sender's, 1–255 bytes. Within 24 hours the same key with the same
    /// content answers with the first result and sends nothing again; with other content it is a
    /// `Conflict`.
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// Who sends it, 1–255 bytes; `app` unless named. Keys belong to their sender.
    pub fn sender(mut self, sender: impl Into<String>) -> Self {
        self.sender = Some(sender.into());
        self
    }

    /// Shows a broadcast to users who join later too.
    pub fn newcomers(mut self) -> Self {
        self.newcomers = true;
        self
    }

    async fn send(self) -> Result<Sent, Error> {
        let Self { restante, message, to, sender, key, newcomers } = self;
        let now = restante.now();
        let to = to.resolve()?;
        if newcomers && to.is_some() {
            return Err(Error::invalid("newcomers", "goes with a message to everyone"));
        }
        let message = NewMessage::prepare(
            now,
            message,
            sender.as_deref().unwrap_or("app"),
            key.as_deref(),
            to.as_ref(),
            newcomers,
            restante.inner.expiry,
        )?;
        let hub = &restante.inner.hub;
        let Some(to) = to else {
            let sent = restante.store().broadcast(now, &message, newcomers).await?;
            if !sent.repeated {
                hub.broadcast(sent.id, message.message());
                hub.sent();
            }
            return Ok(sent);
        };
        let sent = restante.store().send(now, &message, &to).await?;
        if sent.waiting > 0 {
            restante.inner.background.wake();
        } else if !sent.repeated {
            if hub.has_listeners() {
                let position = ItemId::new(sent.id.value());
                for user in to.as_slice() {
                    hub.stored(user, position, sent.id, message.message());
                }
            }
            hub.sent();
        }
        Ok(sent)
    }
}

impl IntoFuture for SendRequest {
    type Output = Result<Sent, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}
