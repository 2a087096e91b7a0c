use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use restante::{Records, SqliteStore};
use sha2::Sha256;

use crate::sandbox::{Sandbox, Server};

const ALICE: (&str, &str) = ("x-user", "alice");
const BOB: (&str, &str) = ("x-user", "bob");

/// Opens a user's one-use link and gives the session's cookie.
fn sign_in(server: &Server, user: &str) -> String {
    let answer = server.get(&server.link(user), &[]);
    assert_eq!((answer.status, answer.header("location")), (303, "/inbox"));
    answer.cookie()
}

#[test]
fn two_users_never_meet() {
    let sandbox = Sandbox::new();
    sandbox.ok(&["send", "--to", "alice", "for alice alone"]);
    let server = sandbox.serve_behind_proxy();
    let id = sandbox.json(&["inbox", "alice"])["items"][0]["id"].to_string();
    for view in ["/inbox", "/inbox?view=archive"] {
        assert!(!server.get(view, &[BOB]).body.contains("for alice alone"));
    }
    sandbox.ok(&["send", "--to", "bob", "for bob"]);
    let token = server.get("/inbox", &[BOB]).field("csrf");
    for what in ["read", "unread", "dismiss"] {
        let answer = server.post(&format!("/inbox/{id}/{what}"), &[BOB], &format!("csrf={token}"));
        assert_eq!(answer.status, 404, "{what}");
        let nowhere = server.post(&format!("/inbox/4/{what}"), &[BOB], &format!("csrf={token}"));
        assert_eq!(nowhere.body, answer.body, "another's item is as one that never was");
    }
    assert_eq!(sandbox.json(&["inbox", "alice"])["unread"], 1);
}

#[test]
fn a_form_that_is_not_ours_changes_nothing() {
    let sandbox = Sandbox::new();
    sandbox.ok(&["send", "--to", "alice", "x"]);
    sandbox.ok(&["send", "--to", "bob", "x"]);
    let server = sandbox.serve_behind_proxy();
    let page = server.get("/inbox", &[ALICE]);
    let (token, as_of) = (page.field("csrf"), page.field("as_of"));
    let bobs = server.get("/inbox", &[BOB]).field("csrf");
    let id = sandbox.json(&["inbox", "alice"])["items"][0]["id"].to_string();
    let paths =
        ["read".to_owned(), format!("{id}/read"), format!("{id}/unread"), format!("{id}/dismiss")];
    for path in paths.map(|path| format!("/inbox/{path}")) {
        let post = |headers: &[(&str, &str)], csrf: &str| {
            server.post(&path, headers, &format!("csrf={csrf}&as_of={as_of}")).status
        };
        assert_eq!(post(&[ALICE], ""), 403, "{path}: no token");
        assert_eq!(post(&[ALICE], "x"), 403, "{path}: a made-up token");
        assert_eq!(post(&[ALICE], &bobs), 403, "{path}: another's token");
        for site in ["cross-site", "same-site"] {
            assert_eq!(post(&[ALICE, ("sec-fetch-site", site)], &token), 403, "{path}: {site}");
        }
        assert_eq!(post(&[], &token), 401, "{path}: nobody");
    }
    assert_eq!(sandbox.json(&["inbox", "alice"])["unread"], 1);
    let headers = [ALICE, ("sec-fetch-site", "same-origin")];
    let form = format!("csrf={token}&as_of={as_of}");
    assert_eq!(server.post("/inbox/read", &headers, &form).status, 303);
    assert_eq!(server.post("/inbox/read", &[ALICE], &format!("csrf={token}&as_of=x")).status, 422);
    let long = format!("csrf={token}&as_of={}", "0".repeat(70_000));
    assert_eq!(server.post("/inbox/read", &[ALICE], &long).status, 413);
}

#[test]
fn a_ticket_opens_once() {
    let sandbox = Sandbox::new();
    let server = sandbox.serve(&["--demo"]);
    // Whoever looks ahead uses nothing up.
    assert_eq!(server.head(&server.link("alice")).status, 204);
    let prefetch = server.get(&server.link("alice"), &[("sec-purpose", "prefetch")]);
    assert_eq!((prefetch.status, prefetch.header("set-cookie")), (204, ""));

    let cookie = sign_in(&server, "alice");
    let again = server.get(&server.link("alice"), &[]);
    assert_eq!((again.status, again.header("set-cookie")), (401, ""));
    assert!(again.body.contains("no longer works"), "{}", again.body);
    for bad in ["/login", "/login?ticket=", "/login?ticket=guess", "/login?ticket=a&ticket=b"] {
        assert_eq!(server.get(bad, &[]).status, 401, "{bad}");
    }
    assert!(server.get("/inbox", &[("cookie", &cookie)]).body.contains("<bdi>alice</bdi>"));
    let other = format!("theme=dark; {cookie}; restante_session=x");
    assert_eq!(server.get("/inbox", &[("cookie", &other)]).status, 200);
    let bob = sign_in(&server, "bob");
    assert!(server.get("/inbox", &[("cookie", &bob)]).body.contains("<bdi>bob</bdi>"));
}

