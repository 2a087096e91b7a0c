//! A server and its callers over HTTP, beside a handler that answers `{}`.

use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use restante::UserId;
use serde_json::{Value, json};

use crate::Result;
use crate::app::user;
use crate::bench::Bench;
use crate::load::Requests;
use crate::server::{Server, binary};
use crate::timing::in_turn;

/// How many users take turns.
const READERS: usize = 1_000;

/// How long the one who sends meanwhile waits in between.
const BETWEEN_SENDS: Duration = Duration::from_millis(10);

/// Both servers, and what lets callers in.
pub(crate) struct OverHttp {
    server: Server,
    empty: Server,
    key: String,
    tokens: Vec<String>,
    script: PathBuf,
    connections: usize,
    seconds: usize,
    rounds: usize,
}

impl OverHttp {
    /// Starts them: `restante` on this database, which has so many users.
    pub(crate) fn start(
        bench: &Bench,
        database: &str,
        users: usize,
        connections: usize,
    ) -> Result<Self> {
        let server = Server::restante(database)?;
        let key = run(&["key", "create", "--name", "bench", "--scope", "admin"], database)?;
        let key = key["key"].as_str().ok_or("no key")?.to_owned();
        let readers = bench.scale(READERS, 20);
        let readers = (0..readers).map(|at| user(at * users / readers));
        let tokens = readers.map(|name| token(&server, &key, &name)).collect::<Result<_>>()?;
        Ok(Self {
            server,
            empty: Server::empty()?,
            key,
            tokens,
            script: bench.file(),
            connections,
            seconds: bench.scale(2, 1),
            rounds: bench.scale(11, 1),
        })
    }

    /// What a second holds: requests of the empty handler, counts, pages of 20.
    pub(crate) fn reads(&self) -> Result<[f64; 3]> {
        let reads = |path| self.reads_of(path);
        let (nothing, count, page) = (reads("/"), reads("/v1/inbox/count"), reads("/v1/inbox"));
        in_turn(
            self.rounds,
            [
                &mut || self.ask(&nothing, &self.empty),
                &mut || self.ask(&count, &self.server),
                &mut || self.ask(&page, &self.server),
            ],
        )
    }

    /// What a second holds while somebody sends a hundred times a second: requests of the empty
    /// handler, and counts. None of those is remembered from one time to the next.
    pub(crate) fn counts_beside_sends(&self) -> Result<[f64; 2]> {
        let (nothing, count) = (self.reads_of("/"), self.reads_of("/v1/inbox/count"));
        in_turn(
            self.rounds,
            [&mut || self.ask(&nothing, &self.empty), &mut || {
                self.while_sending(|| self.ask(&count, &self.server))
            }],
        )
    }

    fn while_sending<T>(&self, work: impl FnOnce() -> Result<T>) -> Result<T> {
        let is_over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let sender = scope.spawn(|| -> Result<()> {
                while !is_over.load(Ordering::Relaxed) {
                    let to = user(fastrand::usize(..self.tokens.len()));
                    ureq::post(format!("{}/v1/messages", self.server.url))
                        .header("authorization", format!("Bearer {}", self.key))
                        .content_type("application/json")
                        .send(serde_json::to_vec(&send(&to))?)?;
                    std::thread::sleep(BETWEEN_SENDS);
                }
                Ok(())
            });
            let done = work();
            is_over.store(true, Ordering::Relaxed);
            sender.join().map_err(|_| "the sender panicked")??;
            done
        })
    }

    /// What a second holds: requests of the empty handler with the body of a send, durable sends to
    /// one user each.
    pub(crate) fn sends(&self) -> Result<[f64; 2]> {
        let sends = |path| self.sends_to(path);
        let (nothing, send) = (sends("/"), sends("/v1/messages"));
        in_turn(
            self.rounds,
            [&mut || self.ask(&nothing, &self.empty), &mut || self.ask(&send, &self.server)],
        )
    }

    /// What a count, a page and a send cost when so many come at once: processor time in microseconds
    /// a request, of the server and of what else `others` tells the seconds of.
    pub(crate) fn costs(
        &self,
        connections: usize,
        others: impl Fn() -> Result<f64>,
    ) -> Result<[[f64; 2]; 3]> {
        let reads = |path| Requests { connections, ..self.reads_of(path) };
        let sends = Requests { connections, ..self.sends_to("/v1/messages") };
        let mut costs = [[f64::NAN; 2]; 3];
        let requests = [reads("/v1/inbox/count"), reads("/v1/inbox"), sends];
        for (requests, costs) in requests.iter().zip(&mut costs) {
            let before = [self.server.processor()?, others()?];
            let rate = self.ask(requests, &self.server)?;
            let after = [self.server.processor()?, others()?];
            #[expect(clippy::cast_precision_loss, reason = "some seconds")]
            let times = rate * self.seconds as f64;
            *costs = std::array::from_fn(|side| (after[side] - before[side]) / times * 1e6);
        }
        Ok(costs)
    }

    /// Resident memory of the server, in bytes.
    pub(crate) fn resident(&self) -> Result<f64> {
        self.server.resident()
    }

    fn reads_of(&self, path: &'static str) -> Requests {
        Requests {
            method: "GET",
            path,
            bearers: self.tokens.clone(),
            bodies: Vec::new(),
            connections: self.connections,
        }
    }

    fn sends_to(&self, path: &'static str) -> Requests {
        Requests {
            method: "POST",
            path,
            bearers: vec![self.key.clone(); self.tokens.len()],
            bodies: (0..self.tokens.len()).map(|at| send(&user(at))).collect(),
            connections: self.connections,
        }
    }

    fn ask(&self, requests: &Requests, server: &Server) -> Result<f64> {
        requests.per_second(&server.url, &self.script, self.seconds)
    }
}

/// A verb on the database.
pub(crate) fn run(verb: &[&str], database: &str) -> Result<Value> {
    let output =
        Command::new(binary()?).args(verb).args(["--json", "--database", database]).output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

pub(crate) fn token(server: &Server, key: &str, user: &str) -> Result<String> {
    let user = UserId::new(user)?;
    let answer = ureq::post(format!("{}/v1/users/{user}/tokens", server.url))
        .header("authorization", format!("Bearer {key}"))
        .send_empty()?
        .body_mut()
        .read_to_string()?;
    let answer: Value = serde_json::from_str(&answer)?;
    Ok(answer["token"].as_str().ok_or("no token")?.to_owned())
}

pub(crate) fn send(to: &str) -> Value {
    json!({
        "to": [to],
        "level": "success",
        "message": "Your export of 48,210 rows is ready",
        "url": "/exports/77",
        "tags": ["export"],
    })
}
