use std::fmt::Write as _;

use http::HeaderValue;

use super::query::Query;
use crate::Cursor;

/// The header `Link` to the page after this one: the same address and query, as the client sees
/// them, from the cursor on.
pub(super) fn next_link(path: &str, query: &Query, next: Cursor) -> Option<HeaderValue> {
    let mut link = String::from("<");
    for byte in path.bytes() {
        // What an address may hold stays as it is; the rest could end the link or the header.
        if byte.is_ascii_graphic() && !matches!(byte, b'<' | b'>' | b'"' | b'\\') {
            link.push(char::from(byte));
        } else {
            push_encoded(byte, &mut link);
        }
    }
    link.push('?');
    for (name, value) in query.pairs().filter(|(name, _)| *name != "after") {
        percent_encode(name, &mut link);
        link.push('=');
        percent_encode(value, &mut link);
        link.push('&');
    }
    // Writing to a string cannot fail.
    let _ = write!(link, "after={next}>; rel=\"next\"");
    HeaderValue::try_from(link).ok()
}

fn percent_encode(value: &str, out: &mut String) {
    for byte in value.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(byte));
            }
            byte => push_encoded(byte, out),
        }
    }
}

fn push_encoded(byte: u8, out: &mut String) {
    let _ = write!(out, "%{byte:02X}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::AsOf;

    #[test]
    fn the_query_is_kept_and_cannot_break_out() {
        let link = |uri: &str| {
            let uri: http::Uri = uri.parse().unwrap();
            let query = Query::parse(uri.query().unwrap_or_default()).unwrap();
            let cursor = Cursor::new(0x1f, AsOf::new(0x20, 0x20));
            next_link(uri.path(), &query, cursor).unwrap().to_str().unwrap().to_owned()
        };
        assert_eq!(link("/a/inbox"), "</a/inbox?after=1f-20>; rel=\"next\"");
        assert_eq!(
            link("/inbox/?limit=2&after=3-4&tag=%3E%22%0D%0A&q=a+b"),
            "</inbox/?limit=2&tag=%3E%22%0D%0A&q=a%20b&after=1f-20>; rel=\"next\""
        );
        // What a router takes although no browser sends it.
        assert_eq!(link("/a\"é/inbox"), "</a%22%C3%A9/inbox?after=1f-20>; rel=\"next\"");
    }
}
