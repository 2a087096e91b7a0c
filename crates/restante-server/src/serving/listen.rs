use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use tokio::net::{TcpListener, TcpStream};
use tokio_io_timeout::TimeoutStream;
use tokio_util::task::TaskTracker;

use super::connection::Connection;
use super::events::Sending;
use super::{Entrance, Stop};
use crate::metrics::Figures;

/// How long a client is waited for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// For the head of its next request, waiting for one included.
    pub(super) head: Duration,
    /// For more of a body that it began.
    pub(super) body: Duration,
    /// While it leaves an answer unread.
    unread: Duration,
    /// For requests under way, once the server is told to stop.
    farewell: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            // Longer than the minute for which proxies keep connections, so that they are the ones
            // to close.
            head: Duration::from_secs(75),
            body: Duration::from_secs(30),
            unread: Duration::from_secs(30),
            farewell: Duration::from_secs(10),
        }
    }
}

/// How long to wait when the system has no room for another connection.
const NO_ROOM: Duration = Duration::from_millis(100);

/// Lets this process have as many connections as the system allows: each is an open file.
pub(crate) fn allow_many_connections() {
    match rlimit::increase_nofile_limit(u64::MAX) {
        Ok(files) => tracing::debug!(files, "open files allowed"),
        Err(error) => tracing::warn!(%error, "no more open files are allowed than before"),
    }
}

/// Serves until told to stop; then takes no more connections and finishes the requests under way, as
/// far as their clients do.
pub(crate) async fn serve(
    listener: TcpListener,
    entrance: impl Into<Entrance>,
    figures: Arc<Figures>,
    stop: Stop,
    patience: Patience,
) {
    let entrance = entrance.into();
    let mut http = http1::Builder::new();
    // The connection's own affair. A client that has said all it will may still be answered; to see
    // that it is gone, hyper would make room for a further request while each is under way.
    http.header_read_timeout(None).half_close(true);
    let connections = TaskTracker::new();
    let mut told = std::pin::pin!(stop.clone().told());
    loop {
        let (stream, from) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Too many open files, mostly: those that are open have to end first.
                    tracing::warn!(%error, "a connection could not be taken");
                    tokio::time::sleep(NO_ROOM).await;
                    continue;
                }
            },
            () = &mut told => break,
        };
        let io = Box::pin(with_time_limit(stream, patience.unread));
        let connection = Connection::new(&http, io, from, entrance.router(), patience);
        connections.spawn(keep(
            connection,
            Arc::clone(&figures),
            stop.clone(),
            connections.clone(),
        ));
    }
    drop(listener);
    connections.close();
    if tokio::time::timeout(patience.farewell, connections.wait()).await.is_err() {
        tracing::warn!("stopped with requests unfinished");
    }
}

/// Keeps a connection until it ends. One that becomes a stream of events goes on in a task of its
/// own, which is smaller.
async fn keep(
    mut connection: Connection,
    figures: Arc<Figures>,
    stop: Stop,
    connections: TaskTracker,
) {
    let connected = figures.connected();
    let ended = tokio::select! {
        ended = &mut connection => ended,
        () = stop.told() => {
            connection.end();
            connection.await
        }
    };
    match ended {
        Ok(None) => {}
        Ok(Some(events)) => {
            let (sending, streaming) = (Sending::new(events), figures.streaming());
            connections.spawn(async move {
                let _counted = (connected, streaming);
                sending.await;
            });
        }
        // A client that goes away midway is its own affair.
        Err(error) => tracing::debug!(%error, "a connection broke off"),
    }
}

