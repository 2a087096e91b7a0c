use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;

/// What a caller shows to be let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bearer<'a> {
    /// A user's token, by its look: three parts between dots.
    Token(&'a str),
    /// Anything else: an API key, if it is one.
    Key(&'a str),
}

/// What comes in `Authorization: Bearer …` (RFC 6750); nothing when it is not there, is of another
/// kind, or comes twice: then it is not clear who calls.
pub(super) fn bearer(headers: &HeaderMap) -> Option<Bearer<'_>> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return None;
    };
    let (scheme, credentials) = value.to_str().ok()?.trim().split_once(' ')?;
    let credentials = credentials.trim_start();
    if !scheme.eq_ignore_ascii_case("bearer") || credentials.is_empty() {
        return None;
    }
    let is_token = credentials.bytes().filter(|byte| *byte == b'.').count() == 2;
    Some(if is_token { Bearer::Token(credentials) } else { Bearer::Key(credentials) })
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn one_header_of_this_kind_is_read_and_nothing_else() {
        let headers = |values: &[&'static str]| {
            let values = values.iter().map(|value| HeaderValue::from_static(value));
            values.map(|value| (AUTHORIZATION, value)).collect::<HeaderMap>()
        };
        assert_eq!(bearer(&headers(&["Bearer a.b.c"])), Some(Bearer::Token("a.b.c")));
        assert_eq!(bearer(&headers(&["bearer  restante_x"])), Some(Bearer::Key("restante_x")));
        for bad in
            [&[][..], &["Bearer"], &["Bearer "], &["Basic a"], &["a"], &["Bearer a", "Bearer a"]]
        {
            assert_eq!(bearer(&headers(bad)), None, "{bad:?}");
        }
    }
}
