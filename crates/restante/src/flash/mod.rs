//! Request-bound messages, free of any framework: what a cookie or session brought, what is said
//! during the request, and what the response must set.
//!
//! `key` signs, `codec` packs messages, into few bytes or as Django does, `cookie` is the signed
//! value with its limit, `opened` one that is looked at, `cookie_settings` what it is set with,
//! `sessions` where the overflow goes. `settings` is what an adapter is configured with and
//! `setters` how; `request` what is looked at in a request, `exchange` one request, `messages` how
//! its handler speaks of it, `rejection` why it cannot, `taking` what its page is given, `finishing`
//! what its response sets, `user_source` who is asking, `shown` and `context` what a page gets.
//! `checks` is for random bytes.

#[cfg(any(test, fuzzing))]
mod checks;
mod codec;
mod context;
mod cookie;
mod cookie_settings;
mod exchange;
mod finishing;
mod key;
mod messages;
mod opened;
#[cfg(test)]
mod random_tests;
mod rejection;
mod request;
mod sessions;
#[cfg(any(feature = "axum", feature = "actix-web"))]
mod setters;
mod settings;
mod shown;
mod taking;
mod user_source;

#[cfg(all(fuzzing, feature = "django"))]
pub(crate) use checks::check_django;
#[cfg(fuzzing)]
pub(crate) use checks::{check_header, check_list};
#[cfg(feature = "django")]
pub use codec::django;
pub use context::PageContext;
#[cfg(feature = "testing")]
pub(crate) use cookie::unverified;
#[cfg(any(test, fuzzing))]
use cookie_settings::CookieSettings;
pub use cookie_settings::SameSite;
pub(crate) use cookie_settings::checked_part;
pub(crate) use exchange::Exchange;
#[cfg(any(
    feature = "actix-session",
    feature = "tower-sessions",
    feature = "tower-sessions-014"
))]
pub(crate) use exchange::SESSION_KEY;
pub(crate) use finishing::{Ending, Facts, Outcome, UNCACHED};
pub use key::Key;
pub use messages::Messages;
pub use opened::OpenedCookie;
#[cfg(any(feature = "axum", feature = "actix-web"))]
pub(crate) use rejection::Framework;
pub use rejection::MessagesRejection;
pub(crate) use request::{FindUser, FlashRequest};
#[cfg(feature = "axum")]
pub use sessions::Sessions;
pub use sessions::{BoxError, SessionError, SessionText};
#[cfg(any(feature = "axum", feature = "actix-web"))]
pub(crate) use setters::setters;
pub(crate) use settings::Settings;
pub use shown::{Shown, Taken};
pub use user_source::MaybeUser;
pub(crate) use user_source::UserSource;
