use std::cell::OnceCell;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use restante::{Restante, SqliteStore};
use tokio::runtime::{Builder, Runtime};

use crate::Result;
use crate::data_set::DataSet;

/// What the measurements share: how large they are, where their files go, the large data set.
pub(crate) struct Bench {
    quick: bool,
    dir: PathBuf,
    files: AtomicUsize,
    data_set: OnceCell<DataSet>,
}

impl Bench {
    /// A scratch directory of its own below `dir`, removed when this is dropped.
    pub(crate) fn new(dir: &Path, quick: bool) -> Result<Self> {
        let dir = dir.join(format!("run-{}", std::process::id()));
        std::fs::create_dir_all(&dir)?;
        Ok(Self { quick, dir, files: AtomicUsize::new(0), data_set: OnceCell::new() })
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

    /// The large file, made when the first measurement asks for it.
    pub(crate) fn data_set(&self) -> Result<&DataSet> {
        if self.data_set.get().is_none() {
            let _ = self.data_set.set(DataSet::fill(self)?);
        }
        self.data_set.get().ok_or_else(|| "the data set was just made".into())
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        // Where it cannot be removed, the next `cargo clean` does.
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

/// The service on a file, as an app opens it, doing nothing by itself: upkeep would fall on one
/// side's time by chance.
pub(crate) fn open(file: &Path) -> Result<Restante> {
    let store = one_thread()?.block_on(SqliteStore::open(file))?;
    Ok(Restante::new(store).without_background())
}

/// A runtime that does everything on the thread that waits for it.
pub(crate) fn one_thread() -> Result<Runtime> {
    Ok(Builder::new_current_thread().enable_all().build()?)
}

/// A runtime as a server has it, on two threads.
pub(crate) fn two_threads() -> Result<Runtime> {
    Ok(Builder::new_multi_thread().worker_threads(2).enable_all().build()?)
}

/// The id by which the app knows a user.
pub(crate) fn user(number: usize) -> String {
    format!("user-{number}")
}