#[test]
fn whoever_comes_from_another_site_is_led_in_by_our_own_page() {
    let sandbox = Sandbox::new();
    let server = sandbox.serve(&["--demo"]);
    let answer = server.get(&server.link("alice"), &[("sec-fetch-site", "cross-site")]);
    assert_eq!(answer.status, 200);
    assert!(answer.body.contains("http-equiv=\"refresh\""), "{}", answer.body);
    let page = server.get("/inbox", &[("cookie", &answer.cookie())]);
    assert_eq!(page.status, 200);
}

#[test]
fn a_session_cookie_is_strict_and_cannot_be_read_by_scripts() {
    let sandbox = Sandbox::new();
    let server = sandbox.serve(&["--demo"]);
    let answer = server.get(&server.link("alice"), &[]);
    let cookie = answer.header("set-cookie");
    for part in ["; HttpOnly", "; SameSite=Strict", "; Path=/", "; Max-Age=43200"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains("Secure"), "{cookie}");
    let https = server.get(&server.link("bob"), &[("x-forwarded-proto", "https")]);
    assert!(https.header("set-cookie").contains("; Secure"));
}

#[tokio::test]
async fn a_cookie_that_was_changed_or_has_ended_opens_nothing() {
    let sandbox = Sandbox::new();
    let server = sandbox.serve(&["--demo", "--database", "sqlite:restante.db"]);
    let cookie = sign_in(&server, "alice");
    let store = SqliteStore::open(sandbox.path("restante.db")).await.unwrap();
    let secret = store.secret("session", &[0; 32]).await.unwrap();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let sign = |user: &str, ends: Duration, secret: &[u8]| {
        let claims = format!("{}.{}.AAAA", BASE64.encode(user), ends.as_millis());
        let mut mac = Hmac::<Sha256>::new_from_slice(secret).unwrap();
        mac.update(format!("session\0{claims}").as_bytes());
        format!("restante_session={claims}.{}", BASE64.encode(mac.finalize().into_bytes()))
    };
    let status = |cookie: &str| server.get("/inbox", &[("cookie", cookie)]).status;
    let soon = now + Duration::from_secs(60);
    assert_eq!(status(&sign("alice", soon, &secret)), 200, "signed as the server signs");
    assert_eq!(status(&sign("alice", now, &secret)), 401, "ended");
    assert_eq!(status(&sign("alice", soon, &[0; 32])), 401, "another's secret");
    let (claims, _) = cookie.rsplit_once('.').unwrap();
    let (_, signature) = sign("alice", soon, &secret).rsplit_once('.').map(own).unwrap();
    assert_eq!(status(&format!("{claims}.{signature}")), 401, "another session's signature");
    assert_eq!(status(&cookie.replacen("YWxpY2U", "Ym9i", 1)), 401, "another user");
    assert_eq!(status("restante_session="), 401);
    assert_eq!(status(&cookie), 200, "and the true one still does");
}

fn own((left, right): (&str, &str)) -> (String, String) {
    (left.to_owned(), right.to_owned())
}

#[test]
fn a_session_outlives_its_server_and_its_form_token_belongs_to_it() {
    let sandbox = Sandbox::new();
    let server = sandbox.serve(&["--demo"]);
    let (alice, bob) = (sign_in(&server, "alice"), sign_in(&server, "bob"));
    let token = server.get("/inbox", &[("cookie", &alice)]).field("csrf");
    server.kill();
    let server = sandbox.serve(&["--demo"]);
    let form = format!("csrf={token}&as_of=0");
    assert_eq!(server.post("/inbox/read", &[("cookie", &alice)], &form).status, 303);
    assert_eq!(server.post("/inbox/read", &[("cookie", &bob)], &form).status, 403);
}

#[test]
fn nobody_is_told_how_to_get_in() {
    let sandbox = Sandbox::new();
    let server = sandbox.serve(&[]);
    let page = server.get("/inbox", &[ALICE]);
    assert_eq!(page.status, 401, "without --user-header no header counts");
    assert!(page.body.contains("opens with a link"), "{}", page.body);
    let server = sandbox.serve_behind_proxy();
    assert!(server.get("/inbox", &[]).body.contains("Sign in to the app"));
    assert_eq!(server.get("/inbox", &[ALICE, BOB]).status, 401, "two names are none");
    assert_eq!(server.get("/inbox", &[("x-user", "*")]).status, 401, "everyone is nobody");
}

#[test]
fn who_signs_out_is_out() {
    let sandbox = Sandbox::new();
    let server = sandbox.serve(&["--demo"]);
    let cookie = sign_in(&server, "alice");
    let page = server.get("/inbox", &[("cookie", &cookie)]);
    let form = format!("csrf={}", page.field("csrf"));
    assert_eq!(server.post("/logout", &[("cookie", &cookie)], "csrf=x").status, 403);
    let out = server.post("/logout", &[("cookie", &cookie)], &form);
    assert_eq!((out.status, out.cookie().as_str()), (303, "restante_session="));
    assert!(out.header("set-cookie").contains("Max-Age=0"), "{out:?}");
}
