use std::fmt::{self, Write as _};
use std::str::FromStr;

use ureq::http::Uri;

/// A `--server`: where a Restante server is, without the `/v1` of its interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address(String);

impl Address {
    /// The address of a path of the interface, which begins with `/` and is encoded.
    pub(super) fn of(&self, path: &str) -> String {
        format!("{}/v1{path}", self.0)
    }
}

impl FromStr for Address {
    type Err = String;

    fn from_str(url: &str) -> Result<Self, String> {
        const RULE: &str = "must be the server's address, such as `https://messages.example`";
        let uri: Uri = url.parse().map_err(|_| RULE)?;
        let is_web = matches!(uri.scheme_str(), Some("http" | "https"));
        if !is_web || uri.query().is_some() || url.contains('#') {
            return Err(RULE.to_owned());
        }
        if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
            return Err("has no user in it: give the key with --api-key".to_owned());
        }
        Ok(Self(url.trim_end_matches('/').to_owned()))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One part of a path, or a value of a query. Everything that could mean something there is
/// encoded; the dot too, since a user may be called `..`.
pub(super) fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'~' => {
                out.push(char::from(byte));
            }
            // Writing to a string cannot fail.
            byte => _ = write!(out, "%{byte:02X}"),
        }
    }
    out
}

/// A query of those of these that have a value, with its question mark.
pub(super) fn query(pairs: &[(&str, Option<String>)]) -> String {
    let mut out = String::new();
    for (name, value) in pairs {
        if let Some(value) = value {
            let mark = if out.is_empty() { '?' } else { '&' };
            let _ = write!(out, "{mark}{name}={}", encoded(value));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_of_the_web_and_has_neither_user_nor_query() {
        let address = |url: &str| url.parse::<Address>().map(|address| address.of("/keys"));
        assert_eq!(address("http://[::1]:80"), Ok("http://[::1]:80/v1/keys".to_owned()));
        assert_eq!(address("https://a.b/c/"), Ok("https://a.b/c/v1/keys".to_owned()));
        for bad in
            ["", "a.b", "localhost:7787", "ftp://a", "http://", "http://a/?b", "http://a/#b", "/a"]
        {
            assert!(address(bad).unwrap_err().contains("https://"), "{bad}");
        }
        assert!(address("http://u:p@a").unwrap_err().contains("--api-key"));
    }

    #[test]
    fn what_goes_into_an_address_stays_one_part_of_it() {
        assert_eq!(encoded("Zoë/..?#%"), "Zo%C3%AB%2F%2E%2E%3F%23%25");
        let pairs = [("a", None), ("b", Some("1&2".to_owned())), ("c", Some(String::new()))];
        assert_eq!(query(&pairs), "?b=1%262&c=");
        assert_eq!(query(&pairs[..1]), "");
    }
}
