use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use restante::store::Load;

/// All that is counted. No name of a user, key or message is among it.
#[derive(Debug)]
pub(crate) struct Figures {
    registry: Registry,
    requests: Family<Request, Counter>,
    request_seconds: Histogram,
    pub(super) store: Family<Operation, Histogram>,
    pub(super) store_errors: Family<Failed, Counter>,
    pub(super) sends: Family<Kind, Counter>,
    pub(super) recipients: Counter,
    pub(super) relayed: Counter,
    connections: Gauge,
    streams: Gauge,
    groups: Counter,
    grouped_writes: Counter,
    outbox_waiting: Gauge,
    outbox_refused: Gauge,
    parts_waiting: Gauge,
}

/// An answered request. The route is the pattern, not the path: ids do not belong here.
#[derive(Clone, Debug, Eq, Hash, PartialEq, EncodeLabelSet)]
struct Request {
    route: String,
    method: &'static str,
    status: u16,
}

/// What the store was asked for.
#[derive(Clone, Debug, Eq, Hash, PartialEq, EncodeLabelSet)]
pub(super) struct Operation {
    pub(super) operation: &'static str,
}

/// How it failed.
#[derive(Clone, Debug, Eq, Hash, PartialEq, EncodeLabelSet)]
pub(super) struct Failed {
    pub(super) operation: &'static str,
    pub(super) kind: &'static str,
}

/// To whom a message went.
#[derive(Clone, Debug, Eq, Hash, PartialEq, EncodeLabelSet)]
pub(super) struct Kind {
    pub(super) to: &'static str,
}

/// From 50 µs, which a page takes, to 10 s.
const SECONDS: [f64; 17] = [
    0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5,
    1.0, 2.5, 5.0, 10.0,
];

fn seconds() -> Histogram {
    Histogram::new(SECONDS)
}

impl Figures {
    pub(crate) fn new() -> Self {
        let mut figures = Self {
            registry: Registry::with_prefix("restante"),
            requests: Family::default(),
            request_seconds: seconds(),
            store: Family::new_with_constructor(seconds as fn() -> Histogram),
            store_errors: Family::default(),
            sends: Family::default(),
            recipients: Counter::default(),
            relayed: Counter::default(),
            connections: Gauge::default(),
            streams: Gauge::default(),
            groups: Counter::default(),
            grouped_writes: Counter::default(),
            outbox_waiting: Gauge::default(),
            outbox_refused: Gauge::default(),
            parts_waiting: Gauge::default(),
        };
        figures.register();
        figures
    }

    fn register(&mut self) {
        let all = &mut self.registry;
        all.register("http_requests", "Requests answered", self.requests.clone());
        let help = "Seconds from a request's head to the head of its answer";
        all.register("http_request_seconds", help, self.request_seconds.clone());
        all.register("connections", "Open connections", self.connections.clone());
        all.register("streams", "Live streams among them", self.streams.clone());
        let help = "Messages sent: to users or to everyone";
        all.register("sends", help, self.sends.clone());
        let help = "Users to whom messages were sent by name";
        all.register("recipients", help, self.recipients.clone());
        let help = "Messages sent that programs left in the outbox";
        all.register("outbox_relayed", help, self.relayed.clone());
        let help = "Rows of the outbox that are to be sent";
        all.register("outbox_waiting", help, self.outbox_waiting.clone());
        let help = "Rows of the outbox that were refused; they hold their error";
        all.register("outbox_refused", help, self.outbox_refused.clone());
        let help = "Parts of long lists that are to be delivered";
        all.register("parts_waiting", help, self.parts_waiting.clone());
        let help = "Groups of writes made durable together";
        all.register("write_groups", help, self.groups.clone());
        let help = "Writes in these groups; divided by them it is the mean size of a group";
        all.register("grouped_writes", help, self.grouped_writes.clone());
        let help = "Seconds that the store took";
        all.register("store_seconds", help, self.store.clone());
        let help = "Failures of the store, not those of callers";
        all.register("store_errors", help, self.store_errors.clone());
    }

    /// Counts an answer.
    pub(crate) fn answered(&self, route: &str, method: &'static str, status: u16, took: Duration) {
        let request = Request { route: route.to_owned(), method, status };
        self.requests.get_or_create(&request).inc();
        self.request_seconds.observe(took.as_secs_f64());
    }

    /// Counts a connection while what it gives is kept.
    pub(crate) fn connected(&self) -> Present {
        Present::among(&self.connections)
    }

    /// Counts a live stream while what it gives is kept.
    pub(crate) fn streaming(&self) -> Present {
        Present::among(&self.streams)
    }

    /// All of it as text, with what the store says that waits; without, those keep their last value.
    pub(crate) fn write(&self, load: Option<Load>) -> Result<String, std::fmt::Error> {
        if let Some(load) = load {
            set(self.groups.inner(), load.groups);
            set(self.grouped_writes.inner(), load.grouped_writes);
            for (gauge, waiting) in [
                (&self.outbox_waiting, load.outbox_waiting),
                (&self.outbox_refused, load.outbox_refused),
                (&self.parts_waiting, load.parts_waiting),
            ] {
                gauge.set(i64::try_from(waiting).unwrap_or(i64::MAX));
            }
        }
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

/// A counter that is kept by somebody else.
fn set(counter: &AtomicU64, value: u64) {
    counter.store(value, Ordering::Relaxed);
}

/// An open connection.
#[derive(Debug)]
pub(crate) struct Present(Gauge);

impl Present {
    fn among(gauge: &Gauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for Present {
    fn drop(&mut self) {
        self.0.dec();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_counted_is_told() {
        let figures = Figures::new();
        figures.answered("/v1/inbox/{id}", "GET", 404, Duration::from_micros(80));
        let connection = figures.connected();
        let load = Load { outbox_waiting: 3, groups: 2, grouped_writes: 9, ..Load::default() };
        let text = figures.write(Some(load)).unwrap();
        for line in [
            "restante_http_requests_total{route=\"/v1/inbox/{id}\",method=\"GET\",status=\"404\"} 1",
            "restante_http_request_seconds_bucket{le=\"0.0001\"} 1",
            "restante_connections 1",
            "restante_outbox_waiting 3",
            "restante_write_groups_total 2",
            "restante_grouped_writes_total 9",
        ] {
            assert!(text.lines().any(|told| told == line), "{line}\n{text}");
        }
        drop(connection);
        let later = figures.write(None).unwrap();
        assert!(later.contains("restante_connections 0\n"), "{later}");
        assert!(later.contains("restante_outbox_waiting 3\n"), "{later}");
    }
}
