//! A stream of events to its reader, without hyper: of the 17 KiB that a connection of hyper's keeps
//! for the next request and the next answer, a stream needs nothing, and there are many of them.

use std::fmt::Write as _;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::body::{Body, Bytes, HttpBody};
use axum::http::header::{CONNECTION, DATE, TRANSFER_ENCODING};
use axum::response::Response;
use jiff::Timestamp;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::connection::{Events, Io};

/// Sends until either side ends it. A reader that reads nothing is cut off by the connection's own
/// time limit.
pub(super) struct Sending {
    io: Io,
    body: Body,
    /// What is to be written before the body is asked for more.
    chunk: Bytes,
    is_ended: bool,
}

impl Sending {
    pub(super) fn new(events: Events) -> Self {
        let (head, body) = written(events.response);
        Self { io: events.io, body, chunk: head, is_ended: false }
    }

    /// Writes what there is.
    fn write(&mut self, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        while !self.chunk.is_empty() {
            let length = ready!(self.io.as_mut().poll_write(context, &self.chunk))?;
            if length == 0 {
                return Poll::Ready(Err(std::io::ErrorKind::WriteZero.into()));
            }
            self.chunk = self.chunk.split_off(length);
        }
        Poll::Ready(Ok(()))
    }

    /// Whether the reader is still there. What it says is not listened to.
    fn listen(&mut self, context: &mut Context<'_>) -> Poll<()> {
        loop {
            let mut unheard = [0; 64];
            let mut unheard = ReadBuf::new(&mut unheard);
            match ready!(self.io.as_mut().poll_read(context, &mut unheard)) {
                Ok(()) if !unheard.filled().is_empty() => {}
                _ => return Poll::Ready(()),
            }
        }
    }
}

impl Future for Sending {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        loop {
            // A reader that goes away midway is its own affair.
            if ready!(this.write(context)).is_err() || this.is_ended {
                return Poll::Ready(());
            }
            match Pin::new(&mut this.body).poll_frame(context) {
                Poll::Ready(Some(Ok(frame))) => {
                    this.chunk =
                        frame.into_data().map_or_else(|_| Bytes::new(), |data| chunk(&data));
                }
                // Without its last chunk the reader knows that it was broken off.
                Poll::Ready(Some(Err(_))) => return Poll::Ready(()),
                Poll::Ready(None) => {
                    this.chunk = Bytes::from_static(b"0\r\n\r\n");
                    this.is_ended = true;
                }
                Poll::Pending => return this.listen(context),
            }
        }
    }
}

/// The head as RFC 9112 has it, and the body. The connection ends with it.
fn written(response: Response) -> (Bytes, Body) {
    let (parts, body) = response.into_parts();
    let mut head = Vec::with_capacity(512);
    head.extend_from_slice(format!("HTTP/1.1 {}\r\n", parts.status).as_bytes());
    for (name, value) in &parts.headers {
        if ![CONNECTION, DATE, TRANSFER_ENCODING].contains(name) {
            head.extend_from_slice(name.as_str().as_bytes());
            head.extend_from_slice(b": ");
            head.extend_from_slice(value.as_bytes());
            head.extend_from_slice(b"\r\n");
        }
    }
    let date = Timestamp::now().strftime("%a, %d %b %Y %H:%M:%S GMT");
    let own = format!("date: {date}\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n");
    head.extend_from_slice(own.as_bytes());
    (Bytes::from(head), body)
}

/// A part of the body with its length in front, as the chunked coding has it.
fn chunk(data: &[u8]) -> Bytes {
    if data.is_empty() {
        // One of no length would be the end.
        return Bytes::new();
    }
    let mut length = String::with_capacity(12);
    // Writing to a string cannot fail.
    let _ = write!(length, "{:x}\r\n", data.len());
    Bytes::from([length.as_bytes(), data, b"\r\n"].concat())
}
