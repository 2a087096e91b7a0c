use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use serde_json::Value;

use crate::sandbox::Sandbox;

#[test]
fn a_server_is_named_once_and_needs_a_key() {
    let sandbox = Sandbox::new();
    let server = ["--server", "http://127.0.0.1:9"];
    let cases: [(&[&str], i32, &str); 9] = [
        (&["sent"], 1, "--api-key"),
        (&["sent", "--api-key", "k_0123456789ab"], 1, "no API key"),
        (&["sent", "--database", "sqlite:a.db"], 2, "cannot be used with"),
        (&["migrate", "--api-key", "restante_x"], 1, "works on a database"),
        (&["serve", "--api-key", "restante_x"], 1, "works on a database"),
        (&["sent", "--api-key", "restante_x"], 1, "cannot reach the server http://127.0.0.1:9 ("),
        (&["sent", "--api-key", "restante_\u{7}"], 1, "characters"),
        (&["send", "--to", "a", "x", "--api-key", "restante_x"], 1, "cannot reach the server"),
        (
            &["send", "--to", "a", "--key", "k", "x", "--api-key", "restante_x"],
            1,
            "cannot reach the server",
        ),
    ];
    for (arguments, code, named) in cases {
        let (got, complaint) = sandbox.refused(&[arguments, &server].concat());
        assert!(got == code && complaint.contains(named), "{arguments:?}: {got} {complaint}");
        if code == 1 {
            assert_eq!(complaint.lines().count(), 1, "{complaint}");
        }
    }
    for bad in ["localhost:7787", "ftp://a", "http://a/?b"] {
        let (code, complaint) = sandbox.refused(&["sent", "--server", bad]);
        assert!(code == 2 && complaint.contains("https://messages.example"), "{complaint}");
    }
}

#[test]
fn a_flag_decides_between_server_and_database() {
    let sandbox = Sandbox::new();
    sandbox.ok(&["send", "--to", "alice", "here"]);
    std::fs::write(sandbox.path("restante.toml"), "server = \"http://127.0.0.1:9\"\n").unwrap();
    let (_, complaint) = sandbox.refused(&["sent", "--api-key", "restante_x"]);
    assert!(complaint.contains("cannot reach"), "{complaint}");
    sandbox.ok(&["sent", "--database", "sqlite:restante.db"]);
    let mut command = sandbox.command(&["sent"]);
    assert!(command.env("RESTANTE_DATABASE", "sqlite:restante.db").status().unwrap().success());
    std::fs::write(sandbox.path("restante.toml"), "database = \"sqlite:restante.db\"\n").unwrap();
    let (_, complaint) =
        sandbox.refused(&["sent", "--server", "http://127.0.0.1:9", "--api-key", "restante_x"]);
    assert!(complaint.contains("cannot reach"), "{complaint}");
}

/// Something that is no server of ours: it answers whatever comes with the same bytes.
fn something_else(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream: TcpStream = stream.unwrap();
            let mut request = [0; 4096];
            let _ = stream.read(&mut request);
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    url
}

#[test]
fn something_that_is_no_server_of_ours_is_told_as_such() {
    let sandbox = Sandbox::new();
    for (answer, named) in [
        ("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello", "does not answer with JSON"),
        ("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}", "cannot be understood"),
        ("HTTP/1.1 404 Not Found\r\ncontent-length: 2\r\n\r\nno", "is it a Restante server"),
        ("HTTP/1.1 502 Bad Gateway\r\ncontent-length: 2\r\n\r\nno", "502"),
        (
            "HTTP/1.1 301 Moved\r\nlocation: https://a.example/\r\ncontent-length: 0\r\n\r\n",
            "sends on to another address",
        ),
        ("SSH-2.0-OpenSSH\r\n", "did not answer to the end"),
        ("", "did not answer to the end"),
    ] {
        let url = something_else(answer);
        let (code, complaint) =
            sandbox.refused(&["sent", "--server", &url, "--api-key", "restante_x"]);
        assert_eq!(code, 1, "{complaint}");
        assert!(complaint.contains(named), "{answer:?}: {complaint}");
        assert_eq!(complaint.lines().count(), 1, "{complaint}");
    }
    let nowhere = ["sent", "--server", "https://nowhere.invalid", "--api-key", "restante_x"];
    assert!(sandbox.refused(&nowhere).1.contains("cannot reach the server"));
    // It may have been sent, and nobody sends it twice.
    let url = something_else("");
    let send = ["send", "--to", "a", "x", "--server", &url, "--api-key", "restante_x"];
    let (_, complaint) = sandbox.refused(&send);
    assert!(complaint.contains("may have been sent"), "{complaint}");
}

/// The way to a server that breaks down once, after the server has done what it was asked for.
fn way_that_breaks_once(server: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = server.strip_prefix("http://").unwrap().to_owned();
    std::thread::spawn(move || {
        for (number, client) in listener.incoming().enumerate() {
            let mut client = client.unwrap();
            let mut upstream = TcpStream::connect(&server).unwrap();
            let (mut from_client, mut to_server) =
                (client.try_clone().unwrap(), upstream.try_clone().unwrap());
            std::thread::spawn(move || std::io::copy(&mut from_client, &mut to_server));
            let mut answer = [0; 4096];
            while let Ok(length @ 1..) = upstream.read(&mut answer) {
                let answer = &answer[..length];
                if number == 0 && !answer.starts_with(b"HTTP/1.1 100") {
                    let _ = client.shutdown(std::net::Shutdown::Both);
                    break;
                }
                client.write_all(answer).unwrap();
            }
        }
    });
    url
}

#[test]
fn a_message_with_a_key_is_sent_again_when_its_answer_was_lost_and_arrives_once() {
    let sandbox = Sandbox::new();
    let server = sandbox.serve(&[]);
    let key = sandbox.key(&["send"]);
    let send = |arguments: &[&str]| {
        let way = way_that_breaks_once(server.url());
        let way = ["--server", &way, "--api-key", &key];
        sandbox.run(&[&["send", "--to", "alice", "--json"], arguments, &way].concat())
    };
    let with_key = send(&["--key", "k", "once"]);
    let answer: Value = serde_json::from_slice(&with_key.stdout).unwrap();
    assert_eq!(answer["repeated"], true, "{with_key:?}");
    let without = send(&["who knows"]);
    assert!(!without.status.success(), "{without:?}");
    assert!(String::from_utf8(without.stderr).unwrap().contains("may have been sent"));
    assert_eq!(sandbox.json(&["inbox", "alice"])["unread"], 2, "each arrived once");
}
