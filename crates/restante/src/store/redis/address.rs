//! Where the server is, from a URL that may hold a password and is never shown.

use redis::{ConnectionInfo, IntoConnectionInfo};

use crate::Error;

/// A server alone, or some nodes of a cluster.
#[derive(Debug)]
pub(super) enum Address {
    One(Box<ConnectionInfo>),
    Cluster(Vec<ConnectionInfo>),
}

impl Address {
    /// `redis://`, `rediss://`, or either with `+cluster` behind the name and several hosts.
    pub(super) fn parse(url: &str) -> Result<Self, Error> {
        let (scheme, rest) = url.split_once("://").ok_or_else(bad)?;
        let (scheme, is_cluster) = match scheme {
            "redis" | "rediss" => (scheme, false),
            "redis+cluster" => ("redis", true),
            "rediss+cluster" => ("rediss", true),
            _ => return Err(bad()),
        };
        if !is_cluster {
            return info(url).map(|info| Self::One(Box::new(info)));
        }
        // Name and password are said once, for all nodes.
        let (login, hosts) =
            rest.rsplit_once('@').map_or(("", rest), |(login, rest)| (login, rest));
        let login = if login.is_empty() { String::new() } else { format!("{login}@") };
        let hosts = hosts.trim_end_matches('/').split(',');
        let nodes = hosts.map(|host| info(&format!("{scheme}://{login}{host}")));
        nodes.collect::<Result<_, _>>().map(Self::Cluster)
    }
}

fn info(url: &str) -> Result<ConnectionInfo, Error> {
    // The cause is left out: it may quote the password.
    url.into_connection_info().map_err(|_| bad())
}

fn bad() -> Error {
    Error::invalid(
        "url",
        "must be redis://[user:password@]host[:port][/database], rediss:// for TLS, or \
         redis+cluster://host:port,host:port",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_understood_or_refused_without_being_quoted() {
        for url in ["redis://localhost", "rediss://a:b@h:1/2", "redis://:secret@127.0.0.1:6379"] {
            assert!(matches!(Address::parse(url), Ok(Address::One(_))), "{url}");
        }
        let cluster = Address::parse("redis+cluster://a:secret@h:1,h:2,h:3/").unwrap();
        let Address::Cluster(nodes) = cluster else { panic!("one server") };
        assert_eq!(nodes.len(), 3);
        assert_eq!(nodes[2].redis_settings().password(), Some("secret"));
        for url in ["", "redis", "http://h", "redis://:secret@", "redis+cluster://:secret@h:x,"] {
            let error = Address::parse(url).unwrap_err();
            assert_eq!(error.field(), Some("url"));
            assert!(!format!("{error:?}").contains("secret"), "{error:?}");
        }
    }
}
