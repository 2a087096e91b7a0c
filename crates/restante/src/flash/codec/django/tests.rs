//! What can only be tried with content that the site signed, and the parts by themselves. The
//! vectors that the real Django wrote are in `tests/django`.

use super::*;

fn key() -> DjangoKey {
    DjangoKey::new("a site's secret").unwrap()
}

/// What is read of JSON that was signed.
fn read(json: &str) -> Cookie {
    key().read(&key().sign_json(json.as_bytes(), 7))
}

/// The only message of a list.
fn one(message: &str) -> Option<Message> {
    let cookie = read(&format!("[{message}]"));
    assert_eq!(cookie.is_tampered, cookie.messages.is_empty(), "{message}");
    cookie.messages.into_iter().next()
}

#[test]
fn a_level_is_whatever_python_makes_an_integer_of() {
    for (json, level) in [
        ("20", Some(20)),
        ("-7", Some(-7)),
        ("-0", Some(0)),
        ("20.7", Some(20)),
        ("-20.7", Some(-20)),
        ("2e1", Some(20)),
        ("1E+2", Some(100)),
        ("\"20\"", Some(20)),
        ("\" +2_0\\n\"", Some(20)),
        ("true", Some(1)),
        ("false", Some(0)),
        ("9223372036854775808", Some(1 << 63)),
        ("\"2__0\"", None),
        ("\"_2\"", None),
        ("\"-\"", None),
        ("\"\"", None),
        ("\"20.7\"", None),
        ("\"info\"", None),
        ("null", None),
        ("[]", None),
        ("{}", None),
        ("1e999", None),
        ("NaN", None),
    ] {
        let message = one(&format!("[\"__json_message\",0,{json},\"a\"]"));
        assert_eq!(message.map(|message| message.level), level, "{json}");
    }
}

#[test]
fn text_and_tags_are_what_python_prints() {
    for (json, text) in [
        ("\"\"", Some("")),
        ("\"\\u00e9\\ud83c\\udf89\"", Some("é🎉")),
        // Latin-1, of which UTF-8 makes two characters each.
        ("\"é\"", Some("Ã©")),
        // Halves of surrogate pairs.
        ("\"a\\ud83cb\\udf89\"", Some("a\u{fffd}b\u{fffd}")),
        ("\"\\ufffd\\ud800\"", Some("\u{fffd}\u{fffd}")),
        ("5", Some("5")),
        ("1.50", Some("1.50")),
        ("true", Some("True")),
        ("[]", None),
        ("{\"a\":1}", None),
        ("\"a\nb\"", None),
        ("\"\\x\"", None),
        ("'a'", None),
    ] {
        let message = one(&format!("[\"__json_message\",0,20,{json}]"));
        assert_eq!(message.as_ref().map(|message| &*message.text), text, "{json}");
        let message = one(&format!("[\"__json_message\",0,20,\"a\",{json}]"));
        assert_eq!(message.and_then(|message| message.extra_tags).as_deref(), text, "{json}");
    }
    let none = |json| one(json).unwrap().extra_tags;
    assert_eq!(none("[\"__json_message\",0,20,\"a\",null]"), None);
    assert_eq!(none("[\"__json_message\",0,20,\"a\"]"), None);
}

#[test]
fn safe_is_what_python_holds_for_true() {
    for (json, safe) in [
        ("1", true),
        ("0", false),
        ("-0.0", false),
        ("2", true),
        ("true", true),
        ("null", false),
        ("\"\"", false),
        ("\"0\"", true),
        ("[]", false),
        ("[ ]", false),
        ("[[]]", true),
        ("{}", false),
        ("{\"a\":0}", true),
    ] {
        let message = one(&format!("[\"__json_message\",{json},20,\"a\"]")).unwrap();
        assert_eq!(message.safe, safe, "{json}");
    }
}

