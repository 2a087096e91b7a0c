//! Which keys are together: all of one shard are in one slot.

/// The shards of a store.
#[derive(Debug)]
pub(super) struct Shards {
    /// The first key of each, which names the slot.
    clocks: Vec<String>,
    outbox: String,
}

impl Shards {
    /// The one shard of a server alone. Its tag is the outbox's name, so that rows leave the outbox
    /// in the script that sends them: a key without braces is in the slot of its whole name.
    pub(super) fn one(prefix: &str) -> Self {
        let outbox = format!("{prefix}_outbox");
        Self { clocks: vec![format!("{{{outbox}}}c")], outbox }
    }

    /// The shard of what is not divided: outbox, broadcasts, the log, records.
    pub(super) fn first(&self) -> &str {
        &self.clocks[0]
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
