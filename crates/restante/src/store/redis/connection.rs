//! The way to the server: connections that are shared by all callers and made again when they break.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::StreamExt;
use redis::aio::{ConnectionLike, ConnectionManager, ConnectionManagerConfig, PubSub};
use redis::cluster::ClusterClient;
use redis::cluster_async::ClusterConnection;
use redis::io::tcp::TcpSettings;
use redis::{
    Client, Cmd, ErrorKind, Pipeline, ProtocolVersion, PushInfo, PushKind, RedisError, RedisResult,
    ServerErrorKind, Value,
};
use tokio::sync::mpsc;

use super::NAME;
use super::address::Address;
use super::cluster::Cluster;
use super::options::RedisOptions;
use super::script::Script;
use crate::Error;

/// How long a connection may take to be made.
pub(super) const CONNECT: Duration = Duration::from_secs(2);

/// How many callers may hand over what they ask for before they wait for their turn. What is handed
/// over together is sent together.
const WAITING: usize = 1_024;

/// How many payloads wait to be taken before they are given up: the driver keeps any number.
const BACKLOG: usize = 1_024;

/// Connections to a server alone: while callers take apart what came by one, the server works on what
/// came by the other.
pub(super) const LANES: usize = 2;

/// What commands go through.
pub(super) struct Link {
    to: To,
    /// How many replicas must have a write, and how long to wait for them.
    replicas: Option<(u32, Duration)>,
}

enum To {
    One(Box<One>),
    Cluster(Box<Cluster>),
}

/// A server alone.
struct One {
    client: Client,
    both: [ConnectionManager; LANES],
    /// Which of them is asked next.
    turn: AtomicUsize,
    /// For writes that wait for replicas.
    waits: ConnectionManager,
}

impl One {
    fn connection(&self) -> ConnectionManager {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        self.both[turn % self.both.len()].clone()
    }
}

impl Link {
    pub(super) fn new(address: Address, options: &RedisOptions) -> Result<Self, Error> {
        let to = match address {
            Address::One(info) => {
                let client = Client::open(info.set_tcp_settings(at_once())).map_err(error)?;
                let config = ConnectionManagerConfig::new()
                    .set_response_timeout(Some(options.timeout))
                    .set_connection_timeout(Some(CONNECT))
                    // A server that comes back is found within a second.
                    .set_min_delay(Duration::from_millis(50))
                    .set_max_delay(Duration::from_millis(500))
                    .set_number_of_retries(2)
                    .set_pipeline_buffer_size(WAITING);
                let manager = || {
                    ConnectionManager::new_lazy_with_config(client.clone(), config.clone())
                        .map_err(error)
                };
                let both = [manager()?, manager()?];
                // `WAIT` holds up what comes behind it on its connection.
                let waits = if options.replicas > 0 { manager()? } else { both[0].clone() };
                To::One(Box::new(One { client, both, turn: AtomicUsize::new(0), waits }))
            }
            Address::Cluster(nodes) => {
                To::Cluster(Box::new(Cluster::new(nodes, options.timeout).map_err(error)?))
            }
        };
        // Half of the time that a caller waits for an answer.
        let replicas = (options.replicas > 0).then_some((options.replicas, options.timeout / 2));
        Ok(Self { to, replicas })
    }