#[test]
fn line_56_signed_but_odd_content_is_no_message() {
    for json in [
        "",
        "[",
        "[]]",
        "5",
        "true",
        "{\"a\":1}",
        "[\"__json_message\"]",
        "[[\"__json_message\"]]",
        "[[\"__json_message\",0]]",
        "[[\"__json_message\",1,20]]",
        "[[\"__json_message\",0,20,\"a\",\"b\",\"c\"]]",
        "[[\"__json_message\",0,20,\"a\"],[\"__json_message\"]]",
        "[5,[[\"__json_message\"]]]",
        "[{\"a\":[\"__json_message\",0,null,\"a\"]}]",
        "\u{feff}[]",
    ] {
        let cookie = read(json);
        assert!(cookie.is_tampered && cookie.messages.is_empty() && !cookie.is_list, "{json}");
    }
    let deep = format!("[{}{}]", "[".repeat(100_000), "]".repeat(100_000));
    assert!(read(&deep).is_tampered);
    for json in
        ["null", "[]", "[ ]", "0", "\"\"", "{}", "\"abc\"", "[5]", "[[5],{}]", "[{\"a\":[[]]}]"]
    {
        let cookie = read(json);
        assert!(!cookie.is_tampered && cookie.is_complete && cookie.messages.is_empty(), "{json}");
        assert_eq!(cookie.is_list, json != "null");
    }
}

#[test]
fn line_49_only_the_last_element_says_that_some_are_missing() {
    let (message, end) = ("[\"__json_message\",0,20,\"a\"]", "\"__messagesnotfinished__\"");
    for (json, length, is_complete) in [
        (format!("[{message},{end}]"), 1, false),
        (format!("[{end}]"), 0, false),
        (format!("[{end},{message}]"), 1, true),
        (format!("[{message},{end},{end}]"), 1, false),
        (format!("[[{end}]]"), 0, true),
        (end.to_owned(), 0, true),
    ] {
        let cookie = read(&json);
        assert_eq!((cookie.messages.len(), cookie.is_complete), (length, is_complete), "{json}");
    }
}

#[test]
fn what_is_around_the_json_is_judged_too() {
    let json = "WyJfX21lc3NhZ2Vzbm90ZmluaXNoZWRfXyJd";
    for (signed, is_good) in [
        (format!("{json}:1r31eq"), true),
        (format!("{json}:-1"), true),
        (format!("{json}:0"), true),
        (format!("{json}=:0"), true),
        (format!("{json}===:0"), true),
        (format!(" !{json}\u{e9}:0"), true),
        (format!("!!!!{json}:0"), true),
        (format!("a:{json}:0"), false),
        (format!("{json}:"), false),
        (format!("{json}:a_b"), false),
        (format!("{json}A:0"), false),
        (json.to_owned(), false),
        (":0".to_owned(), false),
        (".:0".to_owned(), false),
        (format!(".{json}:0"), false),
    ] {
        let cookie = key().read(&key().sign_text(&signed));
        assert_eq!(!cookie.is_tampered, is_good, "{signed}");
        assert_eq!(!cookie.is_complete, is_good, "{signed}");
    }
}

#[test]
fn zlib_is_read_to_its_end_and_no_further_than_there_is_room() {
    let unpacked = |bytes: &[u8]| {
        use base64::Engine;
        let base64 = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes);
        payload::unpack(&format!(".{base64}"))
    };
    let packed = |length: usize| {
        let mut compress = flate2::Compress::new(flate2::Compression::new(6), true);
        let mut bytes = Vec::with_capacity(length + 100);
        compress
            .compress_vec(&vec![b'a'; length], &mut bytes, flate2::FlushCompress::Finish)
            .unwrap();
        bytes
    };
    for length in [0, 1, 3, 4, 5, 1_000, 1_000_000] {
        let good = packed(length);
        assert_eq!(unpacked(&good).map(|json| json.len()), Some(length));
        assert_eq!(unpacked(&[&*good, b"more"].concat()).map(|json| json.len()), Some(length));
        for cut in 0..good.len().min(50) {
            assert_eq!(unpacked(&good[..cut]), None);
        }
    }
    assert_eq!(unpacked(&packed(100 << 20)), None);
}

#[test]
fn a_timestamp_is_written_as_django_does() {
    for (seconds, text) in [
        (0, "0"),
        (1, "1"),
        (61, "z"),
        (62, "10"),
        (3844, "100"),
        (1_700_000_000, "1r31eq"),
        (-63, "-11"),
        (i64::MAX, "AzL8n0Y58m7"),
    ] {
        assert_eq!(timestamp::written(seconds), text);
        assert!(timestamp::is_readable(text));
    }
}

#[test]
fn a_key_does_not_show_itself() {
    let key = key().with_fallback(DjangoKey::new("another").unwrap());
    assert_eq!(format!("{key:?}"), "DjangoKey(1 fallbacks)");
    assert!(DjangoKey::new("").unwrap_err().is_invalid());
}
