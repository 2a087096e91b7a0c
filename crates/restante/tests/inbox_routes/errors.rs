use std::error::Error as StdError;
use std::sync::{Arc, Mutex};

use restante::Error;
use serde_json::{Value, json};
use tracing::field::{Field, Visit};
use tracing::{Event, Metadata, Subscriber, span};

use super::response_of;
use crate::site::Answer;

async fn response(error: Error) -> (Answer, Value) {
    let answer = response_of(error).await;
    let problem = answer.problem();
    (answer, problem)
}

#[tokio::test]
async fn an_error_is_a_response_in_the_apps_own_handlers() {
    let (_, invalid) = response(Error::invalid("url", "must be http or a path")).await;
    assert_eq!(
        invalid,
        json!({
            "type": "urn:restante:problem:invalid",
            "title": "The input is not valid",
            "status": 422,
            "detail": "must be http or a path",
            "field": "url",
        })
    );
    let (_, conflict) = response(Error::conflict("the key was used before")).await;
    assert_eq!(
        conflict,
        json!({
            "type": "urn:restante:problem:conflict",
            "title": "The key was used with other content",
            "status": 409,
            "detail": "the key was used before",
            "field": "key",
        })
    );
}

#[tokio::test]
async fn what_happened_inside_is_told_to_nobody() {
    let secret = || std::io::Error::other("/var/lib/secret.db");
    let (busy, problem) =
        response(Error::transient("sqlite", "locked: secret").with_source(secret())).await;
    assert_eq!(busy.header("retry-after"), "5");
    assert_eq!(
        problem,
        json!({
            "type": "urn:restante:problem:unavailable",
            "title": "The messages cannot be reached for the moment",
            "status": 503,
            "detail": "the same request may work in a few seconds",
        })
    );
    let (_, problem) = response(Error::unsupported("redis", "secret")).await;
    assert_eq!(
        problem,
        json!({
            "type": "urn:restante:problem:unsupported",
            "title": "This cannot be done here",
            "status": 501,
            "detail": "the store behind these messages cannot do it",
        })
    );
    let (_, problem) = response(Error::internal("sqlite", "secret").with_source(secret())).await;
    assert_eq!(
        problem,
        json!({
            "type": "urn:restante:problem:internal",
            "title": "Something went wrong",
            "status": 500,
            "detail": "it is not your doing, and has been written down",
        })
    );
}

/// Keeps what is logged about errors: each with its sources, outermost first.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<Vec<String>>>>);

impl Visit for Log {
    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}

    fn record_error(&mut self, _: &Field, error: &(dyn StdError + 'static)) {
        let mut chain = vec![error.to_string()];
        let mut source = error.source();
        while let Some(error) = source {
            chain.push(error.to_string());
            source = error.source();
        }
        self.0.lock().unwrap().push(chain);
    }
}

impl Subscriber for Log {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }
    fn event(&self, event: &Event<'_>) {
        event.record(&mut self.clone());
    }
    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

#[tokio::test]
async fn what_happened_inside_is_logged_whole_and_a_callers_mistake_is_not() {
    let log = Log::default();
    {
        let _guard = tracing::subscriber::set_default(log.clone());
        let disk = std::io::Error::other("disk gone");
        response_of(Error::internal("sqlite", "cannot read").with_source(disk)).await;
        response_of(Error::transient("sqlite", "locked")).await;
        response_of(Error::unsupported("redis", "no such thing")).await;
        response_of(Error::invalid("url", "must be a path")).await;
        response_of(Error::not_found("nothing there")).await;
    }
    let logged = log.0.lock().unwrap().clone();
    let expected: [&[&str]; 3] =
        [&["sqlite: cannot read", "disk gone"], &["sqlite: locked"], &["redis: no such thing"]];
    assert_eq!(logged, expected);
}
