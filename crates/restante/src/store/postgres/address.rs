//! A database's URL, taken apart.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use tokio_postgres::config::{Host, SslMode};

use crate::Error;

/// Where the database is and how to get there. Shows no password.
#[derive(Clone)]
pub(super) struct Address {
    pub(super) config: tokio_postgres::Config,
    pub(super) check: Check,
    /// Certificates to trust instead of the system's.
    pub(super) roots: Option<PathBuf>,
}

/// What of the server's certificate is checked, as `sslmode` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Check {
    /// Nothing: the connection is encrypted against who only listens.
    Nothing,
    /// Who signed it.
    Issuer,
    /// Who signed it, and that it is of this host.
    IssuerAndName,
}

impl Address {
    /// Reads `postgres://user:password@host:port/database?sslmode=…`, with everything libpq knows.
    pub(super) fn parse(url: &str) -> Result<Self, Error> {
        // The driver's own errors name keys and may hold what stands around them.
        let invalid = |message: &'static str| Error::invalid("database", message);
        if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
            return Err(invalid("must begin with postgres:// or postgresql://"));
        }
        let (base, query) = url.split_once('?').unwrap_or((url, ""));
        let (mut mode, mut roots, mut rest) = ("prefer", None, Vec::new());
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            match pair.split_once('=') {
                Some(("sslmode", value)) => mode = value,
                Some(("sslrootcert", value)) => roots = Some(PathBuf::from(decoded(value))),
                _ => rest.push(pair),
            }
        }
        let rest = rest.join("&");
        let mut config: tokio_postgres::Config = format!("{base}?{rest}").parse().map_err(|_| {
            invalid(
                "is not a URL of PostgreSQL: postgres://user:password@host:port/name?sslmode=…, \
                 with special characters in the password written as %XX",
            )
        })?;
        let (ssl_mode, check) = match mode {
            "disable" => (SslMode::Disable, Check::Nothing),
            "allow" | "prefer" => (SslMode::Prefer, Check::Nothing),
            // As libpq does: named certificates are meant to be checked.
            "require" if roots.is_some() => (SslMode::Require, Check::Issuer),
            "require" => (SslMode::Require, Check::Nothing),
            "verify-ca" => (SslMode::Require, Check::Issuer),
            "verify-full" => (SslMode::Require, Check::IssuerAndName),
            _ => {
                return Err(invalid(
                    "`sslmode` is disable, prefer, require, verify-ca or verify-full",
                ));
            }
        };
        config.ssl_mode(ssl_mode);
        set_patience(&mut config, &rest);
        Ok(Self { config, check, roots })
    }
}

/// A server that is gone must be noticed in seconds, unless the URL says otherwise.
fn set_patience(config: &mut tokio_postgres::Config, query: &str) {
    if config.get_application_name().is_none() {
        config.application_name("restante");
    }
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(Duration::from_secs(5));
    }
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(Duration::from_secs(10));
    }
    if !query.contains("keepalives_idle=") {
        config.keepalives_idle(Duration::from_secs(15));
    }
}

/// `%2F` and the like.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let escaped = (byte == b'%').then(|| after.get(..2)).flatten();
        let code = escaped
            .and_then(|code| std::str::from_utf8(code).ok())
            .and_then(|code| u8::from_str_radix(code, 16).ok());
        bytes.push(code.unwrap_or(byte));
        rest = if code.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ports = self.config.get_ports();
        for (at, host) in self.config.get_hosts().iter().enumerate() {
            let comma = if at == 0 { "" } else { "," };
            match host {
                Host::Tcp(name) => {
                    let port = ports.get(at).or(ports.first()).unwrap_or(&5432);
                    write!(f, "{comma}{name}:{port}")?;
                }
                #[cfg(unix)]
                Host::Unix(path) => write!(f, "{comma}{}", path.display())?,
            }
        }
        write!(f, "/{}", self.config.get_dbname().unwrap_or_default())
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sslmode_is_honoured() {
        let parse = |query: &str| {
            let address = Address::parse(&format!("postgres://me@db/app?{query}")).unwrap();
            (address.config.get_ssl_mode(), address.check)
        };
        assert_eq!(parse(""), (SslMode::Prefer, Check::Nothing));
        assert_eq!(parse("sslmode=disable"), (SslMode::Disable, Check::Nothing));
        assert_eq!(parse("sslmode=require"), (SslMode::Require, Check::Nothing));
        let require = "sslmode=require&application_name=x&sslrootcert=%2Fa.pem";
        assert_eq!(parse(require), (SslMode::Require, Check::Issuer));
        assert_eq!(parse("sslmode=verify-full"), (SslMode::Require, Check::IssuerAndName));
        let full = Address::parse("postgres://db/app?sslrootcert=%2Fa%20b.pem").unwrap();
        assert_eq!(full.roots, Some(PathBuf::from("/a b.pem")));
    }

    #[test]
    fn no_error_shows_the_password() {
        for url in [
            "postgres://me:s3cret@db:x/app",
            "postgres://me:s3cret@db/app?sslmode=maybe",
            "postgres://me:s3@cret@db/app?s3cret=1",
            "mysql://me:s3cret@db/app",
        ] {
            let error = Address::parse(url).unwrap_err();
            assert!(error.is_invalid());
            assert!(!format!("{error:?}").contains("cret"), "{error:?}");
        }
        let address = Address::parse("postgres://me:s3cret@db,other:7/app").unwrap();
        assert_eq!(format!("{address:?}"), "db:5432,other:7/app");
    }
}
