//! Who may call what: every route of the document, every kind of caller.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::api_calls::{Caller, sign};
use crate::sandbox::{Answer, Sandbox};

const SECRET: &str = "a secret of this test that is long enough";

/// Every route: what a key needs for it, or `user`, and what a good call answers.
const ROUTES: [(&str, &str, &str, u16); 22] = [
    ("GET", "/v1/messages", "send", 200),
    ("POST", "/v1/messages", "send", 201),
    ("GET", "/v1/messages/{id}", "send", 200),
    ("DELETE", "/v1/messages/{id}", "send", 204),
    ("POST", "/v1/users/{id}/tokens", "tokens", 201),
    ("DELETE", "/v1/users/{id}/tokens", "tokens", 204),
    ("POST", "/v1/users/{id}/tickets", "tokens", 201),
    ("DELETE", "/v1/users/{id}", "admin", 200),
    ("GET", "/v1/users/{id}/export", "admin", 200),
    ("GET", "/v1/keys", "admin", 200),
    ("POST", "/v1/keys", "admin", 201),
    ("DELETE", "/v1/keys/{id}", "admin", 204),
    ("POST", "/v1/sweep", "admin", 200),
    ("GET", "/v1/inbox", "user", 200),
    ("GET", "/v1/inbox/count", "user", 200),
    ("GET", "/v1/inbox/stream", "user", 200),
    ("POST", "/v1/inbox/read", "user", 200),
    ("GET", "/v1/inbox/{id}", "user", 200),
    ("DELETE", "/v1/inbox/{id}", "user", 204),
    ("POST", "/v1/inbox/{id}/read", "user", 200),
    ("POST", "/v1/inbox/{id}/unread", "user", 200),
    ("POST", "/v1/mark_all_read", "user", 200),
];

/// The routes of the document, each with what it says about callers.
fn described(document: &Value) -> BTreeMap<(String, String), String> {
    let mut found = BTreeMap::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let security = operation["security"].as_array().unwrap();
            assert_eq!(security.len(), 1, "{method} {path}");
            let caller = match &security[0]["apiKey"][0] {
                Value::String(scope) => scope.clone(),
                _ if security[0]["userToken"].is_array() => "user".to_owned(),
                other => panic!("{method} {path}: {other}"),
            };
            found.insert((method.to_uppercase(), path.clone()), caller);
        }
    }
    found
}

#[test]
fn the_document_tells_of_every_route_who_may_call_it() {
    let server = Sandbox::new().serve(&["--database", "memory:"]);
    let table = ROUTES
        .map(|(method, path, caller, _)| ((method.to_owned(), path.to_owned()), caller.to_owned()));
    assert_eq!(described(&Caller::nobody(&server).get("/openapi.json").json()), table.into());
}

