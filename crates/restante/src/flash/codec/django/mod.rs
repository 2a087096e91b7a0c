//! The `messages` cookie of Django's messages framework, so that a Rust service and a Django site on
//! one domain show each other's messages.
//!
//! Django 3.2 to 6 write and read it. [`MessagesLayer::for_django`](crate::MessagesLayer::for_django)
//! in axum and [`MessagesMiddleware::for_django`](crate::MessagesMiddleware::for_django) in
//! actix-web do all that is needed; with any other framework a [`DjangoKey`] opens and writes the cookie's value:
//!
//! ```
//! use restante::DjangoKey;
//! use restante::django::{Keep, Message, MAX_SIZE};
//!
//! let key = DjangoKey::new("the site's SECRET_KEY")?;
//! let said = Message::new(25, "Profile saved");
//! let written = key.write(&[said.clone()], 1_700_000_000, MAX_SIZE, Keep::Newest);
//! assert!(written.unstored.is_empty());
//!
//! let cookie = key.read(&written.value);
//! assert_eq!(cookie.messages, [said]);
//! assert!(cookie.is_complete && !cookie.is_tampered);
//! # Ok::<(), restante::Error>(())
//! ```
//!
//! A value is `payload:timestamp:signature`. What is written is what the current Django writes, to
//! the byte; what is read is all that it reads. Signed content with which Django fails, such as a
//! message without a level, is no message here.
//!
//! `key` signs, `timestamp` is a number in base 62, `payload` is base64 and zlib around JSON, which
//! `writing` writes and `reading` reads. `cookie` puts them together and finds what fits, `carried`
//! is for the layer.

mod carried;
mod cookie;
mod key;
mod payload;
mod reading;
#[cfg(test)]
mod tests;
mod timestamp;
mod writing;

pub use self::cookie::{Cookie, MAX_SIZE, Message, Written};
pub use self::key::DjangoKey;
pub use crate::flash::cookie::Keep;

#[cfg(feature = "testing")]
pub(in crate::flash) use self::carried::unverified;
pub(in crate::flash) use self::carried::{pack, unpack};
