//! A certificate for a server of this machine, and the authority that signed it; by `openssl`.

use std::io;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::guardian;

const KEY: [&str; 5] = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];

/// Files in a folder of their own, which is removed with this.
#[derive(Debug)]
pub struct Certificates {
    folder: TempDir,
}

impl Certificates {
    /// A certificate for the name `localhost` alone, which the user `owner` may read.
    ///
    /// # Errors
    /// When there is no `openssl`, or it fails; the text says why.
    pub fn for_localhost(owner: &str) -> io::Result<Self> {
        let made = Self { folder: tempfile::Builder::new().prefix("restante-tls-").tempdir()? };
        std::fs::write(made.path("names"), "subjectAltName=DNS:localhost\n")?;
        let authority = ["-x509", "-subj", "/CN=Restante's tests", "-days", "2"];
        made.openssl("req", &[&KEY, &authority, &["-keyout", "ca.key", "-out", "ca.pem"]])?;
        let request = ["-subj", "/CN=localhost", "-keyout", "server.key", "-out", "request"];
        made.openssl("req", &[&KEY, &request])?;
        let signed = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2"];
        let files = ["-req", "-in", "request", "-out", "server.pem", "-extfile", "names"];
        made.openssl("x509", &[&files, &signed])?;
        // A server refuses a key that others may read.
        std::fs::set_permissions(made.key(), PermissionsExt::from_mode(0o600))?;
        if let Some((uid, gid)) = guardian::own_user(owner)? {
            for path in [made.folder.path().to_owned(), made.key(), made.certificate()] {
                chown(path, Some(uid), Some(gid))?;
            }
        }
        Ok(made)
    }

    /// The server's certificate.
    pub fn certificate(&self) -> PathBuf {
        self.path("server.pem")
    }

    /// The server's key.
    pub fn key(&self) -> PathBuf {
        self.path("server.key")
    }

    /// The authority's certificate, to be trusted.
    pub fn authority(&self) -> PathBuf {
        self.path("ca.pem")
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn openssl(&self, command: &str, arguments: &[&[&str]]) -> io::Result<()> {
        let output = Command::new("openssl")
            .arg(command)
            .args(arguments.concat())
            .current_dir(self.folder.path())
            .output()
            .map_err(|error| missing(&error))?;
        if output.status.success() {
            return Ok(());
        }
        Err(io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned()))
    }
}

fn missing(error: &io::Error) -> io::Error {
    io::Error::other(format!("openssl (Debian: openssl): {error}"))
}

/// A path as a value of a URL.
pub fn in_url(path: &Path) -> String {
    path.display().to_string().replace('/', "%2F")
}
