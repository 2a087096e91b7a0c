//! The live stream over HTTP, as a program reads it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::api_calls::{Caller, sign};
use crate::sandbox::{Sandbox, Server};

/// A stream that is being read.
struct Stream {
    lines: BufReader<TcpStream>,
    /// Status and headers, in lower case.
    head: String,
    last_id: Option<String>,
}

/// An event's name and what it said.
type Event = (String, Value);

impl Stream {
    /// Opens one with further header lines.
    fn open(server: &Server, token: &str, more: &str) -> Self {
        Self::ask(
            server,
            &format!(
                "GET /v1/inbox/stream HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n{more}\r\n"
            ),
        )
    }

    fn ask(server: &Server, request: &str) -> Self {
        let mut stream = TcpStream::connect(server.host()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let (mut lines, mut head) = (BufReader::new(stream), String::new());
        while !head.ends_with("\r\n\r\n") {
            assert_ne!(lines.read_line(&mut head).unwrap(), 0, "{head}");
        }
        Self { lines, head: head.to_lowercase(), last_id: None }
    }

    /// Goes on at a server after what this one was told.
    fn resume(&self, server: &Server, token: &str) -> Self {
        let last = self.last_id.as_ref().unwrap();
        Self::open(server, token, &format!("last-event-id: {last}\r\n"))
    }

    /// The next event; nothing at the end. The lengths of chunks stand on lines of their own.
    fn next(&mut self) -> Option<Event> {
        let mut name = String::new();
        loop {
            let mut line = String::new();
            if self.lines.read_line(&mut line).unwrap() == 0 {
                return None;
            }
            if let Some(id) = line.strip_prefix("id: ") {
                self.last_id = Some(id.trim_end().to_owned());
            } else if let Some(event) = line.strip_prefix("event: ") {
                event.trim_end().clone_into(&mut name);
            } else if let Some(data) = line.strip_prefix("data: ") {
                return Some((name, serde_json::from_str(data).unwrap()));
            }
        }
    }

    fn next_of(&mut self, name: &str) -> Value {
        loop {
            let (told, data) = self.next().expect("the stream ended");
            if told == name {
                return data;
            }
        }
    }

    fn is_over(&mut self) -> bool {
        loop {
            match self.next() {
                Some((name, _)) => assert_eq!(name, "count"),
                None => return true,
            }
        }
    }
}

/// A server on a file, its admin, and alice's token.
fn scene(sandbox: &Sandbox) -> (Server, Caller, String) {
    let server = sandbox.serve(&[]);
    let admin = Caller::nobody(&server).with(&sandbox.key(&["admin"]));
    let token = token(&admin, "alice");
    (server, admin, token)
}

fn token(admin: &Caller, user: &str) -> String {
    let path = format!("/v1/users/{user}/tokens");
    admin.poke(&path).json()["token"].as_str().unwrap().to_owned()
}

#[test]
fn a_stream_tells_at_once_what_this_and_other_processes_do() {
    let sandbox = Sandbox::new();
    let (server, admin, token) = scene(&sandbox);
    let mut stream = Stream::open(&server, &token, "");
    assert!(stream.head.starts_with("http/1.1 200 ok\r\n"), "{}", stream.head);
    for line in [
        "content-type: text/event-stream",
        "transfer-encoding: chunked",
        "connection: close",
        "cache-control: private, no-cache",
        "x-accel-buffering: no",
        "x-content-type-options: nosniff",
    ] {
        assert!(stream.head.contains(&format!("\r\n{line}\r\n")), "{line}: {}", stream.head);
    }
    assert!(stream.head.contains("\r\ndate: ") && stream.head.contains("\r\nrestante-reader: "));
    assert_eq!(stream.next_of("count")["unread"], 0);
    admin.send("alice", "by HTTP");
    assert_eq!(stream.next_of("message")["message"], "by HTTP");
    sandbox.ok(&["send", "--to", "alice", "by the command line"]);
    assert_eq!(stream.next_of("message")["message"], "by the command line");
    assert_eq!(stream.next_of("count")["unread"], 2);
    let item = Caller::nobody(&server).with(&token).newest();
    sandbox.ok(&["read", "alice", &item]);
    assert_eq!(stream.next_of("read")["ids"], Value::Null, "nobody told which");
    assert_eq!(stream.next_of("count")["unread"], 1);
    sandbox.ok(&["send", "--everyone", "to all"]);
    assert_eq!(stream.next_of("message")["everyone"], true);
}

#[test]
fn a_stream_goes_on_after_a_kill_and_at_another_server() {
    let sandbox = Sandbox::new();
    let (server, admin, token) = scene(&sandbox);
    let mut stream = Stream::open(&server, &token, "");
    stream.next_of("count");
    admin.send("alice", "one");
    stream.next_of("count");
    server.kill();
    assert!(stream.is_over());
    sandbox.ok(&["send", "--to", "alice", "two"]);
    let (first, second) = (sandbox.serve(&[]), sandbox.serve(&[]));
    let mut resumed = stream.resume(&first, &token);
    assert_eq!(resumed.next_of("message")["message"], "two");
    Caller::nobody(&first).with(&sandbox.key(&["send"])).send("alice", "three");
    let query = format!("?last_event_id={}", resumed.last_id.clone().unwrap());
    let request = format!(
        "GET /v1/inbox/stream{query} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\r\n"
    );
    let mut elsewhere = Stream::ask(&second, &request);
    assert_eq!(elsewhere.next_of("message")["message"], "three");
    assert_eq!(elsewhere.next_of("count")["unread"], 3);
}

#[test]
fn a_stream_ends_with_its_token_however_that_ends() {
    const SECRET: &str = "a secret of this test that is long enough";
    let sandbox = Sandbox::new();
    let server = sandbox.serve(&["--token-secret", SECRET]);
    let admin = Caller::nobody(&server).with(&sandbox.key(&["admin"]));
    let began = Instant::now();
    let mut short = Stream::open(&server, &sign(SECRET, "alice", 2), "");
    short.next_of("count");
    let (mut ended, mut bobs) = (
        Stream::open(&server, &token(&admin, "alice"), ""),
        Stream::open(&server, &token(&admin, "bob"), ""),
    );
    ended.next_of("count");
    bobs.next_of("count");
    assert!(short.is_over());
    assert!(began.elapsed() < Duration::from_secs(10));
    assert_eq!(admin.delete("/v1/users/alice/tokens").status, 204);
    assert!(ended.is_over());
    admin.send("bob", "still there");
    assert_eq!(bobs.next_of("message")["message"], "still there");
    admin.delete("/v1/users/bob");
    assert!(bobs.is_over(), "there is no such user any more");
}

#[test]
fn a_server_that_stops_does_not_wait_for_streams() {
    let sandbox = Sandbox::new();
    let (server, _, token) = scene(&sandbox);
    let mut streams: Vec<_> = (0..10).map(|_| Stream::open(&server, &token, "")).collect();
    streams.iter_mut().for_each(|stream| drop(stream.next_of("count")));
    let began = Instant::now();
    assert!(server.stop());
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert!(streams.iter_mut().all(Stream::is_over));
}

#[test]
fn what_is_no_stream_is_answered_at_once() {
    let sandbox = Sandbox::new();
    let (server, admin, token) = scene(&sandbox);
    let alice = Caller::nobody(&server).with(&token);
    alice.get("/v1/inbox/stream?last_event_id=x").is_problem(422, "invalid", Some("last_event_id"));
    let header = alice.call("GET", "/v1/inbox/stream", &[("last-event-id", "1.2.3")], None);
    header.is_problem(422, "invalid", Some("last_event_id"));
    assert_eq!(alice.call("HEAD", "/v1/inbox/stream", &[], None).status, 200);
    // An older client knows the end of the body by that of the connection.
    let old = format!("GET /v1/inbox/stream HTTP/1.0\r\nauthorization: Bearer {token}\r\n\r\n");
    let mut old = Stream::ask(&server, &old);
    assert!(!old.head.contains("chunked"), "{}", old.head);
    assert_eq!(old.next_of("count")["unread"], 0);
    admin.send("alice", "for all ages");
    assert_eq!(old.next_of("message")["message"], "for all ages");
}

#[test]
fn a_reader_that_goes_is_forgotten_and_too_many_are_refused() {
    let sandbox = Sandbox::new();
    let (server, _, token) = scene(&sandbox);
    let open = || Stream::open(&server, &token, "");
    let mut streams: Vec<_> = (0..100).map(|_| open()).collect();
    streams.iter_mut().for_each(|stream| drop(stream.next_of("count")));
    let figure = |line: &str| server.get("/metrics", &[]).body.contains(line);
    assert!(figure("\nrestante_streams 100\n"));
    let refused = open();
    assert!(refused.head.starts_with("http/1.1 429 "), "{}", refused.head);
    streams.clear();
    let began = Instant::now();
    while !figure("\nrestante_streams 0\n") {
        assert!(began.elapsed() < Duration::from_secs(10), "they are counted still");
    }
    assert!(open().head.starts_with("http/1.1 200 "));
}

/// Who reads nothing is cut off once the system's buffers are full, and is told the rest when it
/// comes back.
#[test]
fn who_does_not_read_costs_nothing_and_misses_nothing() {
    let sandbox = Sandbox::new();
    let (server, admin, token) = scene(&sandbox);
    let mut slow = Stream::open(&server, &token, "");
    slow.next_of("count");
    let text = "x".repeat(16_000);
    for _ in 0..600 {
        admin.post("/v1/messages", &json!({ "to": ["alice"], "message": text }));
    }
    let mut told = 0;
    while told < 600 {
        match slow.next() {
            Some((name, _)) => told += usize::from(name == "message"),
            None => slow = slow.resume(&server, &token),
        }
    }
    assert_eq!(slow.next_of("count")["unread"], 600);
}

/// A request that came along with the stream's is not answered by accident.
#[test]
fn nothing_follows_on_the_connection_of_a_stream() {
    let sandbox = Sandbox::new();
    let (server, admin, token) = scene(&sandbox);
    let one = format!(
        "GET /v1/inbox/stream HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\r\n"
    );
    let mut stream =
        Stream::ask(&server, &format!("{one}GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n"));
    stream.next_of("count");
    stream.lines.get_mut().write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
    admin.send("alice", "next");
    assert_eq!(stream.next_of("message")["message"], "next");
    assert!(server.stop());
    let mut rest = String::new();
    stream.lines.read_to_string(&mut rest).unwrap();
    assert!(rest.ends_with("0\r\n\r\n") && !rest.contains("HTTP/1.1"), "{rest}");
}
