//! An axum app on the domain of a Django site.

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use axum::routing::get;
use http_body_util::BodyExt;
use restante::django::{Keep, Message as Said};
use restante::testing::{assert_messages, flash_of};
use restante::{
    DjangoKey, Level, Message, Messages, MessagesLayer, SameSite, Shown, TowerSessions,
};
use tower::ServiceExt;
use tower_sessions::{MemoryStore, SessionManagerLayer};

use crate::vectors::{Vector, all};

fn key() -> DjangoKey {
    DjangoKey::new("the site's secret").unwrap()
}

fn app(layer: MessagesLayer) -> Router {
    let take = get(async |messages: Messages| {
        let taken = messages.take().await;
        let complete = [("x-complete", taken.is_complete().to_string())];
        (complete, serde_json::to_string(&taken.into_iter().collect::<Vec<_>>()).unwrap())
    });
    let add = get(async |messages: Messages| {
        messages.add(Message::success("Gespeichert ✓").tag("profile"));
    });
    let link = get(async |messages: Messages| {
        messages.add(Message::info("a link").url("/x").data(serde_json::json!({ "a": 1 })));
    });
    let fill = get(async |messages: Messages| {
        for at in 0..60_u64 {
            // What zlib cannot make much shorter.
            let noise = (1..9).map(|n| (at * 10 + n).wrapping_mul(0x9e37_79b9_7f4a_7c15));
            messages.info(noise.map(|n| n.to_string()).collect::<String>());
        }
    });
    let huge = get(async |messages: Messages| {
        let noise: Vec<_> = (0..9_000_u64).map(|n| n.wrapping_mul(n ^ 0x9e37_79b9)).collect();
        messages.info("small").info(format!("{noise:?}")).info("smaller");
    });
    Router::new()
        .route("/take", take)
        .route("/add", add)
        .route("/link", link)
        .route("/fill", fill)
        .route("/huge", huge)
        .layer(layer)
}

struct Answer {
    headers: HeaderMap,
    shown: Vec<serde_json::Value>,
    /// The messages that the response leaves, as the site reads them.
    left: Option<restante::django::Cookie>,
}

impl Answer {
    fn set_cookie(&self) -> Option<&str> {
        Some(self.headers.get(header::SET_COOKIE)?.to_str().unwrap())
    }

    fn deletes(&self) -> bool {
        self.set_cookie().is_some_and(|cookie| cookie.contains("Max-Age=0"))
    }

    fn texts(&self) -> Vec<&str> {
        self.shown.iter().map(|shown| shown["message"].as_str().unwrap()).collect()
    }
}

