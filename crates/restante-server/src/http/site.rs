//! Where the server is for those who call it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use axum::http::Uri;

/// What our own addresses begin with. Everything is found with the path in front and without, so
/// one of these in front would be taken for the address itself.
const OWN: [&str; 11] = [
    "admin",
    "docs",
    "healthz",
    "inbox",
    "login",
    "logout",
    "metrics",
    "openapi.json",
    "readyz",
    "static",
    "v1",
];

/// The address that callers use, given by the operator or taken from where the server listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Site {
    /// Scheme, host and port.
    origin: String,
    /// The path below which everything is; empty, or `/…` without a slash at its end.
    base: String,
}

impl Site {
    /// Where a server can be reached that nobody told its address.
    pub(crate) fn listening(mut address: SocketAddr) -> Self {
        // "All addresses" is none that a browser can open.
        if address.ip().is_unspecified() {
            address.set_ip(match address {
                SocketAddr::V4(_) => IpAddr::V4(Ipv4Addr::LOCALHOST),
                SocketAddr::V6(_) => IpAddr::V6(Ipv6Addr::LOCALHOST),
            });
        }
        Self { origin: format!("http://{address}"), base: String::new() }
    }

    /// Below which path everything is; empty, or `/…` without a slash at its end.
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// A path of ours as a browser on the same host has to ask for it.
    pub(crate) fn path(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// A path of ours with scheme and host.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{}{path}", self.origin, self.base)
    }

    /// Whether browsers come by HTTPS, and cookies should only go back so.
    pub(crate) fn is_https(&self) -> bool {
        self.origin.starts_with("https:")
    }
}

impl FromStr for Site {
    type Err = String;

    fn from_str(url: &str) -> Result<Self, String> {
        let refused = || "must be like https://example.org/messages".to_owned();
        let uri: Uri = url.parse().map_err(|_| refused())?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(refused());
        };
        if !["http", "https"].contains(&scheme) || uri.query().is_some() || url.contains('#') {
            return Err(refused());
        }
        if authority.as_str().contains('@') {
            return Err("must not hold a name or password".to_owned());
        }
        let base = uri.path().trim_end_matches('/');
        for part in base.split('/').skip(1) {
            // Cookies, headers and routes each have characters of their own; these mean the same in
            // all of them. Browsers take dots alone for steps on the way.
            let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._~%".contains(c);
            if part.is_empty() || !part.chars().all(is_plain) || part.starts_with('.') {
                return Err(format!("{}, its path of letters, digits and `-._~%`", refused()));
            }
        }
        if let Some(own) = OWN.iter().find(|own| base.split('/').nth(1) == Some(own)) {
            return Err(format!(
                "must not have a path that begins with /{own}, which is the server's own; choose \
                 another, such as /messages"
            ));
        }
        let origin = format!("{scheme}://{authority}").to_ascii_lowercase();
        Ok(Self { origin, base: base.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_url_says_host_and_path() {
        let site: Site = "https://Example.org/messages/".parse().unwrap();
        assert_eq!(site.url("/inbox"), "https://example.org/messages/inbox");
        assert_eq!((site.path("/inbox").as_str(), site.is_https()), ("/messages/inbox", true));
        let bare: Site = "http://localhost:8080".parse().unwrap();
        assert_eq!((bare.url("/inbox").as_str(), bare.base()), ("http://localhost:8080/inbox", ""));
        let deep: Site = "http://localhost/apps/inbox".parse().unwrap();
        assert_eq!(deep.base(), "/apps/inbox", "only what comes first may not be ours");
        for bad in [
            "",
            "example.org",
            "/messages",
            "ftp://example.org",
            "https://example.org/?a=b",
            "https://example.org/#a",
            "https://u:p@example.org/",
            "https://example.org//a",
            "https://example.org/{a}",
            "https://example.org/a/../b",
            "https://example.org/a;b",
            "https://example.org/:a",
            "https://example.org/ä",
            "https://example.org/admin",
            "https://example.org/inbox",
            "https://example.org/v1/messages",
        ] {
            assert!(bad.parse::<Site>().is_err(), "{bad}");
        }
    }

    #[test]
    fn all_addresses_are_reached_by_this_machine_s_own() {
        let site = |address: &str| Site::listening(address.parse().unwrap()).url("/");
        assert_eq!(site("0.0.0.0:80"), "http://127.0.0.1:80/");
        assert_eq!(site("[::]:80"), "http://[::1]:80/");
        assert_eq!(site("192.0.2.1:80"), "http://192.0.2.1:80/");
    }
}
