//! Whatever a browser sends as the cookie of a Django site, and whatever the site may have signed,
//! is read or refused, and what is read says the same when it is written again.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use restante::DjangoKey;

static KEY: LazyLock<DjangoKey> = LazyLock::new(|| DjangoKey::from_derived([7; 32]));

fuzz_target!(|bytes: &[u8]| {
    restante::fuzzing::check_django_cookie(&KEY, bytes);
});
