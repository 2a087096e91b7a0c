//! One-use tickets: how a browser gets its session without a password.
//!
//! A ticket says whose it is and when it ends, signed, so that every server of a database knows it;
//! that it was used is written in the store. Its form is `user.ends.nonce.signature`.

use std::time::{Duration, SystemTime};

use restante::{Error, Store, UserId};
use sha2::{Digest, Sha256};

use super::random;
use super::signed::Signed;

/// How long a ticket works unless told otherwise.
pub(crate) const LIFETIME: Duration = Duration::from_secs(60);

/// Makes and redeems tickets.
#[derive(Debug)]
pub(crate) struct Tickets(Signed);

/// A ticket just made.
pub(crate) struct FreshTicket {
    pub(crate) ticket: String,
    pub(crate) expires_at: SystemTime,
}

impl Tickets {
    /// `None` when the secret has no usable length.
    pub(crate) fn new(secret: &[u8]) -> Option<Self> {
        Signed::new("ticket", secret).map(Self)
    }

    /// A ticket for this user that can be used once, within `lifetime`.
    pub(crate) fn issue(
        &self,
        now: SystemTime,
        user: &UserId,
        lifetime: Duration,
    ) -> Result<FreshTicket, Error> {
        let nonce = random()?;
        let expires_at = now + lifetime;
        Ok(FreshTicket { ticket: self.0.write(user, expires_at, nonce), expires_at })
    }

    /// Uses a ticket up. `None` when it was not made here, has ended or was used.
    pub(crate) async fn redeem(
        &self,
        store: &dyn Store,
        now: SystemTime,
        ticket: &str,
    ) -> Result<Option<UserId>, Error> {
        let Some((user, ends)) = self.0.read(now, ticket) else {
            return Ok(None);
        };
        // Whoever ends all that opens an inbox means those that were not used yet, too. A link of
        // the demo lasts longer, and counts as made later than it was.
        let made = ends.checked_sub(LIFETIME);
        if let Some(ended) = store.tokens_ended_at(&user).await?
            && made.is_none_or(|made| made < ended)
        {
            return Ok(None);
        }
        let is_first = store.use_once(now, &Sha256::digest(ticket).into(), ends).await?;
        Ok(is_first.then_some(user))
    }
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use restante::{MemoryStore, Records};

    use super::*;

    #[tokio::test]
    async fn a_ticket_lets_in_once_and_in_time() {
        let (store, tickets) = (MemoryStore::new(), Tickets::new(&[7; 32]).unwrap());
        let alice = UserId::new("alice").unwrap();
        let now = UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        let issue = || tickets.issue(now, &alice, LIFETIME).unwrap().ticket;
        let redeem = async |at, ticket: &str| tickets.redeem(&store, at, ticket).await.unwrap();
        let (ticket, late) = (issue(), issue());
        assert_ne!(ticket, late);
        assert_eq!(redeem(now, "guess").await, None);
        assert_eq!(redeem(now, &ticket.replacen("YWxpY2U", "Ym9i", 1)).await, None);
        assert_eq!(redeem(now, &ticket).await, Some(alice.clone()));
        assert_eq!(redeem(now, &ticket).await, None);
        assert_eq!(redeem(now + LIFETIME, &late).await, None);
        assert_eq!(redeem(now + LIFETIME - Duration::from_secs(1), &late).await, Some(alice));
    }

    #[tokio::test]
    async fn a_ticket_ends_with_its_user_s_tokens() {
        let (store, tickets) = (MemoryStore::new(), Tickets::new(&[7; 32]).unwrap());
        let alice = UserId::new("alice").unwrap();
        let now = UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        let issue = |at| tickets.issue(at, &alice, LIFETIME).unwrap().ticket;
        let soon = now + Duration::from_secs(1);
        let (before, after) = (issue(now), issue(soon));
        store.end_tokens(soon, &alice).await.unwrap();
        assert_eq!(tickets.redeem(&store, soon, &before).await.unwrap(), None);
        assert_eq!(tickets.redeem(&store, soon, &after).await.unwrap(), Some(alice));
    }
}
