use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::sandbox::{Sandbox, Server};

const ALICE: (&str, &str) = ("x-user", "alice");

/// An API key with everything.
fn admin(sandbox: &Sandbox) -> String {
    let key = sandbox.json(&["key", "create", "--name", "ops", "--scope", "admin"]);
    format!("Bearer {}", key["key"].as_str().unwrap())
}

/// The value of a figure, whose labels are part of its name.
fn figure(server: &Server, name: &str) -> f64 {
    let text = server.get("/metrics", &[]).body;
    let found = text.lines().find_map(|line| line.strip_prefix(name));
    found.unwrap_or_else(|| panic!("{name}: {text}")).trim().parse().unwrap()
}

#[test]
#[expect(clippy::float_cmp, reason = "they count")]
fn figures_tell_what_was_done_and_what_waits() {
    let sandbox = Sandbox::new();
    let server = sandbox.serve_behind_proxy();
    server.get("/inbox", &[ALICE]);
    server.get("/inbox", &[]);
    server.get("/no/such/page", &[]);
    let requests = |route: &str, status: u16| {
        let labels = format!("{{route=\"{route}\",method=\"GET\",status=\"{status}\"}}");
        figure(&server, &format!("restante_http_requests_total{labels}"))
    };
    assert_eq!(requests("/inbox", 200), 1.0);
    assert_eq!(requests("/inbox", 401), 1.0);
    assert_eq!(requests("none", 404), 1.0);
    assert_eq!(figure(&server, "restante_store_seconds_count{operation=\"list\"}"), 1.0);
    assert_eq!(figure(&server, "restante_outbox_waiting"), 0.0);
    assert!(figure(&server, "restante_write_groups_total") >= 1.0, "its secrets were written");
    let answer = server.get("/metrics", &[]);
    assert!(answer.header("content-type").starts_with("application/openmetrics-text"));
    assert!(answer.body.ends_with("# EOF\n") && !answer.body.contains("alice"), "{answer:?}");
}

#[test]
fn figures_can_have_a_port_of_their_own() {
    let sandbox = Sandbox::new();
    let server = sandbox.serve(&["--metrics-listen", "127.0.0.1:0"]);
    assert_eq!(server.get("/metrics", &[]).status, 404);
    let taken = sandbox.refused(&["serve", "--listen", "127.0.0.1:0", "--metrics-listen", "x"]);
    assert!(taken.1.contains("--metrics-listen"), "{taken:?}");
}

#[test]
fn a_server_says_whether_it_is_ready() {
    let sandbox = Sandbox::new();
    let server = sandbox.serve(&[]);
    assert_eq!(server.get("/healthz", &[]).body, "ok\n");
    assert_eq!(server.get("/readyz", &[]).body, "ready\n");
}

#[test]
fn pages_of_configured_sites_may_read_and_no_others() {
    let sandbox = Sandbox::new();
    let app = "https://app.example.org";
    let server = sandbox.serve(&["--allow-origin", app]);
    let preflight = |origin: &str| {
        let headers = [
            ("origin", origin),
            ("access-control-request-method", "POST"),
            ("access-control-request-headers", "authorization"),
        ];
        server.options("/v1/inbox/read", &headers)
    };
    let allowed = preflight(app);
    assert_eq!(allowed.header("access-control-allow-origin"), app);
    assert!(allowed.header("access-control-allow-headers").contains("authorization"));
    assert_eq!(preflight("https://evil.example").header("access-control-allow-origin"), "");
    let refused = server.get("/v1/inbox", &[("origin", app)]);
    assert_eq!((refused.status, refused.header("access-control-allow-origin")), (401, app));
    assert_eq!(refused.header("access-control-allow-credentials"), "", "no cookie of ours counts");

    let nobody = sandbox.serve(&[]).get("/v1/inbox", &[("origin", app)]);
    assert_eq!(nobody.header("access-control-allow-origin"), "");
}

#[test]
fn a_key_that_calls_too_often_is_told_to_wait() {
    let sandbox = Sandbox::new();
    let (one, other) = (admin(&sandbox), admin(&sandbox));
    let server = sandbox.serve(&["--key-rate", "3"]);
    let call = |key: &str| server.get("/v1/messages", &[("authorization", key)]);
    let answers: Vec<_> = (0..8).map(|_| call(&one)).collect();
    assert!(answers[..3].iter().all(|answer| answer.status == 200), "{answers:?}");
    let refused = answers.iter().find(|answer| answer.status == 429).unwrap();
    assert_eq!(refused.header("retry-after"), "1");
    assert_eq!(refused.header("content-type"), "application/problem+json");
    assert_eq!(call(&other).status, 200);
}

#[test]
#[cfg(unix)]
fn a_stop_lets_requests_under_way_end_and_takes_no_more() {
    let sandbox = Sandbox::new();
    let key = admin(&sandbox);
    let server = sandbox.serve(&[]);
    let mut slow = TcpStream::connect(server.host()).unwrap();
    let body = r#"{"to":["alice"],"message":"in time"}"#;
    let (first, rest) = body.split_at(10);
    let head = format!(
        "POST /v1/messages HTTP/1.1\r\nhost: x\r\nauthorization: {key}\r\ncontent-type: \
         application/json\r\ncontent-length: {}\r\n\r\n{first}",
        body.len()
    );
    slow.write_all(head.as_bytes()).unwrap();
    // Until it has been read, the connection may count as idle.
    std::thread::sleep(Duration::from_millis(200));
    let ended = std::thread::scope(|scope| {
        let host = server.host();
        let stopping = scope.spawn(|| server.stop());
        while TcpStream::connect(&host).is_ok() {
            std::thread::sleep(Duration::from_millis(5));
        }
        slow.write_all(rest.as_bytes()).unwrap();
        let mut answer = String::new();
        slow.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
        stopping.join().unwrap()
    });
    assert!(ended);
    assert_eq!(sandbox.json(&["inbox", "alice"])["items"][0]["message"], "in time");
}

#[test]
fn logs_can_be_read_by_programs() {
    let sandbox = Sandbox::new();
    let log = sandbox.path("log");
    let server = sandbox.serve_logging(&["--log", "debug", "--log-format", "json"], &log);
    server.get("/login?ticket=secret", &[]);
    let began = Instant::now();
    let answered = loop {
        let text = std::fs::read_to_string(&log).unwrap();
        if let Some(line) = text.lines().find(|line| line.contains("\"answered\"")) {
            break line.to_owned();
        }
        assert!(began.elapsed() < Duration::from_secs(10), "{text}");
    };
    let line: serde_json::Value = serde_json::from_str(&answered).unwrap();
    assert_eq!((line["route"].as_str(), line["status"].as_u64()), (Some("/login"), Some(401)));
    assert!(!answered.contains("secret"), "{answered}");
}

#[test]
fn a_refusal_arrives_although_the_body_came_later() {
    let sandbox = Sandbox::new();
    let server = sandbox.serve(&[]);
    let body = vec![b' '; 200_000];
    let head = format!(
        "POST /v1/messages HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
         connection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    for _ in 0..20 {
        let mut client = TcpStream::connect(server.host()).unwrap();
        client.write_all(head.as_bytes()).unwrap();
        std::thread::sleep(Duration::from_millis(5));
        client.write_all(&body).unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    }
}
