//! More messages than a cookie holds: who keeps what, and what the other sees of it.

use restante::{Filter, MemoryStore, Restante, TowerSessions};
use restante_testkit::django::pythons;
use serde_json::{Value, json};
use tower_sessions::SessionManagerLayer;

use crate::origin::{Origin, app, key, layer};
use crate::visitor::Side::{App, Django};
use crate::visitor::{Side, Visitor, text};

const COOKIE_STORAGE: &str = "django.contrib.messages.storage.cookie.CookieStorage";

/// Sixty messages, more than fit: zlib cannot make them much shorter.
fn many() -> Vec<Value> {
    let mut random = fastrand::Rng::with_seed(7);
    let mut one = |at: i32| {
        let noise: String = std::iter::repeat_with(|| random.alphanumeric()).take(60).collect();
        json!({ "level": 20, "text": format!("{at} {noise}") })
    };
    (0..60).map(&mut one).collect()
}

fn texts(said: &[Value]) -> Vec<String> {
    said.iter().map(text).collect()
}

fn say_one(text: &str) -> [Value; 1] {
    [json!({ "level": 20, "text": text })]
}

#[tokio::test]
async fn django_keeps_the_rest_in_its_session_where_the_app_cannot_see_it() {
    for django in pythons() {
        let origin = Origin::start(&django, json!({}), layer(key())).await;
        let all = texts(&many());

        // Shown by Django: all of them, as without an app.
        let visitor = Visitor::default();
        visitor.say(&origin, Django, &many()).await;
        visitor.ask(&origin, App, "idle", None).await;
        assert_eq!(visitor.texts(&origin, Django).await, all);

        // Shown by the app: the first, and it knows that there are more.
        visitor.say(&origin, Django, &many()).await;
        let answer = visitor.ask(&origin, App, "show", None).await;
        let first = texts(&answer.shown());
        assert!(!answer.is_complete());
        assert!((5..60).contains(&first.len()) && all.starts_with(&first));
        // Django looks into its session only when the cookie says so, which is gone.
        assert!(visitor.show(&origin, Django).await.is_empty());
    }
}

#[tokio::test]
async fn what_the_app_says_to_a_full_cookie_does_not_cut_off_djangos_session() {
    for django in pythons() {
        let origin = Origin::start(&django, json!({}), layer(key())).await;
        let all = texts(&many());
        let in_cookie = {
            let visitor = Visitor::default();
            visitor.say(&origin, Django, &many()).await;
            visitor.show(&origin, App).await.len()
        };

        let visitor = Visitor::default();
        visitor.say(&origin, Django, &many()).await;
        visitor.say(&origin, App, &say_one("and one more")).await;
        let shown = visitor.texts(&origin, Django).await;
        let place = shown.iter().position(|text| text == "and one more").unwrap();
        // Of the cookie's the oldest make room; the session's are all there.
        assert!(all[..in_cookie].ends_with(&shown[..place]) && place + 2 >= in_cookie);
        assert_eq!(shown[place + 1..], all[in_cookie..]);
    }
}

/// What the other side shows of many that one said, with nothing but the cookie.
async fn crosses(origin: &Origin, from: Side, to: Side) {
    let all = texts(&many());
    let visitor = Visitor::default();
    visitor.say(origin, from, &many()).await;
    let answer = visitor.ask(origin, to, "show", None).await;
    let shown = texts(&answer.shown());
    assert!((5..60).contains(&shown.len()) && all.ends_with(&shown), "the newest: {shown:?}");
    assert!(to == Django || !answer.is_complete());
    assert_eq!(visitor.cookie(), None);
}

#[tokio::test]
async fn with_nothing_but_the_cookie_both_keep_the_newest() {
    for django in pythons() {
        let settings = json!({ "MESSAGE_STORAGE": COOKIE_STORAGE });
        let origin = Origin::start(&django, settings, layer(key())).await;
        crosses(&origin, Django, App).await;
        crosses(&origin, App, Django).await;

        // In development Django refuses instead, and says nothing at all.
        let settings = json!({ "MESSAGE_STORAGE": COOKIE_STORAGE, "DEBUG": true });
        let origin = Origin::start(&django, settings, layer(key())).await;
        let visitor = Visitor::default();
        let answer = visitor.ask(&origin, Django, "say", Some(&many())).await;
        assert_eq!((answer.status, visitor.cookie()), (500, None));
    }
}

#[tokio::test]
async fn the_app_keeps_the_rest_in_its_session_and_shows_it_itself() {
    for django in pythons() {
        let sessions =
            SessionManagerLayer::new(tower_sessions::MemoryStore::default()).with_secure(false);
        let layer = layer(key()).with_session(TowerSessions);
        let app = app().layer(layer).layer(sessions);
        let origin = Origin::start_app(&django, json!({}), app).await;
        let all = texts(&many());

        let visitor = Visitor::default();
        visitor.say(&origin, App, &many()).await;
        let mut shown = visitor.texts(&origin, Django).await;
        assert!((5..60).contains(&shown.len()) && all.starts_with(&shown));
        // The cookie has gone with what Django showed. The rest is here all the same.
        shown.extend(visitor.texts(&origin, App).await);
        assert_eq!(shown, all);
    }
}

#[tokio::test]
async fn of_who_is_signed_in_the_app_keeps_the_rest_in_the_inbox() {
    for django in pythons() {
        let restante = Restante::new(MemoryStore::new());
        let layer = layer(key()).with_restante(restante.clone()).with_user(|_| Some("alice"));
        let origin = Origin::start(&django, json!({}), layer).await;
        let all = texts(&many());

        let visitor = Visitor::default();
        visitor.say(&origin, App, &many()).await;
        let shown = visitor.texts(&origin, Django).await;
        assert!((5..60).contains(&shown.len()) && all.ends_with(&shown));
        let inbox = restante.inbox("alice").unwrap();
        let kept = inbox.list(Filter::unread().limit(100)).await.unwrap();
        let kept: Vec<_> = kept.items.iter().rev().map(|item| item.message.text()).collect();
        assert_eq!(kept, all[..60 - shown.len()]);
    }
}
