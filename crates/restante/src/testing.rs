//! For the tests of an app: a clock that stands still, and the flash messages of a response.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::Clock;

/// A clock that stands still until it is told to move. Clones show the same time.
///
/// ```
/// use restante::testing::FixedClock;
/// use restante::{MemoryStore, Message, Restante};
/// use std::time::Duration;
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), restante::Error> {
/// let clock = FixedClock::default();
/// let restante = Restante::new(MemoryStore::new()).with_clock(clock.clone());
/// restante.send(Message::info("Soon gone").expires_in(Duration::from_secs(60)), "alice").await?;
/// clock.advance(Duration::from_secs(61));
/// assert_eq!(restante.inbox("alice")?.count().await?.unread, 0);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct FixedClock(Arc<Mutex<SystemTime>>);

impl FixedClock {
    /// A clock that shows this time.
    pub fn at(time: impl Into<SystemTime>) -> Self {
        Self(Arc::new(Mutex::new(time.into())))
    }

    /// Shows another time, earlier or later.
    pub fn set(&self, time: impl Into<SystemTime>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = time.into();
    }

    /// Moves forward.
    pub fn advance(&self, by: Duration) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) += by;
    }
}

impl Default for FixedClock {
    /// 2026-01-01T00:00:00Z.
    fn default() -> Self {
        Self::at(UNIX_EPOCH + Duration::from_secs(1_767_225_600))
    }
}

impl Clock for FixedClock {
    fn now(&self) -> SystemTime {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The flash messages that a response leaves for the next request, by level and text, in order.
/// Empty when it sets no flash cookie, or deletes it.
#[cfg(feature = "flash")]
pub fn flash_of(response: &impl SetCookies) -> Vec<(crate::Level, String)> {
    let mut found = Vec::new();
    response.each_set_cookie(&mut |cookie| {
        let value = crate::headers::text(cookie)
            .and_then(|cookie| cookie.split(';').next()?.split_once('='))
            .and_then(|(_, value)| crate::flash::unverified(value));
        let messages = value.into_iter().flatten().map(|carried| carried.message);
        found.extend(messages.map(|message| (message.level(), message.text().to_owned())));
    });
    found
}

/// A response of axum or actix-web, of which the flash cookie is looked at.
#[cfg(feature = "flash")]
pub trait SetCookies {
    /// Calls with the value of each `Set-Cookie` header.
    fn each_set_cookie(&self, look: &mut dyn FnMut(&[u8]));
}

#[cfg(feature = "flash")]
impl<B> SetCookies for http::Response<B> {
    fn each_set_cookie(&self, look: &mut dyn FnMut(&[u8])) {
        let cookies = self.headers().get_all(http::header::SET_COOKIE);
        cookies.iter().for_each(|cookie| look(cookie.as_bytes()));
    }
}

/// Asserts that a response leaves just these flash messages, in this order.
///
/// ```
/// use axum::{Router, body::Body, http::Request, routing::post};
/// use restante::testing::assert_messages;
/// use restante::{Key, Level, Messages, MessagesLayer};
/// use tower::ServiceExt;
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let save = post(async |messages: Messages| { messages.success("Saved"); });
/// let app: Router = Router::new().route("/", save).layer(MessagesLayer::new(Key::generate()));
/// let response = app.oneshot(Request::post("/").body(Body::empty())?).await?;
/// assert_messages(&response, &[(Level::SUCCESS, "Saved")]);
/// # Ok(()) }
/// ```
///
/// # Panics
/// When they differ.
#[cfg(feature = "flash")]
pub fn assert_messages(response: &impl SetCookies, expected: &[(crate::Level, &str)]) {
    let found = flash_of(response);
    let found: Vec<_> = found.iter().map(|(level, text)| (*level, text.as_str())).collect();
    assert_eq!(found, expected, "the response's flash messages");
}
