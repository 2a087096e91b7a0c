//! One-use tickets: how a browser gets its session without a password.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use restante::UserId;
use sha2::{Digest, Sha256};

/// Tickets given out and not used, by their hash: looking one up by itself would tell by its
/// timing how much of a guess was right. They end with the process.
#[derive(Debug, Default)]
pub(crate) struct Tickets {
    live: Mutex<HashMap<[u8; 32], Ticket>>,
}

#[derive(Debug)]
struct Ticket {
    user: UserId,
    ends: Instant,
}

impl Tickets {
    /// A ticket for this user that can be used once, within `lifetime`.
    pub(crate) fn issue(
        &self,
        user: UserId,
        lifetime: Duration,
    ) -> Result<String, getrandom::Error> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes)?;
        let ticket = BASE64.encode(bytes);
        let now = Instant::now();
        let mut live = self.live();
        live.retain(|_, ticket| ticket.ends > now);
        live.insert(hash(&ticket), Ticket { user, ends: now + lifetime });
        Ok(ticket)
    }

    /// Uses a ticket up. `None` when it is unknown, has ended or was used.
    pub(super) fn redeem(&self, ticket: &str) -> Option<UserId> {
        let found = self.live().remove(&hash(ticket))?;
        (found.ends > Instant::now()).then_some(found.user)
    }

    fn live(&self) -> MutexGuard<'_, HashMap<[u8; 32], Ticket>> {
        // Every change of the map is a single step, so a panic elsewhere leaves it whole.
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn hash(ticket: &str) -> [u8; 32] {
    Sha256::digest(ticket).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_lets_in_once_and_in_time() {
        let tickets = Tickets::default();
        let alice = UserId::new("alice").unwrap();
        let ticket = tickets.issue(alice.clone(), Duration::from_secs(60)).unwrap();
        assert_eq!(tickets.redeem("guess"), None);
        assert_eq!(tickets.redeem(&ticket), Some(alice.clone()));
        assert_eq!(tickets.redeem(&ticket), None);
        let late = tickets.issue(alice, Duration::ZERO).unwrap();
        assert_eq!(tickets.redeem(&late), None);
    }
}
