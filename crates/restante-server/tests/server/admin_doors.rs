//! Who gets into the admin pages, by every way and in every state.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use restante::{Records, SqliteStore};

use crate::operator::Operator;
use crate::sandbox::{Sandbox, Server};

/// Every page, and every form with what it needs to be good; `{m}` and `{k}` are a message and a
/// key.
const PAGES: [&str; 10] = [
    "/admin",
    "/admin/compose",
    "/admin/sent",
    "/admin/sent/{m}",
    "/admin/sent/{m}/progress",
    "/admin/sent/{m}/retract",
    "/admin/users?id=alice",
    "/admin/users/ask?id=alice&do=forget",
    "/admin/keys",
    "/admin/keys/{k}/revoke",
];
const FORMS: [(&str, &str); 8] = [
    ("/admin/sent/{m}/retract", ""),
    ("/admin/users/forget", "&id=alice"),
    ("/admin/users/export", "&id=alice"),
    ("/admin/users/end-tokens", "&id=alice"),
    ("/admin/keys", "&name=x&scope=admin&once=1"),
    ("/admin/keys/{k}/revoke", ""),
    ("/admin/signout-everywhere", ""),
    ("/admin/signout", ""),
];

/// A server with something to lose, and the paths of it.
struct Ground {
    sandbox: Sandbox,
    admin: String,
    message: String,
    key: String,
}

impl Ground {
    fn new() -> Self {
        let sandbox = Sandbox::new();
        let sent = sandbox.json(&["send", "--to", "alice", "for alice"]);
        let admin = sandbox.key(&["admin"]);
        let made = sandbox.json(&["key", "create", "--name", "shop", "--scope", "send"]);
        let own = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        Self { sandbox, admin, message: own(&sent["id"]), key: own(&made["id"]) }
    }

    fn path(&self, pattern: &str) -> String {
        pattern.replace("{m}", &self.message).replace("{k}", &self.key)
    }

    /// Whether everything is as it was: nothing retracted, forgotten, ended, made or revoked.
    async fn is_untouched(&self) -> bool {
        let keys = self.sandbox.json(&["key", "list"]);
        let keys = keys["keys"].as_array().unwrap();
        let store = SqliteStore::open(self.sandbox.path("restante.db")).await.unwrap();
        let alice = restante::UserId::new("alice").unwrap();
        keys.iter().all(|key| key["revoked_at"].is_null())
            && self.sandbox.json(&["inbox", "alice"])["unread"] == 1
            && store.tokens_ended_at(&alice).await.unwrap().is_none()
    }
}

/// Everybody whom the pages must not let in, by the cookie that they show.
fn strangers(ground: &Ground, server: &Server) -> Vec<(&'static str, String)> {
    let sandbox = &ground.sandbox;
    let nobody = Operator::nobody(server);
    let revoked = sandbox.json(&["key", "create", "--name", "old", "--scope", "admin"]);
    let of_revoked = nobody.sign_in(revoked["key"].as_str().unwrap());
    let of_user = {
        let key = sandbox.key(&["tokens"]);
        let bearer = format!("Bearer {}", key.trim());
        let made = server.post_as("/v1/users/alice/tickets", &[("authorization", &bearer)], "");
        let made: serde_json::Value = serde_json::from_str(&made.body).unwrap();
        let ticket = made["ticket"].as_str().unwrap();
        server.get(&format!("/login?ticket={ticket}"), &[]).cookie()
    };
    let as_admin = of_user.replacen("restante_session", "restante_admin", 1);
    let ended = {
        let key = sandbox.json(&["key", "create", "--name", "gone", "--scope", "admin"]);
        let before = nobody.sign_in(key["key"].as_str().unwrap());
        let out = before.submit("/admin/signout-everywhere", &[]);
        assert_eq!(out.status, 303, "{out:?}");
        before.cookie().to_owned()
    };
    let good = nobody.sign_in(&ground.admin).cookie().to_owned();
    let (claims, signature) = good.rsplit_once('.').unwrap();
    let (_, of_other) = of_revoked.cookie().rsplit_once('.').unwrap();
    assert_ne!(signature, of_other);
    let forged = format!("{claims}.{of_other}");
    sandbox.ok(&["key", "revoke", revoked["id"].as_str().unwrap()]);
    vec![
        ("nobody", String::new()),
        ("a user's session", of_user),
        ("a user's session in this cookie", as_admin),
        ("a session of a revoked key", of_revoked.cookie().to_owned()),
        ("a session that was ended", ended),
        ("another session's signature", forged),
        ("the key itself as cookie", format!("restante_admin={}", ground.admin.trim())),
        ("a made-up cookie", "restante_admin=a.b.c.d".to_owned()),
    ]
}

