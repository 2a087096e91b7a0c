use restante::Message;
use serde_json::{Value, json};

use super::Site;

fn problem(kind: &str, title: &str, status: u16, field: Option<&str>, detail: &str) -> Value {
    let kind = format!("urn:restante:problem:{kind}");
    let mut problem = json!({ "type": kind, "title": title, "status": status, "detail": detail });
    if let Some(field) = field {
        problem["field"] = Value::from(field);
    }
    problem
}

#[tokio::test]
async fn a_value_that_breaks_a_rule_is_named() {
    let number = "must be a number from 1 to 100";
    let level = "must be debug, info, success, warning, error, one of these with `stored_` in \
                 front, or an integer";
    let cases = [
        ("view=sent", "view", "must be `unread` or `archive`"),
        ("view=Unread", "view", "must be `unread` or `archive`"),
        ("after=x", "after", "must be the `next` of a page"),
        ("after=5", "after", "must be the `next` of a page"),
        ("after=1-ffffffffffffffff", "after", "must be the `next` of a page"),
        ("after=%00", "after", "must be the `next` of a page"),
        ("limit=0", "limit", "a page has at least 1 item"),
        ("limit=abc", "limit", number),
        ("limit=-1", "limit", number),
        ("limit=1.5", "limit", number),
        ("limit=99999999999999999999999", "limit", number),
        ("limit=%EF%BC%95", "limit", number),
        ("level=loud", "level", level),
        ("level=persisted+info", "level", level),
        ("level=2147483648", "level", level),
        ("level=1e2", "level", level),
        ("tag=%0A", "tag", "a tag holds no control characters"),
        ("q=%00", "q", "a search text cannot hold control characters other than newline and tab"),
        ("limit=1&limit=1", "limit", "is given twice"),
        ("view=archive&view=", "view", "is given twice"),
        ("q=a&%71=b", "q", "is given twice"),
    ];
    let site = Site::new();
    for (query, field, detail) in cases {
        let answer = site.get(&format!("/messages/inbox?{query}")).await;
        let expected = problem("invalid", "The input is not valid", 422, Some(field), detail);
        assert_eq!(answer.problem(), expected, "{query}");
    }
}

#[tokio::test]
async fn a_value_past_a_limit_is_named_with_the_limit() {
    let cases = [
        ("limit=101".to_owned(), "limit", "a page has at most 100 items"),
        (format!("tag={}", "t".repeat(65)), "tag", "a tag is at most 64 bytes"),
        (format!("tag={}", "%C3%A9".repeat(33)), "tag", "a tag is at most 64 bytes"),
        (format!("q={}", "q".repeat(256)), "q", "a search text is at most 255 bytes"),
    ];
    let site = Site::new();
    for (query, field, detail) in cases {
        let answer = site.get(&format!("/messages/inbox?{query}")).await;
        let expected = problem("too-large", "The input is past a limit", 422, Some(field), detail);
        assert_eq!(answer.problem(), expected, "{query}");
    }
}

#[tokio::test]
async fn a_query_that_cannot_be_read_is_malformed() {
    let cases = [
        ("q=%FF", Some("q")),
        ("tag=%C3", Some("tag")),
        ("level=%ED%A0%80", Some("level")),
        ("limit=%", Some("limit")),
        ("limit=%2", Some("limit")),
        ("after=%zz", Some("after")),
        ("x=%FF", Some("x")),
        ("%FF=1", None),
    ];
    let site = Site::new();
    for (query, field) in cases {
        let answer = site.get(&format!("/messages/inbox?{query}")).await;
        let detail = "the query must be percent-encoded UTF-8";
        let expected = problem("malformed", "The request cannot be read", 400, field, detail);
        assert_eq!(answer.problem(), expected, "{query}");
    }
}

#[tokio::test]
async fn what_no_rule_forbids_is_answered() {
    let site = Site::new();
    site.send(Message::info("Ahoy"), "alice").await;
    for query in [
        "",
        "&",
        "=",
        "&&=&",
        "_=1732104000",
        "as_of=nonsense",
        "limit=1",
        "limit=100",
        "level=-7",
        "level=Info",
        "q=ahoy",
        "after=&q=AHOY",
    ] {
        let answer = site.get(&format!("/messages/inbox?{query}")).await;
        let expected = usize::from(query != "level=-7");
        assert_eq!(answer.texts().len(), expected, "{query}");
    }
    for query in ["q=%0A", "q=%25", "q=_", "q='", "tag=%27%20OR%201=1"] {
        let answer = site.get(&format!("/messages/inbox?{query}")).await;
        assert!(answer.texts().is_empty(), "{query}");
    }
    // Somebody else's cursor leads nowhere else than one's own inbox.
    let foreign = site.get("/messages/inbox?after=1fffffffffffff-1fffffffffffff").await;
    assert_eq!(foreign.texts(), ["Ahoy"]);
}
