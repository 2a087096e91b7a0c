//! What is up to the server: actix-web's own, on a socket.

use actix_web::dev::ServerHandle;
use actix_web::{App, HttpServer, rt};
use restante::{MemoryStore, Message, Restante, inbox_service};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::layer;

/// A server with the inbox at `/messages`, and a connection to it.
async fn connected(restante: &Restante) -> (ServerHandle, TcpStream) {
    let restante = restante.clone();
    let app = move || App::new().wrap(layer(&restante)).service(inbox_service("/messages"));
    let server = HttpServer::new(app).workers(1).disable_signals().bind("127.0.0.1:0").unwrap();
    let address = server.addrs()[0];
    let server = server.run();
    let handle = server.handle();
    rt::spawn(server);
    (handle, TcpStream::connect(address).await.unwrap())
}

async fn ask(connection: &mut TcpStream, line: &str) {
    let request = format!("{line} HTTP/1.1\r\nHost: x\r\nX-User: alice\r\n\r\n");
    connection.write_all(request.as_bytes()).await.unwrap();
}

/// Reads until the last of what came is this.
async fn read_to(connection: &mut TcpStream, end: &str) -> String {
    let mut read = String::new();
    let mut part = [0; 4096];
    while !read.ends_with(end) {
        let length = connection.read(&mut part).await.unwrap();
        assert!(length > 0, "it ended after {read}");
        read.push_str(std::str::from_utf8(&part[..length]).unwrap());
    }
    read
}

#[actix_web::test]
async fn of_a_head_no_body_is_sent() {
    let restante = Restante::new(MemoryStore::new());
    let (server, mut connection) = connected(&restante).await;
    for path in ["/messages/inbox", "/messages/inbox/count", "/messages/inbox/stream"] {
        ask(&mut connection, &format!("HEAD {path}")).await;
        let head = read_to(&mut connection, "\r\n\r\n").await;
        assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
        assert_eq!(head.matches("HTTP/1.1").count(), 1, "nothing before the next head: {head}");
        let is_stream = path.ends_with("stream");
        let length = head.to_ascii_lowercase().contains("\r\ncontent-length: 0\r\n");
        assert!(is_stream || !length, "{head}");
    }
    server.stop(false).await;
}

#[actix_web::test]
async fn a_stream_goes_out_event_by_event() {
    let restante = Restante::new(MemoryStore::new());
    let (server, mut connection) = connected(&restante).await;
    ask(&mut connection, "GET /messages/inbox/stream").await;
    let began = read_to(&mut connection, "\"}\n\n\r\n").await;
    assert!(began.contains("content-type: text/event-stream\r\n"), "{began}");
    assert!(began.contains("event: count\n") && began.contains("\"unread\":0"), "{began}");
    restante.send(Message::info("Ahoy"), "alice").await.unwrap();
    let arrived = read_to(&mut connection, "\"}\n\n\r\n").await;
    assert!(arrived.contains("event: message\n") && arrived.contains("Ahoy"), "{arrived}");
    server.stop(false).await;
}