#[tokio::test]
async fn every_page_and_form_is_for_operators_alone() {
    let ground = Ground::new();
    let server = ground.sandbox.serve(&["--user-header", "X-User"]);
    let operator = Operator::nobody(&server).sign_in(&ground.admin);
    let csrf = operator.csrf();
    let strangers = strangers(&ground, &server);
    // Those are keys of the strangers, and one of them was to be revoked.
    let untouched = async || {
        let keys = ground.sandbox.json(&["key", "list"]);
        let live =
            keys["keys"].as_array().unwrap().iter().filter(|key| key["revoked_at"].is_null());
        live.count() == 4 && ground.sandbox.json(&["inbox", "alice"])["unread"] == 1
    };
    assert!(untouched().await);
    for (who, cookie) in &strangers {
        let stranger = Operator::nobody(&server).with_cookie(cookie);
        for page in PAGES {
            let answer = stranger.get(&ground.path(page));
            assert_eq!(answer.status, 401, "{who}: {page}");
            assert!(!answer.body.contains("for alice"), "{who}: {page}");
            assert!(answer.body.contains("action=\"/admin/signin\""), "{who}: {page}");
        }
        for (form, fields) in FORMS {
            let body = format!("csrf={csrf}{fields}");
            let answer = stranger.post(&ground.path(form), &body, &[("x-user", "alice")]);
            assert_eq!(answer.status, 401, "{who}: {form}");
        }
        let parts =
            [("csrf", csrf.as_str()), ("to", "users"), ("users", "alice"), ("message", "x")];
        let answer = stranger.send_parts("/admin/compose", &parts, &[]);
        assert_eq!(answer.status, 401, "{who}: compose");
    }
    assert!(untouched().await);
    for page in PAGES {
        assert_eq!(operator.get(&ground.path(page)).status, 200, "{page}");
    }
}

#[tokio::test]
async fn a_form_that_is_not_ours_changes_nothing() {
    let ground = Ground::new();
    let server = ground.sandbox.serve(&[]);
    let operator = Operator::nobody(&server).sign_in(&ground.admin);
    let other = Operator::nobody(&server).sign_in(&ground.admin);
    let (csrf, others) = (operator.csrf(), other.csrf());
    assert_ne!(csrf, others, "each session has its own");
    for (form, fields) in FORMS {
        let path = ground.path(form);
        for (what, token) in [("none", ""), ("made up", "x"), ("another session's", &others)] {
            let answer = operator.post(&path, &format!("csrf={token}{fields}"), &[]);
            assert_eq!(answer.status, 403, "{form}: {what}");
        }
        for site in ["cross-site", "same-site"] {
            let from = [("sec-fetch-site", site)];
            let answer = operator.post(&path, &format!("csrf={csrf}{fields}"), &from);
            assert_eq!(answer.status, 403, "{form}: {site}");
        }
        assert_eq!(operator.post(&path, "", &[]).status, 403, "{form}: empty");
        assert_eq!(operator.get("/admin").status, 200, "{form}: and the session goes on");
    }
    let parts = |token: &'static str| [("csrf", token), ("users", "alice"), ("message", "x")];
    for token in ["", "x"] {
        let answer = operator.send_parts("/admin/compose", &parts(token), &[]);
        assert_eq!(answer.status, 403, "compose: {token}");
    }
    let late = [("users", "alice"), ("message", "x"), ("csrf", csrf.as_str())];
    assert_eq!(operator.send_parts("/admin/compose", &late, &[]).status, 403, "the token is first");
    let cross = [("csrf", csrf.as_str()), ("users", "alice"), ("message", "x")];
    let answer = operator.send_parts("/admin/compose", &cross, &[("sec-fetch-site", "cross-site")]);
    assert_eq!(answer.status, 403);
    assert!(ground.is_untouched().await);
}

