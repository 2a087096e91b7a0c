//! A message's url as a page shows it.

/// How much of a url is shown. The browser is given all of it.
const SHOWN_CHARS: usize = 80;

/// A link that may be followed, and where it leads in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::http) struct Link {
    /// What the browser is given.
    pub(in crate::http) href: String,
    /// The path, or host and path of another site.
    pub(in crate::http) shown: String,
    /// Whether it leads to another site.
    pub(in crate::http) leads_away: bool,
}

impl Link {
    /// `None` for anything but http, https and a path on this host. Urls are checked when they are
    /// sent; one that got into the database by another way is not shown as a link.
    pub(in crate::http) fn new(url: &str) -> Option<Self> {
        if url.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return None;
        }
        let (shown, leads_away) = match url.split_once("://") {
            Some((scheme, rest)) if ["http", "https"].contains(&&*scheme.to_ascii_lowercase()) => {
                (site(rest)?, true)
            }
            _ if url.starts_with('/') && !url.starts_with("//") && !url.starts_with("/\\") => {
                (shortened("", url), false)
            }
            _ => return None,
        };
        Some(Self { href: url.to_owned(), shown, leads_away })
    }
}

/// Host and path as a browser takes them: a backslash is a slash to it, and of
/// `https://bank.example@evil.example/` only what follows the last `@` is the host.
fn site(rest: &str) -> Option<String> {
    let end = rest.find(['/', '\\', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let host = authority.rsplit('@').next().unwrap_or(authority);
    if host.is_empty() {
        return None;
    }
    Some(shortened(host, path.trim_end_matches('/')))
}

/// The whole host, and as much of the path as fits a line.
fn shortened(host: &str, path: &str) -> String {
    let room = SHOWN_CHARS.saturating_sub(host.chars().count());
    match path.char_indices().nth(room) {
        Some((end, _)) => format!("{host}{}…", &path[..end]),
        None => format!("{host}{path}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_shown_is_the_host_visited() {
        let shown = |url| Link::new(url).map(|link| link.shown);
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
