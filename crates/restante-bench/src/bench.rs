use std::cell::OnceCell;
use std::ops::Deref;
use std::path::Path;

use crate::Result;
use crate::data_set::DataSet;
use crate::scratch::Scratch;

/// What the measurements share: how large they are, where their files go, the large data set.
pub(crate) struct Bench {
    scratch: Scratch,
    data_set: OnceCell<DataSet>,
}

impl Bench {
    /// A scratch directory of its own below `dir`, removed when this is dropped.
    pub(crate) fn new(dir: &Path, quick: bool) -> Result<Self> {
        Ok(Self { scratch: Scratch::new(dir, quick)?, data_set: OnceCell::new() })
    }

    /// The large file, made when the first measurement asks for it.
    pub(crate) fn data_set(&self) -> Result<&DataSet> {
        if self.data_set.get().is_none() {
            let _ = self.data_set.set(DataSet::fill(&self.scratch)?);
        }
        self.data_set.get().ok_or_else(|| "the data set was just made".into())
    }
}

impl Deref for Bench {
    type Target = Scratch;

    fn deref(&self) -> &Scratch {
        &self.scratch
    }
}
