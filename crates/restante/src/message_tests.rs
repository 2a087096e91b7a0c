use super::*;

fn field_of(message: Message) -> Option<&'static str> {
    message.check().err().and_then(|error| error.field())
}

#[test]
fn newlines_are_normalised_and_other_control_characters_refused() {
    let message = Message::info("one\r\ntwo\tthree").check().unwrap();
    assert_eq!(message.text(), "one\ntwo\tthree");
    for text in ["", "a\0b", "a\u{1b}b", "a\rb", "a\u{85}b"] {
        assert_eq!(field_of(Message::info(text)), Some("message"), "{text:?}");
    }
}

#[test]
fn limits_name_the_field() {
    assert!(Message::info("x".repeat(16 * 1024)).check().is_ok());
    let error = Message::info("x".repeat(16 * 1024 + 1)).check().unwrap_err();
    assert!(error.is_too_large() && error.field() == Some("message"));
    let error = Message::info("x").data("y".repeat(8 * 1024)).check().unwrap_err();
    assert!(error.is_too_large() && error.field() == Some("data"));
    let error = Message::info("x").url(format!("/{}", "é".repeat(2_000))).check().unwrap_err();
    assert!(error.is_too_large() && error.field() == Some("url"));
    assert!(Message::info("x").url(format!("/{}", "é".repeat(1_999))).check().is_ok());
}

#[test]
fn tags_hold_no_spaces() {
    for tag in ["", "a b", " a", "a\tb", "a\u{a0}b"] {
        assert_eq!(field_of(Message::info("x").tag(tag)), Some("tags"), "{tag:?}");
        assert_eq!(field_of(Message::info("x").tag("ok").tag(tag)), Some("tags"), "{tag:?}");
    }
    let many = |count: usize| (0..count).fold(Message::info("x"), |m, n| m.tag(n.to_string()));
    assert!(many(16).check().is_ok());
    assert!(many(17).check().unwrap_err().is_too_large());
    assert!(Message::info("x").tag("t".repeat(65)).check().unwrap_err().is_too_large());
}

#[test]
fn urls_are_http_https_or_a_path() {
    for url in ["/", "/orders/7?x=1#y", "http://example.com", "HTTPS://example.com/a%20b"] {
        assert!(Message::info("x").url(url).check().is_ok(), "{url}");
    }
    for url in [
        "",
        "orders",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "JavaScript://example.com/%0aalert(1)",
        "data:text/html,x",
        "http://",
        "https:///x",
        "http:/x",
        "/a b",
        "/a\nb",
        "ftp://example.com",
        "\u{1}http://example.com",
        " http://example.com",
        "http://\\x",
    ] {
        assert_eq!(field_of(Message::info("x").url(url)), Some("url"), "{url:?}");
    }
}

#[test]
fn data_must_be_json() {
    assert!(Message::info("x").data_json("{\"a\":1}").is_ok());
    assert_eq!(Message::info("x").data_json("{a}").unwrap_err().field(), Some("data"));
}

/// It is handed out as a part of a page, and whoever cannot read it loses the page.
#[test]
fn data_must_be_readable_by_every_program() {
    for bad in ["1e999", "[-1e999]", r#""\ud800""#, r#"{"\udc00":1}"#] {
        let refused = Message::info("x").data_json(bad).unwrap_err();
        assert!(refused.is_invalid() && refused.field() == Some("data"), "{bad}");
    }
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(Message::info("x").data_json(nested(32)).unwrap().check().is_ok());
    for deep in [33, 4096] {
        let refused = Message::info("x").data_json(nested(deep)).unwrap_err();
        assert!(refused.is_too_large() && refused.field() == Some("data"), "{deep}");
    }
    let deep: serde_json::Value = serde_json::from_str(&nested(33)).unwrap();
    let refused = Message::info("x").data(deep.clone()).check().unwrap_err();
    assert!(refused.is_too_large() && refused.field() == Some("data"));
    #[cfg(feature = "flash")]
    assert!(Message::info("x").data(deep).for_flash().unwrap().raw_data().is_none());
}
