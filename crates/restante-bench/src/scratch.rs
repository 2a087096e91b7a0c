use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::Result;

/// How large the measurements are and where their files go: a directory of its own, removed when
/// this is dropped.
pub(crate) struct Scratch {
    quick: bool,
    dir: PathBuf,
    files: AtomicUsize,
}

impl Scratch {
    /// A directory below `dir`.
    pub(crate) fn new(dir: &Path, quick: bool) -> Result<Self> {
        let dir = dir.join(format!("run-{}", std::process::id()));
        std::fs::create_dir_all(&dir)?;
        Ok(Self { quick, dir, files: AtomicUsize::new(0) })
    }

    /// The size of something in a real run and in a quick one.
    pub(crate) fn scale(&self, full: usize, quick: usize) -> usize {
        if self.quick { quick } else { full }
    }

    /// How often each side is measured.
    pub(crate) fn rounds(&self) -> usize {
        self.scale(7, 1)
    }

    /// The path of a new file.
    pub(crate) fn file(&self) -> PathBuf {
        self.dir.join(format!("{}.db", self.files.fetch_add(1, Ordering::Relaxed)))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Where it cannot be removed, the next `cargo clean` does.
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}
