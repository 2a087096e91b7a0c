//! Texts, levels, tags and the flag of safe text, from Django to the app and back.

use restante::Level;
use restante_testkit::django::pythons;
use serde_json::{Value, json};

use crate::origin::{Origin, key, layer};
use crate::visitor::Side::{App, Django};
use crate::visitor::{BOTH_WAYS, Visitor};

fn said(level: i32, text: &str, extra_tags: &str) -> Value {
    json!({ "level": level, "text": text, "extra_tags": extra_tags })
}

/// What each of them is to say.
fn samples() -> Vec<Value> {
    vec![
        said(10, "for developers", ""),
        said(20, "Gespeichert ✓ 保存しました 🎉 e\u{301}", ""),
        said(25, "<b>bold</b> &amp; \"quoted\" 'it' \\ / %s {{ x }}", "profile"),
        said(30, "two\nlines\tand a tab", "a b"),
        said(40, "\u{200f}עברית", "größe"),
        said(35, "a level of the site's own", "urgent"),
        said(-7, "below zero", ""),
        said(21, "a level that django-stored-messages has", ""),
        said(20, " ", ""),
        said(20, &"long ".repeat(1_000), "x"),
    ]
}

/// The message as both show it, with the tags that levels have where nobody says otherwise.
fn shown(said: &Value) -> Value {
    let (level, extra) = (said["level"].as_i64().unwrap(), said["extra_tags"].as_str().unwrap());
    let level_tag = match level {
        10 => "debug",
        20 => "info",
        25 => "success",
        30 => "warning",
        40 => "error",
        _ => "",
    };
    let tags: Vec<_> = [extra, level_tag].into_iter().filter(|tag| !tag.is_empty()).collect();
    let mut shown = said.clone();
    shown["level_tag"] = level_tag.into();
    shown["tags"] = tags.join(" ").into();
    shown["safe"] = (said["safe"] == true).into();
    shown
}

#[tokio::test]
async fn what_one_says_the_other_shows_once() {
    for django in pythons() {
        // Where Django knows nothing of stored twins, the app gives them no tag either.
        let twins = [11, 21, 26, 31, 41].map(|level| (Level::new(level), ""));
        let layer = layer(key()).with_store_levels([]).with_level_tags(twins);
        let origin = Origin::start(&django, json!({}), layer).await;
        for (from, to) in BOTH_WAYS {
            let visitor = Visitor::default();
            for said in samples() {
                visitor.say(&origin, from, std::slice::from_ref(&said)).await;
                assert_eq!(visitor.show(&origin, to).await, [shown(&said)], "{from:?}");
                assert_eq!(visitor.cookie(), None, "{from:?}: {said}");
            }
            visitor.say(&origin, from, &samples()).await;
            // What only asks for something else takes nothing.
            visitor.ask(&origin, to, "idle", None).await;
            let all: Vec<_> = samples().iter().map(shown).collect();
            assert_eq!(visitor.show(&origin, to).await, all, "{from:?}");
            for side in [from, to] {
                assert!(visitor.show(&origin, side).await.is_empty(), "{side:?} showed it again");
            }
        }
    }
}

#[tokio::test]
async fn what_both_say_is_one_list() {
    for django in pythons() {
        let origin = Origin::start(&django, json!({}), layer(key())).await;
        for (first, last) in BOTH_WAYS {
            let visitor = Visitor::default();
            for (side, text) in [(first, "one"), (last, "two"), (first, "three")] {
                visitor.say(&origin, side, &[json!({ "level": 20, "text": text })]).await;
            }
            assert_eq!(visitor.texts(&origin, last).await, ["one", "two", "three"], "{last:?}");
            assert!(visitor.show(&origin, first).await.is_empty());
        }
    }
}

#[tokio::test]
async fn what_django_holds_for_safe_stays_so_and_the_app_escapes_it() {
    for django in pythons() {
        let origin = Origin::start(&django, json!({}), layer(key())).await;
        let visitor = Visitor::default();
        let safe = json!({ "level": 20, "text": "<b>x</b>", "safe": true });
        let plain = json!({ "level": 20, "text": "<i>y</i>" });

        // The app says something besides, and so writes the cookie anew.
        visitor.say(&origin, Django, std::slice::from_ref(&safe)).await;
        visitor.say(&origin, App, std::slice::from_ref(&plain)).await;
        assert_eq!(
            visitor.page(&origin, Django).await,
            "<p class=\"info\"><b>x</b></p><p class=\"info\">&lt;i&gt;y&lt;/i&gt;</p>"
        );

        visitor.say(&origin, Django, &[safe, plain]).await;
        let page = visitor.page(&origin, App).await;
        assert_eq!(
            page.replace("&#x2f;", "/"),
            "<p class=\"info\">&lt;b&gt;x&lt;/b&gt;</p><p class=\"info\">&lt;i&gt;y&lt;/i&gt;</p>"
        );
    }
}

#[tokio::test]
async fn tags_of_levels_are_the_same_where_both_are_told_the_same() {
    for django in pythons() {
        let settings = json!({ "MESSAGE_TAGS": { "40": "danger", "35": "urgent", "20": "" } });
        let tags = [(Level::ERROR, "danger"), (Level::new(35), "urgent"), (Level::INFO, "")];
        let origin = Origin::start(&django, settings, layer(key()).with_level_tags(tags)).await;
        let said: Vec<_> = [40, 35, 20, 30]
            .map(|level| json!({ "level": level, "text": "x", "extra_tags": "a" }))
            .into();
        for (from, to) in BOTH_WAYS {
            let visitor = Visitor::default();
            visitor.say(&origin, from, &said).await;
            let shown = visitor.show(&origin, to).await;
            let tags: Vec<_> = shown.iter().map(|shown| shown["tags"].as_str().unwrap()).collect();
            assert_eq!(tags, ["a danger", "a urgent", "a", "a warning"], "{to:?}");
        }
    }
}

#[tokio::test]
async fn neither_shows_what_was_tampered_with_and_the_app_clears_it_away() {
    for django in pythons() {
        let origin = Origin::start(&django, json!({}), layer(key())).await;
        let other = layer(restante::DjangoKey::new("another site's secret").unwrap());
        let stranger = Origin::start(&django, json!({}), other).await;
        let visitor = Visitor::default();
        visitor.say(&stranger, App, &[json!({ "level": 20, "text": "forged" })]).await;
        assert!(visitor.show(&origin, Django).await.is_empty());
        assert!(visitor.cookie().is_some(), "Django leaves it where it is");
        assert!(visitor.show(&origin, App).await.is_empty());
        assert_eq!(visitor.cookie(), None);
    }
}
