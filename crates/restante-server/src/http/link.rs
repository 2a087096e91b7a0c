//! A message's url as a page shows it.

/// How much of a url is shown. The browser is given all of it.
const SHOWN_CHARS: usize = 80;

/// A link that may be followed, and where it leads in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Link {
    /// What the browser is given.
    pub(super) href: String,
    /// The other site that it leads to.
    pub(super) host: Option<String>,
    /// As much of the path as fits a line.
    pub(super) path: String,
}

impl Link {
    /// `None` for anything but http, https and a path on this host. Urls are checked when they are
    /// sent; one that got into the database by another way is not shown as a link.
    pub(super) fn new(url: &str) -> Option<Self> {
        if url.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return None;
        }
        let (host, path) = match url.split_once("://") {
            Some((scheme, rest)) if ["http", "https"].contains(&&*scheme.to_ascii_lowercase()) => {
                let (host, path) = site(rest)?;
                (Some(host), path)
            }
            _ if url.starts_with('/') && !url.starts_with("//") && !url.starts_with("/\\") => {
                (None, url)
            }
            _ => return None,
        };
        let room = SHOWN_CHARS.saturating_sub(host.map_or(0, |host| host.chars().count()));
        let path = match path.char_indices().nth(room) {
            Some((end, _)) => format!("{}…", &path[..end]),
            None => path.to_owned(),
        };
        Some(Self { href: url.to_owned(), host: host.map(str::to_owned), path })
    }
}

/// Host and path as a browser takes them: a backslash is a slash to it, and of
/// `https://bank.example@evil.example/` only what follows the last `@` is the host.
fn site(rest: &str) -> Option<(&str, &str)> {
    let end = rest.find(['/', '\\', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let host = authority.rsplit('@').next().unwrap_or(authority);
    (!host.is_empty()).then(|| (host, path.trim_end_matches('/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_shown_is_the_host_visited() {
        let shown = |url| {
            Link::new(url).map(|link| format!("{}{}", link.host.unwrap_or_default(), link.path))
        };
        assert_eq!(shown("/orders/7").as_deref(), Some("/orders/7"));
        assert_eq!(shown("https://a.example/").as_deref(), Some("a.example"));
        assert_eq!(shown("HTTP://a.example:80/b?c").as_deref(), Some("a.example:80/b?c"));
        assert_eq!(shown("https://bank.example@evil.example/").as_deref(), Some("evil.example"));
        assert_eq!(
            shown("https://evil.example\\@bank.example/").as_deref(),
            Some("evil.example\\@bank.example")
        );
        let long = format!("https://a.example/{}", "é".repeat(200));
        let shown_long = shown(&long);
        assert_eq!(shown_long.as_deref().map(|text| text.chars().count()), Some(81));
        assert!(
            shown_long.is_some_and(|text| text.starts_with("a.example/") && text.ends_with('…'))
        );
        for bad in [
            "javascript:alert(1)",
            "//a.example",
            "/\\a.example",
            "data:x",
            "",
            "x",
            "https://",
            "javascript://a.example/%0aalert(1)",
            "/a b",
            "https:///a",
        ] {
            assert_eq!(shown(bad), None, "{bad}");
        }
    }
}