    /// The command that tells others: in a cluster the one that stays within a shard of it.
    pub(super) fn publish(&self) -> &'static str {
        match self.to {
            To::One(_) => "PUBLISH",
            To::Cluster(_) => "SPUBLISH",
        }
    }

    /// Whether what was asked for may be asked for again by the driver itself.
    pub(super) fn repeats(&self) -> bool {
        matches!(self.to, To::Cluster(_))
    }

    /// Hears what is told on some channels, by a connection of its own, until that breaks.
    pub(super) async fn hear(&self, channels: &[String]) -> Result<Heard, Error> {
        match &self.to {
            To::One(one) => {
                let mut connection = one.client.get_async_pubsub().await.map_err(error)?;
                connection.subscribe(channels).await.map_err(error)?;
                Ok(Heard::One(Box::new(connection)))
            }
            To::Cluster(cluster) => {
                let (sender, payloads) = mpsc::unbounded_channel();
                let nodes = cluster.nodes.iter().cloned();
                // Payloads come beside the answers, which only the newer protocol has.
                let client = ClusterClient::builder(nodes)
                    .use_protocol(ProtocolVersion::RESP3)
                    .push_sender(sender)
                    .tcp_settings(at_once())
                    .connection_timeout(CONNECT)
                    .build()
                    .map_err(error)?;
                let mut connection = client.get_async_connection().await.map_err(error)?;
                // Each is in another slot, so that none goes with another.
                for channel in channels {
                    connection.ssubscribe(channel).await.map_err(error)?;
                }
                Ok(Heard::Cluster { payloads, _connection: Box::new(connection) })
            }
        }
    }

    /// Runs a script that only reads.
    pub(super) async fn run(&self, script: &Script, call: Cmd) -> Result<Value, Error> {
        match self.send(&call).await {
            Err(cause) if is_unknown(&cause) => {
                self.send(&script.call_with_source(&call)).await.map_err(|cause| self.error(cause))
            }
            done => done.map_err(|cause| self.error(cause)),
        }
    }

    /// Runs a script that writes, and waits for replicas where that is asked for.
    pub(super) async fn write(&self, script: &Script, call: Cmd) -> Result<Value, Error> {
        let Some((replicas, timeout)) = self.replicas else {
            return self.run(script, call).await;
        };
        match self.send_and_wait(&call, replicas, timeout).await {
            Err(Failed::Redis(cause)) if is_unknown(&cause) => {
                let again = script.call_with_source(&call);
                self.send_and_wait(&again, replicas, timeout)
                    .await
                    .map_err(|failed| self.failed(failed))
            }
            done => done.map_err(|failed| self.failed(failed)),
        }
    }

    /// Does a plain command that only reads.
    pub(super) async fn ask(&self, command: Cmd) -> Result<Value, Error> {
        self.send(&command).await.map_err(|cause| self.error(cause))
    }

    /// Does several plain commands that only read in one transaction. Nothing where a cluster has
    /// another node for them: the driver learns that by a command alone, not by a transaction.
    pub(super) async fn ask_all(&self, commands: Pipeline) -> Result<Option<Value>, Error> {
        let commands = &commands;
        let answers = match &self.to {
            To::One(one) => commands.query_async(&mut one.connection()).await,
            To::Cluster(cluster) => {
                let ask = |mut to| async move { commands.query_async(&mut to).await };
                match cluster.ask(ask).await {
                    Err(cause) if has_moved(&cause) => return Ok(None),
                    done => done,
                }
            }
        };
        answers.map(|answers| Some(Value::Array(answers))).map_err(|cause| self.error(cause))
    }

    async fn send(&self, command: &Cmd) -> RedisResult<Value> {
        match &self.to {
            To::One(one) => command.query_async(&mut one.connection()).await,
            To::Cluster(cluster) => {
                cluster.ask(|mut to| async move { command.query_async(&mut to).await }).await
            }
        }
    }

    async fn send_and_wait(
        &self,
        command: &Cmd,
        replicas: u32,
        timeout: Duration,
    ) -> Result<Value, Failed> {
        let mut both = Pipeline::with_capacity(2);
        both.add_command(command.clone());
        let millis = u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX);
        both.cmd("WAIT").arg(replicas).arg(millis);
        let answers = match &self.to {
            To::One(one) => one.waits.clone().req_packed_commands(&both, 0, 2).await?,
            To::Cluster(cluster) => {
                let both = &both;
                let ask = |mut to: ClusterConnection| async move {
                    to.req_packed_commands(both, 0, 2).await
                };
                cluster.ask(ask).await?
            }
        };
        let mut answers = answers.into_iter();
        let answer = answers.next().unwrap_or(Value::Nil);
        if let Value::ServerError(refused) = answer {
            return Err(Failed::Redis(refused.into()));
        }
        match answers.next() {
            Some(Value::Int(reached)) if reached >= i64::from(replicas) => Ok(answer),
            Some(Value::Int(reached)) => Err(Failed::TooFew(reached)),
            _ => Err(Failed::TooFew(0)),
        }
    }

    /// In a cluster a slot that has moved is found with the next call.
    fn error(&self, cause: RedisError) -> Error {
        if has_moved(&cause) && matches!(self.to, To::Cluster(_)) {
            return Error::transient(NAME, "the cluster is being rearranged; try again")
                .with_source(cause);
        }
        error(cause)
    }

    fn failed(&self, failed: Failed) -> Error {
        match failed {
            Failed::Redis(cause) => self.error(cause),
            Failed::TooFew(reached) => Error::transient(
                NAME,
                format!("the write was done, but only {reached} replicas have it in time"),
            ),
        }
    }
}

