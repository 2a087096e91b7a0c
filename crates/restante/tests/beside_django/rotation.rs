//! The site's secret changes, and nobody misses a message.

use std::path::Path;

use restante::DjangoKey;
use restante_testkit::django::pythons;
use serde_json::json;

use crate::origin::{Origin, layer};
use crate::visitor::Side::{App, Django};
use crate::visitor::Visitor;

const OLD: &str = "the old secret";
const NEW: &str = "the new secret";

/// Secrets, the first of which signs.
async fn origin(django: &Path, site: &[&str], app: &[&str]) -> Origin {
    let settings = json!({ "SECRET_KEY": site[0], "SECRET_KEY_FALLBACKS": site[1..] });
    let mut keys = app.iter().map(|secret| DjangoKey::new(secret).unwrap());
    let first = keys.next().unwrap();
    Origin::start(django, settings, layer(keys.fold(first, DjangoKey::with_fallback))).await
}

#[tokio::test]
async fn the_secret_changes_in_three_steps_and_nothing_is_missed() {
    for django in pythons() {
        // Each step is served while cookies of the one before are about.
        let steps = [
            origin(&django, &[OLD], &[OLD]).await,
            // First the app knows both, then the site signs by the new one, then the app.
            origin(&django, &[OLD], &[OLD, NEW]).await,
            origin(&django, &[NEW, OLD], &[OLD, NEW]).await,
            origin(&django, &[NEW, OLD], &[NEW, OLD]).await,
        ];
        for (at, step) in steps.iter().enumerate() {
            let next = steps.get(at + 1).unwrap_or(step);
            for here in [step, next] {
                for (says, shows) in [(Django, App), (App, Django), (Django, Django), (App, App)] {
                    let visitor = Visitor::default();
                    visitor.say(step, says, &[json!({ "level": 20, "text": "x" })]).await;
                    let texts = visitor.texts(here, shows).await;
                    assert_eq!(texts, ["x"], "step {at}: {says:?} to {shows:?}");
                }
            }
        }

        // What was signed by the old one is nothing any more when nobody knows it.
        let done = origin(&django, &[NEW], &[NEW]).await;
        for (says, shows) in [(Django, App), (App, Django)] {
            let visitor = Visitor::default();
            visitor.say(&steps[0], says, &[json!({ "level": 20, "text": "x" })]).await;
            assert!(visitor.show(&done, shows).await.is_empty());
        }
    }
}

#[tokio::test]
async fn the_app_needs_the_derived_key_alone() {
    for django in pythons() {
        let derived = DjangoKey::new(OLD).unwrap().derived_hex();
        let key = DjangoKey::from_derived_hex(&derived).unwrap();
        let origin = Origin::start(&django, json!({ "SECRET_KEY": OLD }), layer(key)).await;
        let visitor = Visitor::default();
        visitor.say(&origin, Django, &[json!({ "level": 25, "text": "x" })]).await;
        assert_eq!(visitor.texts(&origin, App).await, ["x"]);
        visitor.say(&origin, App, &[json!({ "level": 25, "text": "y" })]).await;
        assert_eq!(visitor.texts(&origin, Django).await, ["y"]);
    }
}