#[test]
fn a_key_lets_in_if_it_lives_and_may_administer() {
    let sandbox = Sandbox::new();
    let admin = sandbox.key(&["admin"]);
    let (send, tokens) = (sandbox.key(&["send"]), sandbox.key(&["tokens", "send"]));
    let revoked = sandbox.json(&["key", "create", "--name", "old", "--scope", "admin"]);
    sandbox.ok(&["key", "revoke", revoked["id"].as_str().unwrap()]);
    let server = sandbox.serve(&[]);
    let nobody = Operator::nobody(&server);
    for (what, key, status, told) in [
        ("nothing", "", 401, "unknown or has been revoked"),
        ("a guess", "restante_guess", 401, "unknown or has been revoked"),
        ("a revoked one", revoked["key"].as_str().unwrap(), 401, "unknown or has been revoked"),
        ("one that sends", &send, 403, "may not administer"),
        ("one that makes tokens", &tokens, 403, "may not administer"),
    ] {
        let answer = nobody.try_key(key, &[]);
        assert_eq!((answer.status, answer.header("set-cookie")), (status, ""), "{what}");
        assert!(answer.body.contains(told), "{what}: {}", answer.body);
        assert!(key.is_empty() || !answer.body.contains(key.trim()), "{what}: it is not told back");
    }
    let elsewhere = nobody.try_key(&admin, &[("sec-fetch-site", "cross-site")]);
    assert_eq!((elsewhere.status, elsewhere.header("set-cookie")), (403, ""));

    let answer = nobody.try_key(&format!("  {}\n", admin.trim()), &[]);
    assert_eq!((answer.status, answer.header("location")), (303, "/admin"));
    let cookie = answer.header("set-cookie").to_owned();
    for part in ["restante_admin=", "; HttpOnly", "; SameSite=Strict", "; Path=/admin;", "=43200"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains("Secure") && !cookie.contains(admin.trim()), "{cookie}");
    let https = nobody.try_key(&admin, &[("x-forwarded-proto", "https")]);
    assert!(https.header("set-cookie").contains("; Secure"));
}

#[test]
fn who_signs_in_is_led_to_the_page_that_was_asked_for_and_to_no_other_site() {
    let sandbox = Sandbox::new();
    let key = sandbox.key(&["admin"]);
    let server = sandbox.serve(&[]);
    let asked = server.get("/admin/users?id=a%2Fb%3Fc&view=archive", &[]);
    assert_eq!(asked.status, 401);
    let back_to = asked.field("back_to").replace("&#38;", "&");
    assert_eq!(back_to, "/admin/users?id=a%2Fb%3Fc&view=archive");
    let landing = |back_to: &str| {
        let back_to = crate::operator::encoded(back_to);
        let form = format!("key={}&back_to={back_to}", key.trim());
        let answer = server.post("/admin/signin", &[("x-forwarded-for", "192.0.2.1")], &form);
        answer.header("location").to_owned()
    };
    assert_eq!(landing(&back_to), back_to);
    for bad in ["//evil.example", "https://evil.example", "/administer", "/inbox", "/admin\\x"] {
        assert_eq!(landing(bad), "/admin", "{bad}");
    }
}

#[test]
fn tries_are_counted_by_address_and_the_log_names_no_key() {
    let sandbox = Sandbox::new();
    let key = sandbox.key(&["admin"]);
    let log = sandbox.path("log");
    let server = sandbox.serve_logging(&["--log", "debug"], &log);
    let nobody = Operator::nobody(&server);
    for number in 0..10 {
        assert_eq!(nobody.try_key("restante_wrongguess", &[]).status, 401, "{number}");
    }
    let refused = nobody.try_key("restante_wrongguess", &[]);
    assert_eq!(refused.status, 429);
    assert_eq!(nobody.try_key(&key, &[]).status, 303, "nobody locks operators out");
    let seconds: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=7).contains(&seconds), "{seconds}");
    assert!(refused.body.contains("Too many tries"), "{}", refused.body);
    // A page of another site uses up nobody's tries.
    let elsewhere = [("sec-fetch-site", "cross-site"), ("x-forwarded-for", "192.0.2.7")];
    for _ in 0..20 {
        assert_eq!(nobody.try_key("x", &elsewhere).status, 403);
    }
    // The proxy on this machine says who else tries.
    let operator = nobody.try_key(&key, &[("x-forwarded-for", "192.0.2.7")]);
    assert_eq!(operator.status, 303);
    let log = std::fs::read_to_string(log).unwrap();
    assert!(log.contains("too many tries") && log.contains("192.0.2.7"), "{log}");
    assert!(!log.contains(key.trim()) && !log.contains("wrongguess"), "{log}");
    assert!(!log.contains(operator.cookie().split_once('=').unwrap().1), "{log}");
}

#[test]
fn tries_of_all_addresses_together_are_counted_too() {
    let sandbox = Sandbox::new();
    let server = sandbox.serve(&["--database", "memory:"]);
    let nobody = Operator::nobody(&server);
    let mut refused = 0;
    for number in 0..120 {
        let mut address = String::new();
        let _ = write!(address, "198.51.100.{number}");
        let answer = nobody.try_key("restante_x", &[("x-forwarded-for", &address)]);
        refused += u32::from(answer.status == 429);
    }
    // A hundred, and what comes back while this runs.
    assert!((1..=20).contains(&refused), "{refused}");
}