fn with_time_limit(stream: TcpStream, unread: Duration) -> TimeoutStream<TcpStream> {
    // Small answers go out at once. Where that cannot be had they go out a little later.
    let _ = stream.set_nodelay(true);
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(unread));
    stream
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use axum::Router;
    use axum::body::Bytes;
    use axum::routing::{get, post};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    /// More than the system keeps for a client that does not read.
    const LARGE: usize = 64 * 1024 * 1024;

    /// Longer than an impatient server waits for a client.
    async fn slow() -> &'static str {
        tokio::time::sleep(impatient().head * 3).await;
        "slow"
    }

    async fn connect(patience: Patience) -> (TcpStream, Stop, Arc<Figures>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new()
            .route("/", get(async || "ok"))
            .route("/slow", get(slow))
            .route("/body", post(async |body: Bytes| body))
            .route("/large", get(async || vec![b'x'; LARGE]));
        let (stop, figures) = (Stop::on_signal(), Arc::new(Figures::new()));
        tokio::spawn(serve(listener, router, Arc::clone(&figures), stop.clone(), patience));
        (TcpStream::connect(address).await.unwrap(), stop, figures)
    }

    fn impatient() -> Patience {
        let short = Duration::from_millis(300);
        Patience { head: short, body: short, unread: short, farewell: short }
    }

    async fn until_connections(figures: &Figures, number: u8) {
        let (began, told) = (Instant::now(), format!("restante_connections {number}\n"));
        while !figures.write(None).unwrap().contains(&told) {
            assert!(began.elapsed() < Duration::from_secs(20), "there are not {number}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    #[tokio::test]
    async fn a_head_that_never_ends_is_not_waited_for() {
        let (mut client, _stop, figures) = connect(impatient()).await;
        client.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        let mut answer = [0; 512];
        let read = client.read(&mut answer).await.unwrap();
        assert!(answer[..read].starts_with(b"HTTP/1.1 200"));
        // One byte now and then does not start the time anew.
        for _ in 0..20 {
            let _ = client.write_all(b"G").await;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        until_connections(&figures, 0).await;
    }

    #[tokio::test]
    async fn a_client_that_waits_for_its_answer_is_not_waited_for() {
        let (mut client, _stop, figures) = connect(impatient()).await;
        for _ in 0..2 {
            client.write_all(b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
            let mut answer = [0; 512];
            let read = client.read(&mut answer).await.unwrap();
            assert!(answer[..read].ends_with(b"\r\n\r\nslow"));
            // Its time begins now.
            assert_eq!(figures.connections(), 1);
        }
        let began = Instant::now();
        until_connections(&figures, 0).await;
        assert!(began.elapsed() > impatient().head / 2, "{:?}", began.elapsed());
    }

    #[tokio::test]
    async fn a_client_that_never_asks_is_not_waited_for() {
        let (_client, _stop, figures) = connect(impatient()).await;
        until_connections(&figures, 1).await;
        until_connections(&figures, 0).await;
    }

    #[tokio::test]
    async fn a_body_that_stops_arriving_is_refused() {
        let (mut client, _stop, _figures) = connect(impatient()).await;
        let request = b"POST /body HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\n";
        client.write_all(request).await.unwrap();
        client.write_all(b"abc").await.unwrap();
        let mut answer = [0; 512];
        let read = client.read(&mut answer).await.unwrap();
        assert!(answer[..read].starts_with(b"HTTP/1.1 400"));
    }

    /// As `nc` does when its input ends.
    #[tokio::test]
    async fn a_client_that_has_said_all_is_answered() {
        let (mut client, _stop, figures) = connect(impatient()).await;
        client.write_all(b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        client.shutdown().await.unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        assert!(answer.ends_with("\r\n\r\nslow"), "{answer}");
        until_connections(&figures, 0).await;
    }

    #[tokio::test]
    async fn a_client_that_reads_nothing_is_cut_off() {
        let (mut client, _stop, figures) = connect(impatient()).await;
        client.write_all(b"GET /large HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        until_connections(&figures, 1).await;
        until_connections(&figures, 0).await;
        let mut all = Vec::new();
        // What was under way arrives, and then an end or a reset.
        let _ = client.read_to_end(&mut all).await;
        assert!(all.len() < LARGE, "{}", all.len());
    }

    #[tokio::test]
    async fn a_client_that_reads_slowly_gets_everything() {
        let (mut client, _stop, _figures) = connect(impatient()).await;
        let request = b"GET /large HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
        client.write_all(request).await.unwrap();
        let (mut read, mut some) = (0, vec![0; LARGE / 8]);
        loop {
            match client.read(&mut some).await.unwrap() {
                0 => break,
                more => read += more,
            }
            if read % 7 == 0 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        assert!(read > LARGE, "{read}");
    }
}
