//! The cookie.
//!
//! Lines 44, 46 and 49 speak of Django's sentinel, an element of its list. Here a byte in front of
//! the list says whether it is complete; it is there in either case, so that it costs no room.
//! Lines 43 and 54 also have tests beside the code, where a limit can be chosen.

use restante::{Key, SameSite};

use super::{Browser, browser, layer, layer_of, page};
use crate::script::key;

/// A browser that has this text as its flash cookie.
fn with_cookie(value: &str) -> Browser {
    let mut browser = browser(layer());
    browser.jar.insert("messages".to_owned(), value.to_owned());
    browser
}

#[tokio::test]
async fn line_39_attributes() {
    let set = browser(layer()).get("/add:a").await.set_cookie().unwrap();
    assert!(!set.contains("Max-Age") && !set.contains("Expires") && !set.contains("Secure"));
    let layer = layer()
        .with_cookie_name("flash")
        .with_cookie_path("/app")
        .with_cookie_domain("example.com")
        .with_same_site(SameSite::Strict)
        .with_secure(true);
    let mut browser = browser(layer);
    let set = browser.get("/add:a").await.set_cookie_of("flash").unwrap();
    let attributes = "; HttpOnly; Domain=example.com; Path=/app; SameSite=Strict; Secure";
    assert!(set.ends_with(attributes), "{set}");
    let deleted = browser.get("/take").await.set_cookie_of("flash").unwrap();
    assert!(deleted.ends_with("Domain=example.com; Path=/app; SameSite=Strict; Secure"));
}

#[test]
#[should_panic(expected = "cookie name")]
fn line_39_a_name_that_is_none_is_refused_at_once() {
    drop(layer().with_cookie_name("a b"));
}

#[test]
#[should_panic(expected = "cookie path")]
fn line_39_a_path_cannot_smuggle_attributes() {
    drop(layer().with_cookie_path("/; Domain=evil.example"));
}

#[tokio::test]
async fn line_40_the_header_that_sets_it() {
    let set = browser(layer()).get("/add:a").await.set_cookie().unwrap();
    let (pair, attributes) = set.split_once("; ").unwrap();
    assert!(pair.starts_with("messages="));
    assert_eq!(attributes, "HttpOnly; Path=/; SameSite=Lax");
    let value = pair.trim_start_matches("messages=");
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    assert!(value.chars().all(is_plain), "needs no quotes: {value}");
}

#[tokio::test]
async fn line_41_the_header_that_deletes_it() {
    let mut browser = browser(layer());
    browser.get("/add:a").await;
    let deleted = browser.get("/take").await.set_cookie().unwrap();
    let expected = "messages=\"\"; expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Max-Age=0; \
                    Path=/; SameSite=Lax";
    assert_eq!(deleted, expected);
}

#[tokio::test]
async fn line_43_at_most_2048_characters_and_just_so_many_fit() {
    let mut longest = 0;
    for length in 1490..1510 {
        let answer = browser(layer()).get(&format!("/long:{length}")).await;
        let set = answer.set_cookie().unwrap();
        let value = set.split(';').next().unwrap().trim_start_matches("messages=").to_owned();
        assert!(value.len() <= 2048);
        if !answer.flash.is_empty() {
            longest = value.len();
        }
    }
    assert_eq!(longest, 2048);
}

#[tokio::test]
async fn line_44_as_many_as_possible_fit() {
    // 14 × (100 + 3 + 1) + 2 + 32 bytes become 1987 characters; a fifteenth would be past 2048.
    let answer = browser(layer()).get("/many:60").await;
    assert_eq!(answer.flash.len(), 14);
}

#[tokio::test]
async fn line_45_the_cookie_alone_keeps_the_newest() {
    let mut browser = browser(layer());
    let answer = browser.get("/many:60").await;
    assert!(answer.left()[0].starts_with("46-") && answer.left()[13].starts_with("59-"));
    let answer = browser.get("/take").await;
    assert!(!answer.is_complete(), "and the page is told");
    assert!(browser.get("/take").await.is_complete(), "once");
}

// Line 46 is `behaviour_fallback::line_65_a_prefix_to_the_cookie_the_rest_to_the_session`.

#[tokio::test]
async fn line_47_one_huge_message_leaves_a_cookie_that_says_so() {
    let mut browser = browser(layer());
    let answer = browser.get("/long:9000").await;
    assert!(answer.set_cookie().is_some() && !answer.deletes() && answer.flash.is_empty());
    let answer = browser.get("/take").await;
    assert_eq!((answer.body.as_str(), answer.is_complete()), ("", false));
    assert!(answer.deletes());
}

#[tokio::test]
async fn line_47_and_does_not_push_out_the_small_ones() {
    assert_eq!(browser(layer()).get("/add:a/long:9000/add:b").await.left(), ["a", "b"]);
}

