use crate::sandbox::{Afar, Sandbox};

#[test]
fn a_key_is_alone_on_standard_output_and_explained_beside_it() {
    let sandbox = Sandbox::new();
    let output = sandbox.run(&["key", "create", "--name", "shop"]);
    assert!(output.status.success(), "{output:?}");
    let (key, note) = (String::from_utf8_lossy(&output.stdout), String::from_utf8(output.stderr));
    assert!(key.starts_with("restante_") && key.lines().count() == 1, "{key}");
    let note = note.unwrap();
    assert!(note.contains("k_") && note.contains("may send") && !note.contains("restante_"));

    let created =
        sandbox.json(&["key", "create", "--name", "all", "--scope", "tokens", "--scope", "send"]);
    assert_eq!(created["scopes"], serde_json::json!(["send", "tokens"]));
    let listed = sandbox.json(&["key", "list"]);
    let keys = listed["keys"].as_array().unwrap();
    assert_eq!((&keys[0]["name"], &keys[0]["scopes"][0]), (&"shop".into(), &"send".into()));
    assert_eq!(keys[1]["id"], created["id"]);
    let shown = sandbox.ok(&["key", "list"]);
    assert!(shown.contains("send, tokens") && !shown.contains("restante_"), "{shown}");

    let id = created["id"].as_str().unwrap();
    assert_eq!(sandbox.ok(&["key", "revoke", id]), format!("{id} revoked\n"));
    assert!(sandbox.ok(&["key", "list"]).contains(&format!("x {id}")));
    let (code, complaint) = sandbox.refused(&["key", "revoke", id]);
    assert!(code == 1 && complaint.contains("no live API key"), "{complaint}");
}

#[test]
fn a_bad_key_is_refused_with_what_it_needs() {
    let sandbox = Sandbox::new();
    for (arguments, code, named) in [
        (&["key", "create"][..], 2, "--name"),
        (&["key", "create", "--name", " "], 1, "name: "),
        (&["key", "create", "--name", "x", "--scope", "root"], 2, "`send`, `tokens` or `admin`"),
        (&["token", "*"], 1, "user: "),
        (&["token", "alice", "--ttl", "soon"], 2, "`1h`"),
        (&["token", "alice", "--ttl", "31d"], 1, "ttl: a token lasts at most 30 days"),
        (&["token", "alice", "--token-secret", "short"], 1, "at least 32 bytes"),
    ] {
        let (got, complaint) = sandbox.refused(arguments);
        assert!(got == code && complaint.contains(named), "{arguments:?}: {got} {complaint}");
    }
}

#[test]
fn a_token_made_here_opens_the_inbox_there() {
    let sandbox = Sandbox::new();
    sandbox.ok(&["send", "--to", "zoë", "for zoë"]);
    let server = sandbox.serve(&[]);
    let look = |token: &str| {
        let header = format!("Bearer {}", token.trim_end());
        server.get("/v1/inbox", &[("authorization", &header)])
    };
    let page = look(&sandbox.ok(&["token", "zoë"]));
    assert!(page.status == 200 && page.body.contains("for zoë"), "{page:?}");
    let made = sandbox.json(&["token", "zoë", "--ttl", "2h"]);
    assert!(made["expires_at"].as_str().unwrap().ends_with('Z'), "{made}");
    assert_eq!(look(made["token"].as_str().unwrap()).status, 200);
    let other = sandbox.ok(&["token", "zoë", "--token-secret", &"s".repeat(32)]);
    assert_eq!(look(&other).status, 401, "signed with another secret");
}

#[test]
fn the_secret_of_the_server_is_that_of_its_tokens() {
    let sandbox = Sandbox::new();
    let secret = "k".repeat(40);
    std::fs::write(sandbox.path("restante.toml"), format!("token-secret = [\"{secret}\"]"))
        .unwrap();
    let server = sandbox.serve(&[]);
    let header = format!("Bearer {}", sandbox.ok(&["token", "alice"]).trim_end());
    assert_eq!(server.get("/v1/inbox", &[("authorization", &header)]).status, 200);
}

#[test]
fn each_key_does_what_its_scope_says_and_no_more() {
    let sandbox = Sandbox::new();
    sandbox.ok(&["send", "--to", "alice", "x"]);
    let server = sandbox.serve(&[]);
    let verbs: [(&[&str], &str); 8] = [
        (&["send", "--to", "bob", "y"], "send"),
        (&["sent"], "send"),
        (&["inbox", "alice"], "tokens"),
        (&["token", "alice"], "tokens"),
        (&["key", "list"], "admin"),
        (&["sweep"], "admin"),
        (&["export", "alice"], "admin"),
        (&["forget", "nobody"], "admin"),
    ];
    for held in ["send", "tokens", "admin"] {
        let afar = Afar::new(&server, &sandbox.key(&[held]));
        for (verb, needed) in verbs {
            if held == needed || held == "admin" {
                afar.ok(verb);
                continue;
            }
            let (code, complaint) = afar.refused(verb);
            assert_eq!(code, 1, "{held} for {verb:?}: {complaint}");
            assert!(complaint.contains(&format!("scope `{needed}`")), "{complaint}");
            assert!(complaint.contains("restante key create"), "{complaint}");
        }
    }
}

#[test]
fn a_revoked_key_opens_nothing_from_then_on() {
    let sandbox = Sandbox::new();
    let server = sandbox.serve(&[]);
    let admin = Afar::new(&server, &sandbox.key(&["admin"]));
    let created = admin.json(&["key", "create", "--name", "shop"]);
    let shop = Afar::new(&server, created["key"].as_str().unwrap());
    shop.ok(&["sent"]);
    admin.ok(&["key", "revoke", created["id"].as_str().unwrap()]);
    let (code, complaint) = shop.refused(&["sent"]);
    assert_eq!(code, 1);
    assert!(complaint.contains("does not accept the API key"), "{complaint}");
    assert!(complaint.contains("revoked") && complaint.lines().count() == 1, "{complaint}");
}
