//! A browser without a window: curl, and the cookies. Its own jar is no use here: curl 7.88 brings a
//! cookie back that one header deleted when a second header sets another one.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde_json::Value;
use tokio::process::Command;

use crate::origin::Origin;

/// Who of the two is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Django,
    App,
}

pub(crate) const BOTH_WAYS: [(Side, Side); 2] =
    [(Side::Django, Side::App), (Side::App, Side::Django)];

/// Somebody with cookies.
#[derive(Debug, Default)]
pub(crate) struct Visitor {
    jar: RefCell<BTreeMap<String, String>>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: String,
}

impl Answer {
    /// Whether the app says that nothing is missing.
    pub(crate) fn is_complete(&self) -> bool {
        self.head.contains("x-complete: true")
    }

    /// The messages that it shows.
    pub(crate) fn shown(&self) -> Vec<Value> {
        assert_eq!(self.status, 200, "{self:?}");
        serde_json::from_str(&self.body).unwrap()
    }
}

impl Visitor {
    /// Asks for `say`, `show`, `page` or `idle`.
    pub(crate) async fn ask(
        &self,
        origin: &Origin,
        side: Side,
        what: &str,
        body: Option<&[Value]>,
    ) -> Answer {
        let cookies: Vec<_> =
            self.jar.borrow().iter().map(|(name, value)| format!("{name}={value}")).collect();
        let side = if side == Side::Django { "django" } else { "app" };
        let mut curl = Command::new("curl");
        curl.args(["--silent", "--show-error", "--include", "--noproxy", "*"]);
        curl.arg("--header").arg(format!("Cookie: {}", cookies.join("; ")));
        if let Some(body) = body {
            curl.arg("--json").arg(serde_json::to_string(body).unwrap());
        }
        let output = curl.arg(format!("{}/{side}/{what}", origin.url)).output().await.unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        for line in head.lines() {
            self.keep_cookie(line);
        }
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, head: head.to_owned(), body: body.to_owned() }
    }

    /// Keeps the cookie of a `Set-Cookie` header, or deletes it.
    fn keep_cookie(&self, line: &str) {
        let Some((header, cookie)) = line.split_once(':') else { return };
        if !header.eq_ignore_ascii_case("set-cookie") {
            return;
        }
        let (pair, attributes) = cookie.split_once(';').unwrap();
        let (name, value) = pair.trim().split_once('=').unwrap();
        let mut jar = self.jar.borrow_mut();
        if attributes.contains("Max-Age=0") {
            jar.remove(name);
        } else {
            jar.insert(name.to_owned(), value.to_owned());
        }
    }

    pub(crate) async fn say(&self, origin: &Origin, side: Side, said: &[Value]) {
        let answer = self.ask(origin, side, "say", Some(said)).await;
        assert_eq!(answer.body, "said", "{answer:?}");
    }

    pub(crate) async fn show(&self, origin: &Origin, side: Side) -> Vec<Value> {
        self.ask(origin, side, "show", None).await.shown()
    }

    /// The texts that are shown.
    pub(crate) async fn texts(&self, origin: &Origin, side: Side) -> Vec<String> {
        self.ask(origin, side, "show", None).await.shown().iter().map(text).collect()
    }

    pub(crate) async fn page(&self, origin: &Origin, side: Side) -> String {
        self.ask(origin, side, "page", None).await.body
    }

    /// The cookie that both share.
    pub(crate) fn cookie(&self) -> Option<String> {
        self.jar.borrow().get("messages").cloned()
    }
}

/// The text of a message as it was said or shown.
pub(crate) fn text(message: &Value) -> String {
    message["text"].as_str().unwrap().to_owned()
}
