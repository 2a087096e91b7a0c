//! What `fuzz/` calls. Only there when cargo-fuzz compiles, and no part of what is promised.

use crate::{Key, flash};

/// Whatever a browser sends as flash cookie is read or refused, and what is read says the same when
/// it is written again.
///
/// # Panics
/// When it does not hold.
pub fn check_flash_cookie(key: &Key, bytes: &[u8]) {
    flash::check_header(key, bytes);
    flash::check_list(key, bytes);
}

/// The same of the cookie of a Django site.
///
/// # Panics
/// When it does not hold.
#[cfg(feature = "django")]
pub fn check_django_cookie(key: &crate::DjangoKey, bytes: &[u8]) {
    flash::check_django(key, bytes);
}
