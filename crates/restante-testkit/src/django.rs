//! The real Django, in the environments that `scripts/setup` makes.

use std::env::{home_dir, var_os};
use std::io;
use std::path::PathBuf;

use crate::guardian::or_skipped;

/// The Pythons that have one: 5.2 everywhere, and 6 where there is a Python for it. None when nothing
/// is there, which is said aloud.
///
/// # Panics
/// When 5.2 is missing and `CI=true`: there nothing is skipped.
pub fn pythons() -> Vec<PathBuf> {
    let cache = var_os("XDG_CACHE_HOME").filter(|path| !path.is_empty()).map(PathBuf::from);
    let cache = cache.or_else(|| Some(home_dir()?.join(".cache"))).unwrap_or_default();
    let python = |name: &str| {
        let path = cache.join("restante").join(name).join("bin/python");
        if path.exists() {
            Ok(path)
        } else {
            let reason = format!("{} is not there: scripts/setup fetches it", path.display());
            Err(io::Error::other(reason))
        }
    };
    or_skipped(python("django-5.2")).into_iter().chain(python("django-6")).collect()
}
