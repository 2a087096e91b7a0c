//! A file system that is easily full.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A tmpfs of a few megabytes, unmounted when dropped. Needs root.
#[derive(Debug)]
pub struct SmallDisk {
    folder: tempfile::TempDir,
}

impl SmallDisk {
    /// Mounts one.
    ///
    /// # Errors
    /// When this process may not mount.
    pub fn mount(megabytes: u32) -> io::Result<Self> {
        let folder = tempfile::tempdir()?;
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={megabytes}m"), "restante-test"])
            .arg(folder.path())
            .status()?;
        if mounted.success() { Ok(Self { folder }) } else { Err(io::Error::other("mount failed")) }
    }

    /// A file on it.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Fills it but for about `room` bytes.
    ///
    /// # Errors
    /// Any but that the disk is full.
    pub fn fill(&self, room: usize) -> io::Result<Filler> {
        let filler = Filler(self.file("filler"));
        let mut file = std::fs::File::create(&filler.0)?;
        let block = [b'x'; 4096];
        let mut written = 0;
        while file.write_all(&block).is_ok() {
            written += block.len();
        }
        file.set_len(written.saturating_sub(room) as u64)?;
        Ok(filler)
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: a connection may still be open when a test fails.
        let _ = Command::new("umount").arg("-l").arg(self.folder.path()).status();
    }
}

/// What fills the disk. Dropping it makes room.
#[derive(Debug)]
pub struct Filler(PathBuf);

impl Filler {
    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Filler {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}
