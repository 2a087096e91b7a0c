use crate::sandbox::Sandbox;

const ALICE: (&str, &str) = ("x-user", "alice");

#[test]
fn a_message_travels_from_the_command_line_to_the_page_and_survives_a_kill() {
    let sandbox = Sandbox::new();
    let server = sandbox.serve_behind_proxy();

    // Sent by another process while the server runs.
    let said = sandbox.ok(&["send", "--to", "alice", "Ahoy there"]);
    assert!(said.starts_with("m_") && said.ends_with(" sent to 1 user\n"), "{said}");

    let listed = sandbox.ok(&["inbox", "alice"]);
    assert!(listed.contains("Ahoy there") && listed.contains("1 unread"), "{listed}");
    let page = sandbox.json(&["inbox", "alice"]);
    assert_eq!(page["items"][0]["message"], "Ahoy there");
    assert_eq!(page["unread"], 1);
    let id = page["items"][0]["id"].to_string();
    assert!(listed.contains(&format!("* {id}")), "{listed}");

    let shown = server.get("/inbox", &[ALICE]);
    assert_eq!(shown.status, 200);
    assert!(shown.body.contains("Ahoy there"), "{}", shown.body);
    assert!(shown.body.contains("<title>Inbox (1) — Restante</title>"), "{}", shown.body);

    assert_eq!(sandbox.ok(&["read", "alice", &id]), "1 message marked read\n");
    let shown = server.get("/inbox", &[ALICE]);
    assert!(shown.body.contains("Nothing waiting"), "{}", shown.body);

    server.kill();
    let archive = sandbox.json(&["inbox", "alice", "--archive"]);
    assert_eq!(archive["items"][0]["message"], "Ahoy there");
    assert_eq!(archive["items"][0]["unread"], false);
    assert!(archive["items"][0]["read_at"].is_string());
    let server = sandbox.serve_behind_proxy();
    let shown = server.get("/inbox?view=archive", &[ALICE]);
    assert!(shown.body.contains("Ahoy there"), "{}", shown.body);
}

#[test]
fn what_a_page_does_the_command_line_sees_after_a_kill() {
    let sandbox = Sandbox::new();
    sandbox.ok(&["send", "--to", "alice", "first"]);
    sandbox.ok(&["send", "--to", "alice", "second"]);
    let server = sandbox.serve_behind_proxy();
    let page = server.get("/inbox", &[ALICE]);
    let token = page.field("csrf");
    let id = sandbox.json(&["inbox", "alice"])["items"][1]["id"].to_string();

    let form = format!("csrf={token}&view=archive&tag=a%26b");
    let answer = server.post(&format!("/inbox/{id}/read"), &[ALICE], &form);
    assert_eq!((answer.status, answer.header("location")), (303, "/inbox?view=archive&tag=a%26b"));
    server.kill();
    let unread = sandbox.json(&["inbox", "alice"]);
    assert_eq!(unread["unread"], 1);
    assert_eq!(unread["items"][0]["message"], "second");
}

#[test]
fn mark_all_read_leaves_what_the_page_did_not_show() {
    let sandbox = Sandbox::new();
    sandbox.ok(&["send", "--to", "alice", "shown"]);
    let server = sandbox.serve_behind_proxy();
    let page = server.get("/inbox", &[ALICE]);
    sandbox.ok(&["send", "--to", "alice", "arrived meanwhile"]);

    let form = format!("csrf={}&as_of={}", page.field("csrf"), page.field("as_of"));
    assert_eq!(server.post("/inbox/read", &[ALICE], &form).status, 303);
    let unread = sandbox.json(&["inbox", "alice"]);
    assert_eq!(unread["unread"], 1);
    assert_eq!(unread["items"][0]["message"], "arrived meanwhile");
}

#[test]
#[cfg(unix)]
fn a_server_that_is_told_to_stop_ends_well() {
    let sandbox = Sandbox::new();
    let server = sandbox.serve_behind_proxy();
    assert_eq!(server.get("/healthz", &[]).body, "ok\n");
    assert!(server.stop());
}
