//! Ten thousand live streams: what each costs, how soon a message is there, what they cost others.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::Result;
use crate::app::user;
use crate::bench::Bench;
use crate::load::Requests;
use crate::open_streams::OpenStreams;
use crate::over_http::{run, send, token};
use crate::server::Server;
use crate::table::Goal::AtMost;
use crate::table::Row;
use crate::table::Unit::{Bytes, Microseconds, Milliseconds};
use crate::timing::{in_turn, median, percentile_ms};

/// Other users, who get messages meanwhile.
const OTHERS: usize = 1_000;

pub(super) fn measure(bench: &Bench) -> Result<Vec<Row>> {
    rlimit::increase_nofile_limit(u64::MAX)?;
    let number = bench.scale(10_000, 200);
    let database = format!("sqlite:{}", bench.file().display());
    let server = Server::restante(&database)?;
    let key = run(&["key", "create", "--name", "bench", "--scope", "admin"], &database)?;
    let key = key["key"].as_str().ok_or("no key")?.to_owned();
    let scene = Scene { bench, server, key };

    let heads = (0..number).map(|at| scene.head(&user(at))).collect::<Result<Vec<_>>>()?;
    let before = scene.server.resident()?;
    let mut streams = scene.open(heads.clone())?;
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let each = |after: f64, before: f64| (after - before) / number as f64;
    let ours = each(scene.server.resident()?, before);
    let (last, middle) = scene.broadcasts(&mut streams, number)?;
    let one = scene.messages(&mut streams, number)?;
    streams.close()?;
    let [among, alone] = scene.cost_of_a_send_among(&heads)?;
    let axums = axums(number, each)?;
    Ok(vec![
        Row::new(format!("streams: memory of each of {number}"), Bytes, ours)
            .goal(AtMost(24.0 * 1024.0)),
        Row::new("streams: memory of each; axum's own", Bytes, ours).over(axums),
        Row::new("streams: a broadcast at the last of them", Milliseconds, last)
            .goal(AtMost(300.0)),
        Row::new("streams: a broadcast at half of them", Milliseconds, middle),
        Row::new("streams: a message at its reader, median", Milliseconds, one).goal(AtMost(20.0)),
        Row::new("streams: processor for a send to another; without streams", Microseconds, among)
            .over(alone),
    ])
}

struct Scene<'b> {
    bench: &'b Bench,
    server: Server,
    key: String,
}

impl Scene<'_> {
    /// The request of a user's stream.
    fn head(&self, user: &str) -> Result<String> {
        let token = token(&self.server, &self.key, user)?;
        Ok(format!(
            "GET /v1/inbox/stream HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {token}\r\n\r\n"
        ))
    }

    fn post(&self, body: &Value) -> Result<()> {
        ureq::post(format!("{}/v1/messages", self.server.url))
            .header("authorization", format!("Bearer {}", self.key))
            .header("content-type", "application/json")
            .send(body.to_string())?;
        Ok(())
    }

    /// When a broadcast is told to the last and to half of the readers, in milliseconds.
    fn broadcasts(&self, streams: &mut OpenStreams, number: usize) -> Result<(f64, f64)> {
        let (mut last, mut middle) = (Vec::new(), Vec::new());
        for _ in 0..self.bench.scale(7, 2) {
            let began = Instant::now();
            self.post(&json!({ "everyone": true, "message": "Down at noon" }))?;
            let mut times = streams.arrivals(number, began)?;
            last.push(percentile_ms(&mut times, 100));
            middle.push(percentile_ms(&mut times, 50));
        }
        Ok((median(last), median(middle)))
    }

    /// How long a message takes to its reader from before it is sent, in milliseconds.
    fn messages(&self, streams: &mut OpenStreams, number: usize) -> Result<f64> {
        let mut times = Vec::new();
        for _ in 0..self.bench.scale(300, 5) {
            let began = Instant::now();
            self.post(&send(&user(fastrand::usize(..number))))?;
            times.extend(streams.arrivals(1, began)?);
        }
        Ok(percentile_ms(&mut times, 50))
    }

    /// The server's time for a send, in microseconds, with these streams and without any. In turns
    /// on one database, which grows with each send.
    fn cost_of_a_send_among(&self, heads: &[String]) -> Result<[f64; 2]> {
        let among = &mut || {
            let streams = self.open(heads.to_vec())?;
            let cost = self.cost_of_a_send()?;
            streams.close()?;
            Ok(cost)
        };
        let alone = &mut || {
            self.wait_for_none()?;
            self.cost_of_a_send()
        };
        in_turn(self.bench.scale(7, 1), [among, alone])
    }

    fn open(&self, heads: Vec<String>) -> Result<OpenStreams> {
        OpenStreams::open(self.server.address()?, heads, "event: count")
    }

    /// Until the server has noticed that the readers have gone.
    fn wait_for_none(&self) -> Result<()> {
        let patience = Instant::now();
        loop {
            let text = ureq::get(format!("{}/metrics", self.server.url)).call()?;
            if text.into_body().read_to_string()?.contains("\nrestante_streams 0\n") {
                return Ok(());
            }
            if patience.elapsed() > Duration::from_secs(30) {
                return Err("the server still has streams, whose readers have gone".into());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// The server's time for a send to users who have no stream, in microseconds.
    fn cost_of_a_send(&self) -> Result<f64> {
        let seconds = self.bench.scale(4, 1);
        let bodies = (0..OTHERS).map(|at| send(&format!("other-{at}"))).collect();
        let sends = Requests {
            method: "POST",
            path: "/v1/messages",
            bearers: vec![self.key.clone(); OTHERS],
            bodies,
            connections: 64,
        };
        let before = self.server.processor()?;
        let rate = sends.per_second(&self.server.url, &self.bench.file(), seconds)?;
        let used = self.server.processor()? - before;
        #[expect(clippy::cast_precision_loss, reason = "a few seconds")]
        let sent = rate * seconds as f64;
        Ok(used / sent * 1e6)
    }
}

/// The memory of as many streams as axum itself makes them.
fn axums(number: usize, each: impl Fn(f64, f64) -> f64) -> Result<f64> {
    let server = Server::empty()?;
    let before = server.resident()?;
    let head = "GET /events HTTP/1.1\r\nhost: bench\r\n\r\n".to_owned();
    let streams = OpenStreams::open(server.address()?, vec![head; number], "\r\n\r\n")?;
    let after = server.resident()?;
    drop(streams);
    Ok(each(after, before))
}
