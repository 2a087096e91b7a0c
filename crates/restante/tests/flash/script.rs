//! What a scripted app does: what its paths say.

use restante::{Key, Level, Message, Messages, Taken, UserId};

pub(crate) fn key() -> Key {
    Key::new([1; 32]).unwrap()
}

/// What came of a path's steps.
pub(crate) struct Done {
    pub(crate) status: u16,
    /// What the last `take` or `peek` gave.
    pub(crate) seen: Taken,
    /// Whether the body is to be streamed, and looks at the messages while it is.
    pub(crate) streams: bool,
    /// Whether the handler says itself how long its page may be kept.
    pub(crate) is_cached: bool,
}

impl Done {
    /// The response's headers beside the usual ones.
    pub(crate) fn headers(&self) -> Vec<(&'static str, String)> {
        let mut headers = vec![
            ("x-complete", self.seen.is_complete().to_string()),
            ("x-unread", self.seen.unread().to_string()),
        ];
        headers.extend(self.is_cached.then(|| ("cache-control", "private, max-age=1".to_owned())));
        headers
    }
}

/// Does the steps of the path one after the other. What the last `take` or `peek` gave is the body,
/// joined by commas.
pub(crate) async fn run(messages: &Messages, path: &str) -> Done {
    let seen = Taken::default();
    let mut done = Done { status: 200, seen, streams: false, is_cached: false };
    for step in path.split('/').filter(|step| !step.is_empty()) {
        let (what, with) = step.split_once(':').unwrap_or((step, ""));
        match what {
            "add" => _ = messages.info(with),
            "debug" => _ = messages.debug(with),
            "error" => _ = messages.error(with),
            "level" => {
                let (level, text) = with.split_once(':').unwrap();
                messages.add(Message::new(Level::new(level.parse().unwrap()), text));
            }
            "tagged" => {
                let (tag, text) = with.split_once(':').unwrap();
                messages.add(Message::info(text).tag(tag));
            }
            "stored" => _ = messages.add(Message::info(with).stored()),
            // Each of 100 characters.
            "many" => {
                for at in 0..with.parse().unwrap() {
                    messages.info(format!("{at:-<100}"));
                }
            }
            "long" => _ = messages.info("x".repeat(with.parse().unwrap())),
            "take" => done.seen = messages.take().await,
            "peek" => done.seen = messages.peek().await,
            "keep" => messages.keep(),
            "clear" => messages.clear(),
            "min" => messages.set_min_level(with.parse().ok().map(Level::new)),
            "user" => messages.set_user(UserId::new(with).ok()),
            "status" => done.status = with.parse().unwrap(),
            "cached" => done.is_cached = true,
            "stream" => done.streams = true,
            "panic" => panic!("the handler's own fault"),
            _ => unreachable!("{what}"),
        }
    }
    done
}

/// The body of a response that streams.
pub(crate) fn streamed(
    messages: Messages,
) -> impl futures_util::Stream<Item = std::io::Result<String>> + Send + 'static {
    async_stream::stream! {
        messages.info("too late");
        yield Ok(texts(&messages.take().await));
    }
}

pub(crate) fn texts(seen: &Taken) -> String {
    seen.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}
