//! A database's URL, taken apart.

use std::fmt;
use std::time::Duration;

use mysql_async::{Opts, OptsBuilder};

use crate::Error;

/// Where the database is and how to get there. Shows no password.
#[derive(Clone)]
pub(super) struct Address {
    pub(super) options: Opts,
}

impl Address {
    /// Reads `mysql://user:password@host:port/database?…`, with everything the driver knows.
    pub(super) fn parse(url: &str, patience: Duration) -> Result<Self, Error> {
        // The driver's own errors may hold what stands around their cause.
        let invalid = |message: &'static str| Error::invalid("database", message);
        let rest = url.strip_prefix("mysql://").or_else(|| url.strip_prefix("mariadb://"));
        let rest = rest.ok_or_else(|| invalid("must begin with mysql:// or mariadb://"))?;
        let options = Opts::from_url(&format!("mysql://{rest}")).map_err(|_| {
            invalid(
                "is not a URL of MySQL: mysql://user:password@host:port/name?require_ssl=true, with \
                 special characters in the password written as %XX",
            )
        })?;
        if options.db_name().is_none_or(str::is_empty) {
            return Err(invalid("names no database: mysql://user:password@host:port/name"));
        }
        let says = |option: &str| rest.contains(&format!("{option}="));
        let mut builder = OptsBuilder::from_opts(options.clone())
            // Rows that were found as they should be count as well.
            .client_found_rows(true)
            .init(setup(patience));
        if !says("prefer_socket") {
            // It would ask whoever answers on localhost for the path of a socket, and speak there to
            // another server where the port is a tunnel's.
            builder = builder.prefer_socket(false);
        }
        if !says("tcp_keepalive") {
            builder = builder.tcp_keepalive(Some(Duration::from_secs(15)));
        }
        Ok(Self { options: builder.into() })
    }
}

/// What must not depend on how somebody set the server up: text of four bytes, values refused
/// rather than cut, and no waiting for locks for longer than callers wait.
fn setup(patience: Duration) -> Vec<String> {
    let seconds = patience.as_secs().clamp(1, 3_600);
    vec![
        "SET NAMES utf8mb4".to_owned(),
        format!(
            "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', autocommit = 1, \
             innodb_lock_wait_timeout = {seconds}"
        ),
        // For statements outside of a transaction; each transaction says what it needs.
        "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED".to_owned(),
    ]
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let options = &self.options;
        match options.socket() {
            Some(socket) => f.write_str(socket)?,
            None => write!(f, "{}:{}", options.ip_or_hostname(), options.tcp_port())?,
        }
        write!(f, "/{}", options.db_name().unwrap_or_default())
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
    fn no_error_shows_the_password() {
        let parse = |url| Address::parse(url, Duration::from_secs(1));
        for url in [
            "mysql://me:s3cret@db:x/app",
            "mysql://me:s3cret@db/app?require_ssl=s3cret",
            "mysql://me:s3cret@db/app?s3cret=1",
            "mysql://me:s3cret@db",
            "postgres://me:s3cret@db/app",
        ] {
            let error = parse(url).unwrap_err();
            assert!(error.is_invalid());
            assert!(!format!("{error:?}").contains("cret"), "{error:?}");
        }
        assert_eq!(format!("{:?}", parse("mysql://me:s3cret@db/app").unwrap()), "db:3306/app");
        assert_eq!(format!("{:?}", parse("mariadb://me@db:7/app").unwrap()), "db:7/app");
    }

    #[test]
    fn tls_is_asked_for_in_the_url() {
        let ssl = |query: &str| {
            let url = format!("mysql://db/app?{query}");
            let address = Address::parse(&url, Duration::from_secs(1)).unwrap();
            address
                .options
                .ssl_opts()
                .map(|ssl| (ssl.accept_invalid_certs(), ssl.skip_domain_validation()))
        };
        assert_eq!(ssl(""), None);
        assert_eq!(ssl("require_ssl=true"), Some((false, false)));
        assert_eq!(ssl("require_ssl=true&verify_ca=false"), Some((true, false)));
        assert_eq!(ssl("require_ssl=true&verify_identity=false"), Some((false, true)));
    }
}
