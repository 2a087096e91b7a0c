//! Which keys are together: all of one shard are in one slot.

use crc16::{State, XMODEM};

use super::{NAME, reply};
use crate::{Error, UserId};

/// How many shards the users of a cluster are divided over: as many masters can share them. One more
/// has what is not divided, and no users.
const SHARDS: usize = 64;
/// The slots of a cluster.
const SLOTS: usize = 16_384;

/// The shards of a store.
#[derive(Debug)]
pub(super) struct Shards {
    /// The first key of each, which names the slot. The last is that of what is not divided.
    clocks: Vec<String>,
    outbox: String,
}

impl Shards {
    /// The one shard of a server alone. Its tag is the outbox's name, so that rows leave the outbox
    /// in the script that sends them: a key without braces is in the slot of its whole name.
    pub(super) fn one(prefix: &str) -> Self {
        let outbox = format!("{prefix}_outbox");
        Self { clocks: vec![clock(&outbox)], outbox }
    }

    /// The shards of a cluster: those of users each in an equal range of the slots, with the first
    /// `prefix:number` as its tag whose slot is in the range.
    pub(super) fn divided(prefix: &str) -> Self {
        let outbox = format!("{prefix}_outbox");
        let mut clocks = vec![String::new(); SHARDS];
        let (mut left, mut number) = (SHARDS, 0_u32);
        while left > 0 {
            let tag = format!("{prefix}:{number}");
            let its = &mut clocks[slot(tag.as_bytes()) / (SLOTS / SHARDS)];
            if its.is_empty() {
                *its = clock(&tag);
                left -= 1;
            }
            number += 1;
        }
        clocks.push(clock(&outbox));
        Self { clocks, outbox }
    }

    /// Whether there are several.
    pub(super) fn are_several(&self) -> bool {
        self.clocks.len() > 1
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.clocks.len()
    }

    /// The clock of one.
    pub(super) fn clock(&self, shard: usize) -> &str {
        &self.clocks[shard]
    }

    /// The clock of the shard of what is not divided: outbox, lists, broadcasts, records.
    pub(super) fn first(&self) -> &str {
        &self.clocks[self.first_number()]
    }

    /// Its number.
    pub(super) fn first_number(&self) -> usize {
        self.clocks.len() - 1
    }

    /// How many there are beside it.
    fn of_users(&self) -> usize {
        self.first_number().max(1)
    }

    /// The number of a user's shard.
    pub(super) fn of(&self, user: &UserId) -> usize {
        slot(user.as_str().as_bytes()) % self.of_users()
    }

    /// The shard of what is known by a name alone.
    pub(super) fn of_name(&self, name: &[u8]) -> usize {
        slot(name) % self.of_users()
    }

    /// The number of a shard, as a script has it.
    pub(super) fn numbered(&self, number: &redis::Value) -> Result<usize, Error> {
        let number = usize::try_from(reply::number(number)?).ok();
        let number = number.filter(|number| *number < self.clocks.len());
        number.ok_or_else(|| Error::internal(NAME, "a shard is named that there is not"))
    }

    /// The shard that gave out a position; see [`turn`](Self::turn).
    pub(super) fn of_position(&self, position: i64) -> usize {
        usize::try_from(position >> 1).map_or(0, |turn| turn % self.clocks.len())
    }

    /// A shard's positions, so that no two give out the same: those that leave `turn.0` when divided by
    /// `turn.1`, and the odd ones after them.
    pub(super) fn turn(&self, shard: usize) -> (usize, usize) {
        (2 * shard, 2 * self.clocks.len())
    }

    /// The list that other programs leave messages in.
    pub(super) fn outbox(&self) -> &str {
        &self.outbox
    }

    /// The key of another name in the shard of a clock.
    pub(super) fn key(clock: &str, name: &str) -> String {
        format!("{}{name}", &clock[..clock.len() - 1])
    }
}

fn clock(tag: &str) -> String {
    format!("{{{tag}}}c")
}

/// As Redis Cluster has it: CRC16 (XMODEM) modulo 16384. The names have no braces.
fn slot(name: &[u8]) -> usize {
    usize::from(State::<XMODEM>::calculate(name)) % SLOTS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_those_of_the_server() {
        // From the specification of Redis Cluster.
        assert_eq!(State::<XMODEM>::calculate(b"123456789"), 0x31C3);
        assert_eq!(slot(b"foo"), 12_182);
    }

    #[test]
    fn shards_are_spread_evenly_and_stay_where_they_are() {
        let shards = Shards::divided("restante");
        assert_eq!((shards.count(), shards.first_number()), (65, 64));
        assert_eq!(shards.first(), "{restante_outbox}c");
        for (number, clock) in shards.clocks[..64].iter().enumerate() {
            let tag = &clock[1..clock.len() - 2];
            assert_eq!(slot(tag.as_bytes()) / 256, number, "{clock}");
        }
        // What is stored is found by the same way for ever.
        assert_eq!(shards.of(&UserId::new("alice").unwrap()), 45);
        assert_eq!(shards.clock(0), "{restante:50}c");
    }

    #[test]
    fn positions_tell_their_shard() {
        let shards = Shards::divided("restante");
        for shard in 0..shards.count() {
            let (turn, of) = shards.turn(shard);
            for round in [0, 1, 4_096] {
                let position = i64::try_from(round * of + turn).unwrap();
                assert_eq!(shards.of_position(position), shard);
                assert_eq!(shards.of_position(position + 1), shard);
            }
        }
        let one = Shards::one("restante");
        assert_eq!((one.of_position(4_098), one.turn(0)), (0, (0, 2)));
    }
}
