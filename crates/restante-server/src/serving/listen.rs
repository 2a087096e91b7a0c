use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio_io_timeout::TimeoutStream;

use super::Stop;
use crate::metrics::Figures;

/// How long a connection may take for the head of its next request, waiting for one included: longer
/// than the minute for which proxies keep theirs, so that they are the ones to close.
const HEAD: Duration = Duration::from_secs(75);
/// How long a client may leave an answer unread.
const UNREAD: Duration = Duration::from_secs(30);
/// How long answers under way may take once the server is told to stop.
const FAREWELL: Duration = Duration::from_secs(10);
/// How long to wait when the system has no room for another connection.
const NO_ROOM: Duration = Duration::from_millis(100);

/// Serves until told to stop; then takes no more connections, finishes the requests under way, and
/// gives up after ten seconds on clients that do not finish theirs.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    figures: Arc<Figures>,
    stop: Stop,
) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD);
    let graceful = GracefulShutdown::new();
    let mut told = std::pin::pin!(stop.told());
    loop {
        let stream = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    // Too many open files, mostly: those that are open have to end first.
                    tracing::warn!(%error, "a connection could not be taken");
                    tokio::time::sleep(NO_ROOM).await;
                    continue;
                }
            },
            () = &mut told => break,
        };
        let io = TokioIo::new(Box::pin(with_time_limit(stream)));
        let service = TowerToHyperService::new(router.clone());
        let connection = graceful.watch(http.serve_connection(io, service));
        let connected = figures.connected();
        tokio::spawn(async move {
            // A client that goes away midway is its own affair.
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection broke off");
            }
            drop(connected);
        });
    }
    drop(listener);
    if tokio::time::timeout(FAREWELL, graceful.shutdown()).await.is_err() {
        tracing::warn!("stopped with requests unfinished");
    }
}

fn with_time_limit(stream: TcpStream) -> TimeoutStream<TcpStream> {
    // Small answers go out at once. Where that cannot be had they go out a little later.
    let _ = stream.set_nodelay(true);
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(UNREAD));
    stream
}
