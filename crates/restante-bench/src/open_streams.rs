//! Many live streams, held open by this process.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::sync::{Semaphore, mpsc};

use crate::Result;
use crate::app::two_threads;

/// How many are being opened at once.
const OPENING: usize = 64;
/// How long anything is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// Streams that are read by tasks, and closed when this is dropped.
pub(crate) struct OpenStreams {
    runtime: Runtime,
    arrivals: mpsc::UnboundedReceiver<Instant>,
    broken: Arc<AtomicUsize>,
}

impl OpenStreams {
    /// One for each of these request heads. Returns when all have told their first `event:`, or
    /// only their head where they have none.
    pub(crate) fn open(
        address: SocketAddr,
        heads: Vec<String>,
        first: &'static str,
    ) -> Result<Self> {
        let runtime = two_threads()?;
        let (arrived, arrivals) = mpsc::unbounded_channel();
        let broken = Arc::<AtomicUsize>::default();
        let (opened, mut all) = mpsc::unbounded_channel();
        let (turns, number) = (Arc::new(Semaphore::new(OPENING)), heads.len());
        for head in heads {
            let (turns, broken) = (Arc::clone(&turns), Arc::clone(&broken));
            let (opened, arrived) = (opened.clone(), arrived.clone());
            runtime.spawn(async move {
                let turn = turns.acquire_owned().await;
                let stream = begin(address, &head, first).await;
                drop(turn);
                let _ = opened.send(stream.is_some());
                if let Some(stream) = stream {
                    read(stream, &arrived).await;
                    broken.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        drop(opened);
        let is_whole = runtime.block_on(async {
            for _ in 0..number {
                let next = tokio::time::timeout(PATIENCE, all.recv()).await;
                if !matches!(next, Ok(Some(true))) {
                    return false;
                }
            }
            true
        });
        if !is_whole {
            return Err("the streams cannot all be opened; `ulimit -n` may be too low".into());
        }
        Ok(Self { runtime, arrivals, broken })
    }

    /// How long after `began` each of so many messages arrived.
    pub(crate) fn arrivals(&mut self, number: usize, began: Instant) -> Result<Vec<Duration>> {
        let arrivals = &mut self.arrivals;
        self.runtime.block_on(async {
            let mut times = Vec::with_capacity(number);
            while times.len() < number {
                match tokio::time::timeout(PATIENCE, arrivals.recv()).await {
                    Ok(Some(at)) => times.push(at.duration_since(began)),
                    _ => return Err(format!("{} of {number} were told", times.len()).into()),
                }
            }
            Ok(times)
        })
    }

    /// Closes them; an error where one broke off before.
    pub(crate) fn close(self) -> Result<()> {
        match self.broken.load(Ordering::Relaxed) {
            0 => Ok(()),
            broken => Err(format!("{broken} streams broke off").into()),
        }
    }
}

/// Asks, and reads until `first` was told.
async fn begin(address: SocketAddr, head: &str, first: &str) -> Option<TcpStream> {
    let mut stream = TcpStream::connect(address).await.ok()?;
    stream.write_all(head.as_bytes()).await.ok()?;
    let mut told = Vec::new();
    while !contains(&told, first.as_bytes()) {
        if stream.read_buf(&mut told).await.ok()? == 0 {
            return None;
        }
    }
    Some(stream)
}

/// Tells of every message until the stream ends.
async fn read(mut stream: TcpStream, arrived: &mpsc::UnboundedSender<Instant>) {
    // Events are short and come one by one; one that is cut in two would be missed, and seen to be.
    let mut part = Vec::with_capacity(1024);
    while stream.read_buf(&mut part).await.is_ok_and(|length| length > 0) {
        if contains(&part, b"event: message") {
            let _ = arrived.send(Instant::now());
        }
        part.clear();
    }
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}
