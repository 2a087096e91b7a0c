use std::borrow::Cow;

use crate::Error;

/// When a browser sends the cookie along with requests that other sites caused.
///
/// ```
/// use restante::{Key, MessagesLayer, SameSite};
///
/// let layer = MessagesLayer::new(Key::generate())
///     .with_secure(true)
///     .with_cookie_name("__Secure-messages")
///     .with_same_site(SameSite::Strict);
/// assert_eq!(SameSite::default(), SameSite::Lax);
/// # let _ = layer;
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SameSite {
    /// Never.
    Strict,
    /// When the user follows a link.
    #[default]
    Lax,
    /// Always; the browser demands `Secure` too.
    None,
}

/// What the flash cookie is set with. It is always `HttpOnly` and ends with the browser's session.
#[derive(Clone, Debug)]
pub(crate) struct CookieSettings {
    pub(crate) name: Cow<'static, str>,
    pub(crate) path: Cow<'static, str>,
    pub(crate) domain: Option<String>,
    pub(crate) secure: bool,
    pub(crate) same_site: SameSite,
    /// Most characters of its value; 0 is without limit.
    pub(crate) limit: usize,
}

impl Default for CookieSettings {
    /// Those of Django.
    fn default() -> Self {
        Self {
            name: Cow::Borrowed("messages"),
            path: Cow::Borrowed("/"),
            domain: None,
            secure: false,
            same_site: SameSite::Lax,
            limit: 2048,
        }
    }
}

impl CookieSettings {
    /// The `Set-Cookie` header that sets a value.
    pub(super) fn set(&self, value: &str) -> String {
        self.header(value, "; HttpOnly")
    }

    /// The `Set-Cookie` header that deletes the cookie, which takes the same path and domain.
    pub(super) fn delete(&self) -> String {
        self.header("\"\"", "; expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Max-Age=0")
    }

    fn header(&self, value: &str, lifetime: &str) -> String {
        let (label, domain) = self.domain.as_deref().map_or(("", ""), |name| ("; Domain=", name));
        let same_site = match self.same_site {
            SameSite::Strict => "; SameSite=Strict",
            SameSite::Lax => "; SameSite=Lax",
            SameSite::None => "; SameSite=None",
        };
        let secure = if self.secure { "; Secure" } else { "" };
        let (name, path) = (&*self.name, &*self.path);
        // Into one buffer of just the length, which the header value takes over.
        [name, "=", value, lifetime, label, domain, "; Path=", path, same_site, secure].concat()
    }

    /// The cookie's value in a `Cookie` header: the last one of the name, without the quotes that
    /// some clients put around it. Bytes, because another cookie beside it may hold anything.
    pub(super) fn find<'h>(&self, header: &'h [u8]) -> Option<&'h str> {
        let value = header.rsplit(|b| *b == b';').find_map(|pair| {
            let rest = pair.trim_ascii_start().strip_prefix(self.name.as_bytes())?;
            Some(rest.trim_ascii_start().strip_prefix(b"=")?.trim_ascii())
        })?;
        let unquoted = value.strip_prefix(b"\"").and_then(|value| value.strip_suffix(b"\""));
        // What is not even text is none of ours: one that was tampered with.
        Some(std::str::from_utf8(unquoted.unwrap_or(value)).unwrap_or("\u{fffd}"))
    }
}

/// Checks a part that becomes part of a header: a name, a path or a domain.
fn check_part(field: &'static str, part: &str) -> Result<(), Error> {
    let is_name = field == "cookie name";
    let is_plain = |b: u8| b.is_ascii_graphic() && !matches!(b, b';' | b',' | b'"' | b'\\');
    let is_token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    if part.is_empty() || !part.bytes().all(|b| if is_name { is_token(b) } else { is_plain(b) }) {
        return Err(Error::invalid(field, "holds characters that a cookie may not have"));
    }
    Ok(())
}

/// The part, which is a constant of the app's source, not input.
///
/// # Panics
/// When it could not stand in a header.
pub(crate) fn checked_part(field: &'static str, part: String) -> String {
    match check_part(field, &part) {
        Ok(()) => part,
        Err(error) => panic!("{error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn set_and_delete_name_the_same_cookie() {
        let plain = CookieSettings::default();
        assert_eq!(plain.set("V"), "messages=V; HttpOnly; Path=/; SameSite=Lax");
        let all = CookieSettings {
            domain: Some("example.com".to_owned()),
            secure: true,
            same_site: SameSite::Strict,
            ..CookieSettings::default()
        };
        let attributes = "Domain=example.com; Path=/; SameSite=Strict; Secure";
        assert_eq!(all.set("V"), format!("messages=V; HttpOnly; {attributes}"));
        let delete = all.delete();
        assert!(delete.starts_with("messages=\"\"; expires=Thu, 01 Jan 1970 00:00:00 GMT"));
        assert!(delete.contains("Max-Age=0") && delete.ends_with(attributes));
    }

    #[test]
    fn the_last_of_the_name_is_found() {
        let settings = CookieSettings::default();
        assert_eq!(settings.find(b"a=b; messages=x; messages=y; c=d"), Some("y"));
        assert_eq!(settings.find(b" messages = \"x\" "), Some("x"));
        assert_eq!(settings.find(b"xmessages=1; messagesx=2"), None);
        assert_eq!(settings.find(b"messages"), None);
        assert_eq!(settings.find(b"name=\xe9t\xe9; messages=x"), Some("x"));
        assert_eq!(settings.find(b"messages=\xff"), Some("\u{fffd}"));
    }
}
