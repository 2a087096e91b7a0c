use serde_json::json;

use crate::api_calls::Caller;
use crate::sandbox::Sandbox;

#[test]
fn tokens_and_sessions_end_together_and_the_next_ones_work() {
    let sandbox = Sandbox::new();
    let server = sandbox.serve(&[]);
    let nobody = Caller::nobody(&server);
    let admin = nobody.with(&sandbox.key(&["admin"]));
    let sign_in = || {
        let ticket = admin.poke("/v1/users/alice/tickets").json();
        let url = ticket["url"].as_str().unwrap().to_owned();
        nobody.get(url.strip_prefix(server.url()).unwrap()).cookie()
    };
    let (alice, bob, cookie) = (admin.user("alice"), admin.user("bob"), sign_in());
    let by_cookie =
        |cookie: &str| nobody.call("GET", "/v1/inbox", &[("cookie", cookie)], None).status;
    assert_eq!((alice.get("/v1/inbox").status, by_cookie(&cookie)), (200, 200));
    assert_eq!(admin.delete("/v1/users/alice/tokens").status, 204);
    alice.get("/v1/inbox").is_problem(401, "bad-credentials", None);
    assert_eq!(by_cookie(&cookie), 401);
    assert_eq!(server.get("/inbox", &[("cookie", &cookie)]).status, 401, "the page too");
    assert_eq!(bob.get("/v1/inbox").status, 200, "another's live on");
    assert_eq!((admin.user("alice").get("/v1/inbox").status, by_cookie(&sign_in())), (200, 200));
}

#[test]
fn tokens_and_tickets_of_one_process_are_known_to_all_of_its_database() {
    let sandbox = Sandbox::new();
    let (first, second) = (sandbox.serve(&[]), sandbox.serve(&[]));
    let admin = Caller::nobody(&first).with(&sandbox.key(&["admin"]));
    let made = admin.post("/v1/users/alice/tokens", &json!({ "ttl": "1m" })).json();
    let token = made["token"].as_str().unwrap();
    assert_eq!(Caller::nobody(&second).with(token).get("/v1/inbox").status, 200);

    let ticket = || {
        let ticket = admin.poke("/v1/users/alice/tickets").json()["ticket"].clone();
        format!("/login?ticket={}", ticket.as_str().unwrap())
    };
    let path = ticket();
    assert_eq!(Caller::nobody(&second).get(&path).status, 303);
    for server in [&first, &second] {
        assert_eq!(Caller::nobody(server).get(&path).status, 401, "it was used");
    }
    assert_eq!(Caller::nobody(&first).get(&ticket()).status, 303);

    Caller::nobody(&second).with(&sandbox.key(&["admin"])).delete("/v1/users/alice/tokens");
    assert_eq!(Caller::nobody(&first).with(token).get("/v1/inbox").status, 401);
}

#[test]
fn a_user_with_a_name_of_any_kind_is_one_user() {
    let sandbox = Sandbox::new();
    let server = sandbox.serve(&[]);
    let admin = Caller::nobody(&server).with(&sandbox.key(&["admin"]));
    let name = "zo\u{eb}/x y?&#%+";
    admin.send(name, "for her");
    let encoded = "zo%C3%AB%2Fx%20y%3F%26%23%25%2B";
    assert_eq!(admin.user(encoded).unread(), 1);
    let export = admin.get(&format!("/v1/users/{encoded}/export")).json();
    assert_eq!(
        (&export["user"], &export["items"][0]["message"]),
        (&json!(name), &json!("for her"))
    );
    assert_eq!(admin.delete(&format!("/v1/users/{encoded}")).json()["changed"], true);
    assert_eq!(admin.delete(&format!("/v1/users/{encoded}")).json()["changed"], false);
    assert_eq!(admin.user(encoded).unread(), 0);
}
