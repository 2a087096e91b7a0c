//! Request-bound messages, free of any framework: what a cookie or session brought, what is said
//! during the request, and what the response must set.
//!
//! `key` signs, `codec` packs messages, into few bytes or as Django does, `cookie` is the signed
//! value with its limit, `opened` one that is looked at, `cookie_settings` what it is set with, `sessions` where the overflow goes. `settings` is what an
//! adapter is configured with, `exchange` one request, `taking` what its page is given, `finishing`
//! what its response sets, `user_source` who is asking, `shown` and `context` what a page gets. `checks` is for random bytes.

#[cfg(any(test, fuzzing))]
mod checks;
mod codec;
mod context;
mod cookie;
mod cookie_settings;
mod exchange;
mod finishing;
mod key;
mod opened;
#[cfg(test)]
mod random_tests;
mod sessions;
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
pub(crate) use cookie_settings::check_part;
pub(crate) use exchange::Exchange;
#[cfg(any(test, feature = "tower-sessions", feature = "tower-sessions-014"))]
pub(crate) use exchange::SESSION_KEY;
pub(crate) use finishing::{Ending, Facts, Outcome};
pub use key::Key;
pub use opened::OpenedCookie;
pub use sessions::{SessionError, SessionText, Sessions};
pub(crate) use settings::Settings;
pub use shown::{Shown, Taken};
pub use user_source::MaybeUser;
pub(crate) use user_source::UserSource;