#[test]
fn who_signs_out_is_out_and_everywhere_is_on_every_server() {
    let sandbox = Sandbox::new();
    let (key, other) = (sandbox.key(&["admin"]), sandbox.key(&["admin"]));
    let (here, there) = (sandbox.serve(&[]), sandbox.serve(&[]));
    let first = Operator::nobody(&here).sign_in(&key);
    let second = Operator::nobody(&there).sign_in(&key);
    let bystander = Operator::nobody(&there).sign_in(&other);
    assert_eq!(first.at(&there).get("/admin").status, 200, "a session is known on every server");

    let out = first.submit("/admin/signout", &[]);
    assert_eq!((out.status, out.cookie().as_str()), (303, "restante_admin="));
    assert!(
        out.header("set-cookie").contains("Max-Age=0; ")
            || out.header("set-cookie").ends_with("Max-Age=0")
    );
    assert_eq!(second.get("/admin").status, 200, "this browser alone");

    let third = Operator::nobody(&here).sign_in(&key);
    assert_eq!(third.submit("/admin/signout-everywhere", &[]).status, 303);
    for (what, browser) in [("first", &first), ("second", &second), ("third", &third)] {
        for server in [&here, &there] {
            let page = browser.at(server).get("/admin");
            assert_eq!(page.status, 401, "{what}");
            assert!(page.body.contains("Your session is over"), "{what}");
        }
    }
    assert_eq!(bystander.get("/admin").status, 200, "another key's sessions go on");
    let again = Operator::nobody(&there).sign_in(&key);
    assert_eq!(again.at(&here).get("/admin").status, 200, "the key itself still opens");
}

#[test]
fn revoking_a_key_ends_its_sessions_at_once_on_every_server() {
    let sandbox = Sandbox::new();
    let (ours, theirs) = (sandbox.key(&["admin"]), sandbox.key(&["admin"]));
    let (here, there) = (sandbox.serve(&[]), sandbox.serve(&[]));
    let (operator, rival) =
        (Operator::nobody(&here).sign_in(&ours), Operator::nobody(&there).sign_in(&theirs));
    let keys = sandbox.json(&["key", "list"]);
    let id = |at: usize| keys["keys"][at]["id"].as_str().unwrap().to_owned();
    let answer = operator.submit(&format!("/admin/keys/{}/revoke", id(1)), &[]);
    assert_eq!((answer.status, answer.header("location")), (303, "/admin/keys"));
    assert_eq!(rival.get("/admin").status, 401);
    assert_eq!(rival.try_key(&theirs, &[]).status, 401);
    // Also one's own.
    assert!(
        operator.page(&format!("/admin/keys/{}/revoke", id(0))).contains("signed in with this")
    );
    operator.submit(&format!("/admin/keys/{}/revoke", id(0)), &[]);
    assert_eq!(operator.get("/admin").status, 401);
}

#[test]
fn the_pages_are_below_the_path_of_the_public_address() {
    let sandbox = Sandbox::new();
    let key = sandbox.key(&["admin"]);
    // It says that it is at example.org, where nobody is: it is asked where it listens.
    let server = sandbox.serve_before_its_store(&["--public-url", "https://example.org/messages"]);
    let began = Instant::now();
    while !server.listens() || server.get("/readyz", &[]).status != 200 {
        assert!(began.elapsed() < Duration::from_secs(20), "it is not ready");
    }
    let nobody = Operator::nobody(&server).below("/messages");
    let asked = nobody.get("/admin/keys");
    assert!(asked.body.contains("action=\"/messages/admin/signin\""), "{}", asked.body);
    assert_eq!(asked.field("back_to"), "/admin/keys");
    let answer = nobody.try_key(&key, &[]);
    assert_eq!(answer.header("location"), "/messages/admin");
    let cookie = answer.header("set-cookie");
    assert!(cookie.contains("; Path=/messages/admin;") && cookie.contains("; Secure"), "{cookie}");
    let operator = nobody.with_cookie(&answer.cookie());
    for base in ["/messages", ""] {
        // The proxy may have taken the path off.
        let page = operator.below(base).page("/admin/sent");
        assert!(page.contains("href=\"/messages/admin/compose\""), "{page}");
        assert!(page.contains("src=\"/messages/static/admin-ask.js?v="), "{page}");
        assert!(!page.contains("\"/admin"), "{page}");
    }
    let sent = operator.compose(&[("to", "users"), ("users", "a"), ("message", "x")]);
    assert!(sent.header("location").starts_with("/messages/admin/sent/m_"), "{sent:?}");
}