/// A connection on which something is heard.
pub(super) enum Heard {
    One(Box<PubSub>),
    Cluster { payloads: mpsc::UnboundedReceiver<PushInfo>, _connection: Box<ClusterConnection> },
}

impl Heard {
    /// Throws away what waits to be taken, where that has become too much, and tells whether it did.
    pub(super) fn skip_backlog(&mut self) -> bool {
        let Self::Cluster { payloads, .. } = self else { return false };
        if payloads.len() <= BACKLOG {
            return false;
        }
        while payloads.try_recv().is_ok_and(|push| push.kind == PushKind::SMessage) {}
        true
    }

    /// The next channel and payload; `None` when the connection broke.
    pub(super) async fn next(&mut self) -> Option<(String, String)> {
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        match self {
            Self::One(connection) => {
                let message = connection.on_message().next().await?;
                Some((message.get_channel_name().to_owned(), text(message.get_payload_bytes())))
            }
            Self::Cluster { payloads, .. } => loop {
                let push = payloads.recv().await?;
                match push.kind {
                    PushKind::SMessage => {
                        let [channel, payload] = &push.data[..] else { return None };
                        let [channel, payload] = [channel, payload].map(super::reply::bytes);
                        return Some((text(channel), text(payload)));
                    }
                    PushKind::Disconnection | PushKind::SUnsubscribe => return None,
                    _ => {}
                }
            },
        }
    }
}

impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.to {
            To::One(_) => "Link(server)",
            To::Cluster(_) => "Link(cluster)",
        })
    }
}

enum Failed {
    Redis(RedisError),
    TooFew(i64),
}

impl From<RedisError> for Failed {
    fn from(cause: RedisError) -> Self {
        Self::Redis(cause)
    }
}

/// Requests are small and wait for nothing: without this the second of two waits for the answer to the
/// first.
pub(super) fn at_once() -> TcpSettings {
    TcpSettings::default().set_nodelay(true)
}

/// Whether the server does not know the script: it was restarted or flushed since.
fn is_unknown(cause: &RedisError) -> bool {
    cause.kind() == ErrorKind::Server(ServerErrorKind::NoScript)
}

/// What went wrong, in terms of what the caller can do about it.
fn error(cause: RedisError) -> Error {
    use ServerErrorKind::{
        BusyLoading, ClusterDown, MasterDown, Moved, NotBusy, ReadOnly, TryAgain,
    };
    let why = reason(&cause);
    let code = why.code().unwrap_or_default();
    let failed = match why.kind() {
        _ if cause.is_timeout() => Error::transient(NAME, "the server did not answer in time"),
        _ if cause.is_io_error() || cause.is_connection_dropped() => {
            Error::transient(NAME, "the server cannot be reached")
        }
        ErrorKind::Server(Moved) => {
            Error::internal(NAME, "this server is a node of a cluster: use redis+cluster://")
        }
        ErrorKind::Server(
            BusyLoading | ClusterDown | MasterDown | NotBusy | ReadOnly | TryAgain,
        )
        | ErrorKind::ClusterConnectionNotFound => {
            Error::transient(NAME, format!("the server is not ready ({code})"))
        }
        ErrorKind::AuthenticationFailed => Error::internal(NAME, "the server refused the password"),
        _ => match code {
            "OOM" => Error::transient(NAME, "the server's memory is full"),
            "MISCONF" => Error::transient(NAME, "the server cannot write to its disk"),
            "BUSY" | "NOREPLICAS" | "CLUSTERDOWN" | "READONLY" => {
                Error::transient(NAME, format!("the server is not ready ({code})"))
            }
            "NOAUTH" | "WRONGPASS" | "NOPERM" => {
                Error::internal(NAME, format!("the server refused the user ({code})"))
            }
            _ => Error::internal(NAME, "the server refused a command"),
        },
    };
    failed.with_source(cause)
}

/// Whether another node of a cluster has what was asked for.
fn has_moved(cause: &RedisError) -> bool {
    use ServerErrorKind::{Ask, Moved};
    matches!(reason(cause).kind(), ErrorKind::Server(Ask | Moved))
}

/// What went wrong; with a transaction that was not begun, what its first command was told.
fn reason(cause: &RedisError) -> RedisError {
    let aborts = cause.kind() == ErrorKind::Server(ServerErrorKind::ExecAbort);
    let told = if aborts { cause.clone().into_server_errors() } else { None };
    let first = told.as_ref().and_then(|told| told.first());
    first.map_or_else(|| cause.clone(), |(_, first)| first.clone().into())
}