#[tokio::test]
async fn line_49_that_some_were_lost_is_remembered_until_told() {
    let mut browser = browser(layer());
    browser.get("/many:60").await;
    browser.get("/add:a").await;
    // More were pushed out, or none; either way the page is told.
    assert!(!browser.get("/peek").await.is_complete());
    assert!(!browser.get("/take/status:302").await.is_complete());
    let answer = browser.get("/take").await;
    assert!(!answer.is_complete() && answer.body.ends_with(",a"));
    assert!(browser.get("/take").await.is_complete());
}

#[tokio::test]
async fn line_50_what_we_did_not_sign_is_nothing_and_deleted() {
    let mut signed = browser(layer());
    signed.get("/add:a").await;
    let good = signed.jar["messages"].clone();
    let elsewhere = {
        let mut other = browser(layer().with_cookie_name("other"));
        other.get("/add:a").await;
        other.jar["other"].clone()
    };
    let mut flipped = good.clone().into_bytes();
    flipped[3] ^= 1;
    let flipped = String::from_utf8(flipped).unwrap();
    let huge = "A".repeat(100_000);
    let cut = &good[..good.len() - 1];
    let longer = format!("{good}A");
    for bad in [&*flipped, cut, &longer, "A", "!!", "a b", "%00", &elsewhere, &huge] {
        let answer = with_cookie(bad).get("/take").await;
        assert_eq!((answer.body.as_str(), answer.status.as_u16()), ("", 200));
        assert!(answer.deletes(), "{bad:.40}");
        assert_eq!(with_cookie(bad).get("/add:b").await.left(), ["b"]);
        assert_eq!(with_cookie(bad).get("/").await.set_cookie(), None, "not read, not judged");
    }
}

#[tokio::test]
async fn line_52_an_empty_value_is_absent() {
    for empty in ["", "\"\""] {
        assert_eq!(with_cookie(empty).get("/take").await.set_cookie(), None);
    }
}

#[tokio::test]
async fn line_53_it_does_not_expire() {
    // Nothing in the value says when it was made: the same messages give the same value.
    let first = browser(layer()).get("/add:a").await.set_cookie();
    assert_eq!(first, browser(layer()).get("/add:a").await.set_cookie());
    assert!(!first.unwrap().to_ascii_lowercase().contains("expires"));
}

#[tokio::test]
async fn line_54_older_keys_are_accepted_and_the_newest_signs() {
    let new = || Key::new([2; 32]).unwrap();
    let mut old = browser(layer());
    old.get("/add:a").await;
    let jar = old.jar.clone();

    let rotated = layer_of(new().with_fallback(key()));
    let mut browser = browser(rotated);
    browser.jar = jar.clone();
    browser.get("/add:b").await;
    let mut newest = super::browser(layer_of(new()));
    newest.jar = browser.jar;
    assert_eq!(newest.get("/take").await.body, "a,b");

    newest.jar = jar;
    assert_eq!(newest.get("/take").await.body, "", "without the fallback it is not ours");
}

// Line 56, signed but odd content, has its test beside the code, where it can be signed.

#[tokio::test]
async fn of_several_cookies_the_last_of_the_name_counts() {
    let mut signed = browser(layer());
    signed.get("/add:a").await;
    let value = signed.jar["messages"].clone();
    for header in [
        format!("a=b; messages=x; messages={value}; c=d"),
        format!("xmessages=y; messages={value}"),
        format!("messages=\"{value}\""),
    ] {
        let mut browser = browser(layer()).with("cookie", &header);
        assert_eq!(browser.get("/take").await.body, "a", "{header}");
    }
    let many: String = (0..2_000).map(|at| format!("c{at}={at}; ")).collect();
    let mut browser = browser(layer()).with("cookie", &format!("{many}messages={value}"));
    assert_eq!(browser.get("/take").await.body, "a");
}

#[tokio::test]
async fn other_cookies_may_hold_any_bytes() {
    let mut signed = browser(layer());
    signed.get("/add:a").await;
    let header = [b"name=\xc3\xa9\xff; messages=", signed.jar["messages"].as_bytes()].concat();
    let mut browser = browser(layer());
    let header = axum::http::HeaderValue::from_bytes(&header).unwrap();
    browser.headers.insert("cookie", header);
    assert_eq!(browser.get("/take").await.body, "a");
}

#[tokio::test]
async fn line_77_80_text_of_any_kind_survives() {
    let texts = ["<b>&amp;</b>", "Grüße \u{1F600}", "a\nb\tc", "\"; Path=/x", "\u{7f}\u{0}z"];
    let mut say = page(layer(), move |messages: restante::Messages| async move {
        for text in texts {
            messages.info(text);
        }
        String::new()
    });
    let answer = say.get("/").await;
    assert_eq!(answer.left(), ["<b>&amp;</b>", "Grüße \u{1F600}", "a\nb\tc", "\"; Path=/x", "z"]);
}
