//! Calls of the JSON interface, as a program in any language makes them.

use std::io::Read;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use ureq::http::Request;

use crate::sandbox::{self, Answer, Server};

/// Whoever calls a server, with what it shows to be let in.
#[derive(Clone)]
pub(crate) struct Caller {
    url: String,
    bearer: Option<String>,
}

impl Caller {
    pub(crate) fn nobody(server: &Server) -> Self {
        Self::at(server.url())
    }

    /// At an address that may end in a path.
    pub(crate) fn at(url: &str) -> Self {
        Self { url: url.to_owned(), bearer: None }
    }

    /// The same with a key or token.
    pub(crate) fn with(&self, bearer: &str) -> Self {
        Self { bearer: Some(bearer.trim_end().to_owned()), ..self.clone() }
    }

    /// A user, with a token made by this caller.
    pub(crate) fn user(&self, name: &str) -> Self {
        let made = self.post(&format!("/v1/users/{name}/tokens"), &json!({}));
        assert_eq!(made.status, 201, "{made:?}");
        self.with(made.json()["token"].as_str().unwrap())
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.call("GET", path, &[], None)
    }

    pub(crate) fn delete(&self, path: &str) -> Answer {
        self.call("DELETE", path, &[], None)
    }

    /// A POST without a body.
    pub(crate) fn poke(&self, path: &str) -> Answer {
        self.call("POST", path, &[], None)
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        self.post_text(path, &body.to_string())
    }

    /// A body that may be no JSON at all.
    pub(crate) fn post_text(&self, path: &str, body: &str) -> Answer {
        self.call("POST", path, &[("content-type", "application/json")], Some(body.as_bytes()))
    }

    /// A body that is told in pieces and without its length.
    pub(crate) fn post_chunked(&self, path: &str, body: impl Read) -> Answer {
        let request = self.request("POST", path, &[("content-type", "application/json")]);
        let mut body = body;
        read(agent().run(request.body(ureq::SendBody::from_reader(&mut body)).unwrap()))
    }

    pub(crate) fn call(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&[u8]>,
    ) -> Answer {
        let request = self.request(method, path, headers);
        match body {
            Some(body) => read(agent().run(request.body(body).unwrap())),
            None if method == "POST" => read(agent().run(request.body(&[][..]).unwrap())),
            None => read(agent().run(request.body(()).unwrap())),
        }
    }

    fn request(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
    ) -> ureq::http::request::Builder {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        match &self.bearer {
            Some(bearer) => request.header("authorization", format!("Bearer {bearer}")),
            None => request,
        }
    }

    /// Sends to one user and gives the message's id.
    pub(crate) fn send(&self, to: &str, text: &str) -> String {
        let sent = self.post("/v1/messages", &json!({ "to": [to], "message": text }));
        assert_eq!(sent.status, 201, "{sent:?}");
        sent.json()["id"].as_str().unwrap().to_owned()
    }

    /// The id of the newest item of this user's inbox.
    pub(crate) fn newest(&self) -> String {
        self.get("/v1/inbox").json()["items"][0]["id"].to_string()
    }

    pub(crate) fn unread(&self) -> u64 {
        self.get("/v1/inbox/count").json()["unread"].as_u64().unwrap()
    }
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// Asserts that it is a problem of this status, type and field.
    #[track_caller]
    pub(crate) fn is_problem(&self, status: u16, kind: &str, field: Option<&str>) {
        assert_eq!(self.header("content-type"), "application/problem+json", "{self:?}");
        let told = self.json();
        assert_eq!(self.status, status, "{told}");
        assert_eq!(told["status"], status, "{told}");
        assert_eq!(told["type"], format!("urn:restante:problem:{kind}"), "{told}");
        assert_eq!(told["field"].as_str(), field, "{told}");
        assert!(told["title"].is_string() && told["detail"].is_string(), "{told}");
    }
}

/// A token as an app signs it that knows the secret.
pub(crate) fn sign(secret: &str, user: &str, seconds_from_now: i64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let exp = now.checked_add_signed(seconds_from_now).unwrap();
    let claims = json!({ "sub": user, "exp": exp, "iat": now - 120 }).to_string();
    let header = BASE64.encode(r#"{"alg":"HS256","typ":"JWT"}"#);
    let signed = format!("{header}.{}", BASE64.encode(claims));
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(signed.as_bytes());
    format!("{signed}.{}", BASE64.encode(mac.finalize().into_bytes()))
}

/// Every status is an answer; long lists take their time.
fn agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .allow_non_standard_methods(true)
        .timeout_global(Some(Duration::from_secs(60)))
        .build()
        .into()
}

fn read(response: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Answer {
    sandbox::read(response.unwrap())
}
