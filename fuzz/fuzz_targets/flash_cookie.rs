//! Whatever a browser sends as flash cookie is read or refused, and what is read says the same when
//! it is written again.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use restante::Key;

static KEY: LazyLock<Key> = LazyLock::new(|| Key::new([7; 32]).expect("32 bytes are enough"));

fuzz_target!(|bytes: &[u8]| {
    restante::fuzzing::check_flash_cookie(&KEY, bytes);
});
