//! The scripts: loaded by the server when it does not know them, called by their hash.

use std::sync::OnceLock;

use redis::Cmd;

/// A script of `lua/`.
#[derive(Debug)]
pub(super) struct Script {
    source: &'static str,
    hash: OnceLock<String>,
}

impl Script {
    const fn new(source: &'static str) -> Self {
        Self { source, hash: OnceLock::new() }
    }

    /// A call by hash; keys, then arguments follow.
    pub(super) fn call(&self, keys: &[&str]) -> Cmd {
        let hash = self.hash.get_or_init(|| redis::Script::new(self.source).get_hash().to_owned());
        let mut call = redis::cmd("EVALSHA");
        call.arg(hash).arg(keys.len()).arg(keys);
        call
    }

    /// The same call with the source, from which the server knows it again. It may have been
    /// restarted or flushed, or be a replica that took over.
    pub(super) fn call_with_source(&self, call: &Cmd) -> Cmd {
        let mut again = redis::cmd("EVAL");
        again.arg(self.source);
        for argument in call.args_iter().skip(2) {
            if let redis::Arg::Simple(bytes) = argument {
                again.arg(bytes);
            }
        }
        again
    }
}

macro_rules! scripts {
    ($($name:ident: $($file:literal)+;)+) => {$(
        pub(super) static $name: Script = Script::new(concat!(
            include_str!("lua/head.lua"),
            $(include_str!(concat!("lua/", $file, ".lua")),)+
        ));
    )+};
}

scripts! {
    SEND: "hint" "position" "version" "rows" "record" "outbox" "send";
    DELIVER: "hint" "position" "rows" "record" "deliver";
    NEXT_PART: "position" "record" "groups" "next_part";
    ACCEPT: "position" "rows" "record" "accept";
    PART_DONE: "hint" "record" "groups" "part_done";
    RETRACTING: "record" "groups" "retracting";
    DROP_PART: "rows" "drop_part";
    RETRACTED: "hint" "record" "retracted";
    SPREAD: "spread";
    SPREAD_DONE: "hint" "spread_done";
    CLAIM: "claim";
    PEEK: "peek";
    POP: "outbox" "pop";
    REFUSE: "outbox" "refuse";
    PAGE: "page";
    GET: "get";
    MARK: "hint" "position" "mark";
    MARK_ALL: "hint" "all";
    JOIN: "join";
    BROADCASTS: "record" "broadcasts";
    SENT: "record" "sent";
    MESSAGE: "record" "groups" "message";
    PART: "record" "part";
    READERS: "has_read" "readers";
    PART_FIGURES: "has_read" "part_figures";
    CROWD: "crowd";
    LOG: "log";
    LOG_UP_TO: "log_up_to";
    ENTRIES: "record" "groups" "entries";
    RETRACT: "hint" "version" "rows" "record" "retract";
    SWEEP: "version" "rows" "record" "sweep";
    FORGET: "record" "users" "outbox" "forget";
    FORGOTTEN: "record" "users" "forgotten";
    LEFT: "outbox" "left";
    LOAD: "record" "load";
    ADD_API_KEY: "add_api_key";
    REVOKE_API_KEY: "revoke_api_key";
    END_TOKENS: "end_tokens";
    LEASE: "lease";
    ADVANCE: "advance";
    RELEASE: "release";
    USE_ONCE: "use_once";
}