async fn call(app: &Router, key: &DjangoKey, path: &str, cookie: &str) -> Answer {
    let request = Request::get(path).header(header::COOKIE, cookie).body(Body::empty()).unwrap();
    let response = app.clone().oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let (parts, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let mut answer = Answer {
        shown: serde_json::from_slice(&body).unwrap_or_default(),
        left: None,
        headers: parts.headers,
    };
    let value = answer.set_cookie().map(|cookie| value_of(cookie).to_owned());
    answer.left = value.map(|value| key.read(&value));
    answer
}

fn value_of(set_cookie: &str) -> &str {
    set_cookie.split(';').next().unwrap().split_once('=').unwrap().1.trim_matches('"')
}

/// Where the vector says what the browser sent, that.
fn cookie_of(vector: &Vector) -> Option<String> {
    let value = vector.cookie_value.as_ref().filter(|_| vector.kind != "delete")?;
    Some(vector.cookie_header.clone().unwrap_or_else(|| format!("messages={value}")))
}

#[tokio::test]
async fn the_app_shows_what_django_said_and_deletes_what_was_shown_or_cannot_be_read() {
    for vector in all() {
        // A value within quotes is that value where it came from a browser.
        let Some(cookie) = cookie_of(&vector).filter(|_| vector.name != "tamper_quoted_inside")
        else {
            continue;
        };
        let name = &vector.name;
        let key = vector.key();
        let app = app(MessagesLayer::for_django(key.clone()));
        let answer = call(&app, &key, "/take", &cookie).await;
        let expected = vector.expected();
        assert_eq!(answer.shown.len(), expected.len(), "{name}");
        for (shown, said) in answer.shown.iter().zip(&expected) {
            assert_eq!(shown["message"], *said.text, "{name}");
            assert_eq!(shown["extra_tags"], *said.extra_tags.as_deref().unwrap_or(""), "{name}");
            assert_eq!(shown["safe"], said.safe, "{name}");
            let level = said.level.clamp(i32::MIN.into(), i32::MAX.into());
            assert_eq!(shown["level"], i32::try_from(level).unwrap(), "{name}");
        }
        let has_value = cookie.trim() != "messages=";
        assert_eq!(answer.deletes(), has_value, "{name}");

        // Not read and nothing said: it stays. Something said: it goes along, or what cannot be
        // read makes room.
        let answer = call(&app, &key, "/add", &cookie).await;
        let left = answer.left.unwrap();
        assert!(!left.is_tampered && left.messages.len() <= expected.len() + 1, "{name}");
        assert_eq!(left.messages.last().unwrap().text, "Gespeichert ✓", "{name}");
        if expected.len() < 3 && left.is_complete {
            assert_eq!(left.messages.len(), expected.len() + 1, "{name}");
        }
    }
}

#[tokio::test]
async fn the_site_reads_what_the_app_said() {
    let app = app(MessagesLayer::for_django(key()));
    let answer = call(&app, &key(), "/add", "").await;
    let set = answer.set_cookie().unwrap();
    assert!(set.starts_with("messages=") && set.ends_with("; HttpOnly; Path=/; SameSite=Lax"));
    let said = Said {
        level: 25,
        text: "Gespeichert ✓".to_owned(),
        extra_tags: Some("profile".to_owned()),
        safe: false,
    };
    assert_eq!(answer.left.as_ref().unwrap().messages, [said]);
    // Signed now, as Django's own.
    let seconds = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
    let again = |seconds: u64| {
        let messages = &answer.left.as_ref().unwrap().messages;
        key().write(messages, seconds.try_into().unwrap(), 2048, Keep::Newest).value
    };
    assert!((seconds - 60..=seconds).any(|seconds| again(seconds) == value_of(set)));
}

#[tokio::test]
async fn attributes_are_those_of_the_site() {
    for vector in all().iter().filter(|vector| vector.name.starts_with("attr_")) {
        let Some(expected) = &vector.set_cookie_header else { continue };
        // What cannot be said here: `SameSite` is always there.
        if vector.settings.get("SESSION_COOKIE_SAMESITE") == Some(&false.into()) {
            continue;
        }
        let mut layer = MessagesLayer::for_django(vector.key());
        for (name, value) in &vector.settings {
            layer = match (&**name, value.as_str()) {
                ("SESSION_COOKIE_SECURE", _) => layer.with_secure(true),
                ("SESSION_COOKIE_DOMAIN", Some(domain)) => layer.with_cookie_domain(domain),
                ("SESSION_COOKIE_SAMESITE", Some("Strict")) => {
                    layer.with_same_site(SameSite::Strict)
                }
                ("SESSION_COOKIE_SAMESITE", Some("None")) => layer.with_same_site(SameSite::None),
                // Django does not heed these for messages.
                _ => layer,
            };
        }
        let app = app(layer);
        let path = if vector.kind == "delete" { "/take" } else { "/add" };
        let answer = call(&app, &vector.key(), path, "messages=bad").await;
        let is_delete = vector.kind == "delete";
        let attributes = |header: &str| {
            let header = header.to_ascii_lowercase();
            let mut parts: Vec<_> = header.split("; ").skip(1).map(str::to_owned).collect();
            // Here a cookie is deleted as it was set; Django leaves these two out.
            parts.retain(|part| !is_delete || !["httponly", "secure"].contains(&&**part));
            parts.sort();
            parts
        };
        let got = answer.set_cookie().unwrap();
        assert_eq!(attributes(got), attributes(expected), "{}", vector.name);
        assert_eq!(answer.deletes(), is_delete);
    }
}

#[tokio::test]
async fn text_flagged_safe_is_kept_and_escaped_when_it_is_shown() {
    let said = Said { level: 30, text: "<b>x</b>".to_owned(), extra_tags: None, safe: true };
    let cookie = |messages: &[Said]| {
        format!("messages={}", key().write(messages, 0, 2048, Keep::Newest).value)
    };
    let app = app(MessagesLayer::for_django(key()));
    // Something else is said meanwhile: the flag survives.
    let answer = call(&app, &key(), "/add", &cookie(&[said])).await;
    let left = answer.left.unwrap().messages;
    assert_eq!((left[0].safe, left[1].safe), (true, false));

    let page = get(async |messages: Messages| {
        let mut page = minijinja::Environment::new();
        page.add_template("page.html", "{% for m in messages %}{{ m.message }}{% endfor %}")
            .unwrap();
        let messages: Vec<Shown> = messages.take().await.into_iter().collect();
        assert!(messages[0].safe);
        let messages = minijinja::value::Serde(&messages);
        let context = minijinja::context! { messages };
        page.get_template("page.html").unwrap().render(context).unwrap()
    });
    let app = Router::new().route("/", page).layer(MessagesLayer::for_django(key()));
    let request = Request::get("/").header(header::COOKIE, cookie(&left)).body(Body::empty());
    let body = app.oneshot(request.unwrap()).await.unwrap().into_body();
    let body = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
    assert_eq!(body, "&lt;b&gt;x&lt;&#x2f;b&gt;Gespeichert ✓");
}

#[tokio::test]
async fn what_does_not_fit_goes_with_the_oldest_or_to_the_session() {
    let alone = app(MessagesLayer::for_django(key()));
    let answer = call(&alone, &key(), "/fill", "").await;
    assert!(value_of(answer.set_cookie().unwrap()).len() <= 2048);
    let left = answer.left.as_ref().unwrap();
    assert!(!left.is_complete && (10..60).contains(&left.messages.len()));
    // Unlike in Django one that fits no cookie does not take those before it with it.
    let answer = call(&alone, &key(), "/huge", "").await;
    let left = answer.left.unwrap();
    let texts: Vec<_> = left.messages.iter().map(|said| &*said.text).collect();
    assert!(texts == ["small", "smaller"] && !left.is_complete);

    let sessions = SessionManagerLayer::new(MemoryStore::default()).with_secure(false);
    let layer = MessagesLayer::for_django(key()).with_session(TowerSessions);
    let both = app(layer).layer(sessions);
    let answer = call(&both, &key(), "/fill", "").await;
    let cookies = answer.headers.get_all(header::SET_COOKIE).iter();
    let jar: Vec<_> =
        cookies.map(|cookie| cookie.to_str().unwrap().split(';').next().unwrap()).collect();
    assert_eq!(jar.len(), 2);
    let answer = call(&both, &key(), "/take", &jar.join("; ")).await;
    assert_eq!(answer.texts().len(), 60);
    assert_eq!(answer.headers["x-complete"], "true");
}

#[tokio::test]
async fn keys_rotate() {
    let cookie = format!(
        "messages={}",
        key().write(&[Said::new(20, "before")], 0, 2048, Keep::Newest).value
    );
    let new = DjangoKey::new("another secret").unwrap();
    let rotated = app(MessagesLayer::for_django(new.clone().with_fallback(key())));
    let answer = call(&rotated, &new, "/add", &cookie).await;
    let left = answer.left.unwrap().messages;
    assert_eq!((&*left[0].text, left.len()), ("before", 2), "read by the old, signed by the new");
    let answer = call(&app(MessagesLayer::for_django(new.clone())), &new, "/take", &cookie).await;
    assert!(answer.deletes() && answer.texts().is_empty());
}

#[tokio::test]
async fn the_helpers_for_tests_read_it_too() {
    let app = app(MessagesLayer::for_django(key()));
    let response =
        app.clone().oneshot(Request::get("/add").body(Body::empty()).unwrap()).await.unwrap();
    assert_messages(&response, &[(Level::SUCCESS, "Gespeichert ✓")]);
    // A url is left out, the text is not.
    let response = app.oneshot(Request::get("/link").body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(flash_of(&response), [(Level::INFO, "a link".to_owned())]);
}