/// Callers of all kinds, by what they hold: a scope, a user, or nothing that counts.
struct Callers {
    admin: Caller,
    alice: Caller,
    kinds: Vec<(&'static str, Caller)>,
}

fn callers(sandbox: &Sandbox, nobody: &Caller) -> Callers {
    let admin = nobody.with(&sandbox.key(&["admin"]));
    let revoked = admin.post("/v1/keys", &json!({ "name": "old", "scopes": ["admin"] })).json();
    let path = format!("/v1/keys/{}", revoked["id"].as_str().unwrap());
    assert_eq!(admin.delete(&path).status, 204);
    let ended = admin.user("dora");
    assert_eq!(admin.delete("/v1/users/dora/tokens").status, 204);
    let alice = admin.user("alice");
    let kinds = vec![
        ("nobody", nobody.clone()),
        ("opens nothing: an unknown key", nobody.with("restante_unknown")),
        ("opens nothing: a revoked key", nobody.with(revoked["key"].as_str().unwrap())),
        ("opens nothing: an ended token", ended),
        ("opens nothing: an expired token", nobody.with(&sign(SECRET, "alice", -1))),
        (
            "opens nothing: another's secret",
            nobody.with(&sign("a secret that this server was not given", "alice", 60)),
        ),
        ("send", nobody.with(&sandbox.key(&["send"]))),
        ("tokens", nobody.with(&sandbox.key(&["tokens"]))),
        ("admin", admin.clone()),
        ("user", alice.clone()),
        ("user", nobody.with(&sign(SECRET, "alice", 60))),
        ("another user", admin.user("bob")),
    ];
    Callers { admin, alice, kinds }
}

/// A good call of a route, on things that were made for it.
fn call(callers: &Callers, caller: &Caller, kind: &str, method: &str, path: &str) -> Answer {
    let sender = if kind == "send" { caller } else { &callers.admin };
    let id = if path.starts_with("/v1/messages/") {
        sender.send("alice", "to be looked at")
    } else if path.starts_with("/v1/inbox/{id}") {
        callers.admin.send("alice", "to be read");
        callers.alice.newest()
    } else if path.starts_with("/v1/keys/") {
        let key = callers.admin.post("/v1/keys", &json!({ "name": "new", "scopes": ["send"] }));
        key.json()["id"].as_str().unwrap().to_owned()
    } else {
        // Not one of those who call: what ends their tokens would end the test.
        "carol".to_owned()
    };
    let body = match (method, path) {
        ("POST", "/v1/messages") => Some(json!({ "to": ["alice"], "message": "Ahoy" })),
        ("POST", "/v1/keys") => Some(json!({ "name": "shop", "scopes": ["send"] })),
        ("POST", "/v1/inbox/read") => Some(json!({ "ids": [1] })),
        _ => None,
    };
    let path = path.replace("{id}", &id);
    match body {
        Some(body) => caller.post(&path, &body),
        None => caller.call(method, &path, &[], None),
    }
}

#[test]
fn every_route_lets_in_whom_it_should_and_nobody_else() {
    let sandbox = Sandbox::new();
    let server = sandbox.serve(&["--token-secret", SECRET]);
    let callers = callers(&sandbox, &Caller::nobody(&server));
    for (method, path, needed, good) in ROUTES {
        for (kind, caller) in &callers.kinds {
            let answer = call(&callers, caller, kind, method, path);
            let cell = format!("{kind}: {method} {path}: {answer:?}");
            let is_users = needed == "user";
            match *kind {
                "nobody" => {
                    answer.is_problem(401, "not-signed-in", None);
                    assert_eq!(answer.header("www-authenticate"), "Bearer", "{cell}");
                }
                kind if kind.starts_with("opens nothing") => {
                    answer.is_problem(401, "bad-credentials", None);
                    assert_eq!(answer.header("www-authenticate"), "Bearer", "{cell}");
                }
                kind if kind == needed || kind == "admin" && !is_users => {
                    assert_eq!(answer.status, good, "{cell}");
                }
                "another user" if is_users && path.contains("{id}") => {
                    answer.is_problem(404, "not-found", None);
                }
                // The own inbox, with nothing of alice's.
                "another user" if is_users => {
                    assert_eq!(answer.status, good, "{cell}");
                    assert!(!answer.body.contains("to be"), "{cell}");
                }
                _ => answer.is_problem(403, "forbidden", None),
            }
        }
    }
}

#[test]
fn a_key_that_may_not_leaves_all_as_it_was() {
    let sandbox = Sandbox::new();
    let server = sandbox.serve(&[]);
    let nobody = Caller::nobody(&server);
    let admin = nobody.with(&sandbox.key(&["admin"]));
    let alice = admin.user("alice");
    admin.send("alice", "stays");
    let tokens = nobody.with(&sandbox.key(&["tokens"]));
    let send = nobody.with(&sandbox.key(&["send"]));
    assert_eq!(tokens.delete("/v1/users/alice").status, 403);
    assert_eq!(send.delete("/v1/users/alice/tokens").status, 403);
    assert_eq!(alice.unread(), 1);
}
