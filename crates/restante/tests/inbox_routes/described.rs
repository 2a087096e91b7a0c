use std::collections::BTreeSet;

use restante::Message;
use serde_json::{Value, json};

use super::Site;
use crate::description::document;

/// With the test beside the table of routes, which compares the paths: the router and the document
/// have the same operations.
#[tokio::test]
async fn every_path_allows_the_methods_that_are_described() {
    let site = Site::new();
    let document = document();
    for (path, operations) in document["paths"].as_object().unwrap() {
        let described: BTreeSet<_> =
            operations.as_object().unwrap().keys().map(|method| method.to_uppercase()).collect();
        let path = path.replace("{id}", "5");
        let answer = site.call("OPTIONS", &format!("/messages{path}")).await;
        let allowed = answer.header("allow").split(',').filter(|method| *method != "HEAD");
        assert_eq!(allowed.map(str::to_owned).collect::<BTreeSet<_>>(), described, "{path}");
    }
}

/// The names of a schema's properties, all of which are required.
fn properties(document: &Value, schema: &str) -> BTreeSet<String> {
    let schema = &document["components"]["schemas"][schema];
    let names: BTreeSet<String> =
        schema["properties"].as_object().unwrap().keys().cloned().collect();
    let required: BTreeSet<String> = serde_json::from_value(schema["required"].clone()).unwrap();
    assert_eq!(names, required, "{schema}");
    names
}

#[tokio::test]
async fn answers_have_the_fields_that_are_described() {
    let site = Site::new();
    site.send(Message::info("Ahoy"), "alice").await;
    let document = document();
    let fields = |answer: &Value| -> BTreeSet<String> {
        answer.as_object().unwrap().keys().cloned().collect()
    };
    let page = site.get("/messages/inbox").await.json();
    assert_eq!(fields(&page), properties(&document, "Page"));
    assert_eq!(fields(&page["items"][0]), properties(&document, "Item"));
    let count = site.get("/messages/inbox/count").await.json();
    assert_eq!(fields(&count), properties(&document, "Count"));
    let marked = site.call("POST", "/messages/mark_all_read").await.json();
    assert_eq!(fields(&marked), properties(&document, "Marked"));

    let problem = site.get("/messages/inbox?limit=0").await.problem();
    let schema = &document["components"]["schemas"]["Problem"];
    assert_eq!(fields(&problem), fields(&schema["properties"]));
    assert_eq!(schema["required"], json!(["type", "title", "status", "detail"]));
}
