use std::collections::BTreeSet;
use std::net::TcpListener;

use serde_json::{Value, json};

use crate::api_calls::Caller;
use crate::sandbox::{Answer, Sandbox};

/// The names of an object's fields.
fn names(object: &Value) -> BTreeSet<&str> {
    object.as_object().unwrap().keys().map(String::as_str).collect()
}

/// The names of a shape's fields, those of the shapes that it is made of included; all required.
fn described<'a>(document: &'a Value, shape: &'a Value) -> BTreeSet<&'a str> {
    if let Some(reference) = shape["$ref"].as_str() {
        return described(document, document.pointer(&reference[1..]).unwrap());
    }
    if let Some(parts) = shape["allOf"].as_array() {
        return parts.iter().flat_map(|part| described(document, part)).collect();
    }
    let required = shape["required"].as_array().unwrap();
    let required: BTreeSet<_> = required.iter().map(|name| name.as_str().unwrap()).collect();
    assert_eq!(names(&shape["properties"]), required, "{shape}");
    required
}

#[test]
fn answers_have_the_fields_that_are_described() {
    let sandbox = Sandbox::new();
    let server = sandbox.serve(&[]);
    let admin = Caller::nobody(&server).with(&sandbox.key(&["admin"]));
    let document = admin.get("/openapi.json").json();
    let has = |answer: &Value, shape: &str| {
        let described = described(&document, &document["components"]["schemas"][shape]);
        assert_eq!(names(answer), described, "{shape}: {answer}");
    };
    let sent = admin.post("/v1/messages", &json!({ "to": ["alice"], "message": "x" }));
    has(&sent.json(), "Sent");
    has(&admin.get(sent.header("location")).json(), "Receipts");
    let page = admin.get("/v1/messages").json();
    has(&page, "SentPage");
    has(&page["messages"][0], "SentMessage");
    has(&admin.poke("/v1/users/alice/tokens").json(), "Token");
    has(&admin.poke("/v1/users/alice/tickets").json(), "Ticket");
    let export = admin.get("/v1/users/alice/export").json();
    has(&export, "Export");
    has(&export["items"][0], "ExportedItem");
    has(&admin.delete("/v1/users/alice").json(), "Forgotten");
    let key = admin.post("/v1/keys", &json!({ "name": "shop", "scopes": ["send"] })).json();
    has(&key, "CreatedKey");
    let keys = admin.get("/v1/keys").json();
    has(&keys, "Keys");
    has(&keys["keys"][0], "ApiKey");
    has(&admin.poke("/v1/sweep").json(), "Swept");
}

#[test]
fn every_path_allows_the_methods_that_are_described() {
    let sandbox = Sandbox::new();
    let server = sandbox.serve(&[]);
    let admin = Caller::nobody(&server).with(&sandbox.key(&["admin"]));
    let alice = admin.user("alice");
    for (path, operations) in admin.get("/openapi.json").json()["paths"].as_object().unwrap() {
        let described: BTreeSet<_> = names(operations).iter().map(|m| m.to_uppercase()).collect();
        // Who calls is settled first, by the inbox at least.
        let answer = alice.call("PATCH", &path.replace("{id}", "5"), &[], Some(b"{}"));
        answer.is_problem(405, "method-not-allowed", None);
        let allowed = answer.header("allow").split(',').map(str::trim);
        let allowed = allowed.filter(|method| *method != "HEAD").map(str::to_owned);
        assert_eq!(allowed.collect::<BTreeSet<_>>(), described, "{path}");
    }
}

#[test]
fn the_page_has_every_route_and_needs_nothing_from_elsewhere() {
    let server = Sandbox::new().serve(&["--database", "memory:"]);
    let nobody = Caller::nobody(&server);
    let page = nobody.get("/docs");
    assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
    assert!(page.header("content-security-policy").contains("default-src 'self'"));
    for forbidden in ["<script", "style=\"", " src=\"http", "href=\"http"] {
        assert!(!page.body.contains(forbidden), "{forbidden}");
    }
    for operations in nobody.get("/openapi.json").json()["paths"].as_object().unwrap().values() {
        for operation in operations.as_object().unwrap().values() {
            let id = operation["operationId"].as_str().unwrap().replace('_', "-");
            assert!(page.body.contains(&format!("id=\"{id}\"")), "{id}");
        }
    }
    for anchor in page.body.split("href=\"#").skip(1) {
        let anchor = anchor.split('"').next().unwrap();
        assert!(page.body.contains(&format!("id=\"{anchor}\"")), "{anchor}");
    }
    let known = nobody.call("GET", "/docs", &[("if-none-match", page.header("etag"))], None);
    assert_eq!((known.status, known.header("cache-control")), (304, "no-cache"));
}

/// A server below a path, whose proxy may take that path off or leave it.
#[test]
fn below_a_path_every_address_has_it_and_is_found_with_and_without() {
    let sandbox = Sandbox::new();
    let key = sandbox.key(&["admin"]);
    // Free a moment ago: the public address has to be known before the server listens.
    let host = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (listen, url) = (host.to_string(), format!("http://{host}/base"));
    let _server = sandbox.serve_at(&listen, &["--public-url", &url]);
    for at in [url.clone(), format!("http://{host}")] {
        let admin = Caller::at(&at).with(&key);
        let sent = admin.post("/v1/messages", &json!({ "to": ["alice"], "message": "x" }));
        assert_eq!(sent.status, 201);
        assert!(sent.header("location").starts_with("/base/v1/messages/m_"), "{sent:?}");
        let receipts =
            Caller::at(&format!("http://{host}")).with(&key).get(sent.header("location"));
        assert_eq!(receipts.status, 200, "as the browser's or the client's next request has it");
        let ticket = admin.poke("/v1/users/alice/tickets").json();
        assert!(ticket["url"].as_str().unwrap().starts_with(&format!("{url}/login?ticket=")));
        assert_eq!(admin.user("alice").get("/v1/inbox?limit=1").status, 200);
        admin.get("/v1/nowhere").is_problem(404, "no-such-address", None);

        let document = admin.get("/openapi.json").json();
        assert_eq!(document["servers"], json!([{ "url": url }]));
        let page: Answer = admin.get("/docs");
        for link in ["href=\"/base/static/docs.css?v=", "href=\"/base/openapi.json\""] {
            assert!(page.body.contains(link), "{link}");
        }
        assert!(page.body.contains(&format!("curl {url}/v1/messages")));
        assert!(!page.body.contains("href=\"/static"), "all below the path");
    }
}
