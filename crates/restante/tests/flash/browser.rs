use std::collections::BTreeMap;

use axum::http::{HeaderMap, Request, StatusCode, header};
use restante::Level;

/// An app in one of the frameworks.
pub(crate) trait App: Clone {
    /// A response as the framework has it.
    type Response;

    /// The response's head; its body is not read yet.
    async fn begin(&self, request: Request<()>) -> Begun<Self::Response>;

    async fn read(response: Self::Response) -> String;
}

/// A response of which the head is there.
pub(crate) struct Begun<R> {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// The messages that it leaves for the next request.
    pub(crate) flash: Vec<(Level, String)>,
    pub(crate) response: R,
}

/// Keeps cookies and sends them along.
#[derive(Clone)]
pub(crate) struct Browser<A> {
    app: A,
    pub(crate) jar: BTreeMap<String, String>,
    /// Sent with each request.
    pub(crate) headers: HeaderMap,
}

/// A response that was read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
    /// The messages that it leaves for the next request.
    pub(crate) flash: Vec<(Level, String)>,
}

impl<A: App> Browser<A> {
    pub(crate) fn new(app: A) -> Self {
        Self { app, jar: BTreeMap::new(), headers: HeaderMap::new() }
    }

    /// The same browser with a header on every request.
    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.insert(name, value.parse().unwrap());
        self
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send("GET", path).await
    }

    pub(crate) async fn send(&mut self, method: &str, path: &str) -> Answer {
        let begun = self.begin(method, path).await;
        self.keep_cookies(&begun.headers);
        self.read(begun).await
    }

    /// The response as it is, its cookies not yet kept: for requests that overlap.
    pub(crate) async fn begin(&self, method: &str, path: &str) -> Begun<A::Response> {
        let mut request = Request::builder().method(method).uri(path).body(()).unwrap();
        request.headers_mut().extend(self.headers.clone());
        if !self.jar.is_empty() {
            let pairs: Vec<_> =
                self.jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request.headers_mut().insert(header::COOKIE, pairs.join("; ").parse().unwrap());
        }
        self.app.begin(request).await
    }

    pub(crate) async fn read(&self, begun: Begun<A::Response>) -> Answer {
        let Begun { status, headers, flash, response } = begun;
        Answer { status, headers, body: A::read(response).await, flash }
    }

    pub(crate) fn keep_cookies(&mut self, headers: &HeaderMap) {
        for cookie in headers.get_all(header::SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            let (pair, attributes) = cookie.split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if attributes.contains("Max-Age=0") {
                self.jar.remove(name);
            } else {
                self.jar.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

impl Answer {
    /// The `Set-Cookie` header of this cookie.
    pub(crate) fn set_cookie_of(&self, name: &str) -> Option<String> {
        let cookies = self.headers.get_all(header::SET_COOKIE).iter();
        let mut cookies = cookies.filter_map(|cookie| cookie.to_str().ok());
        cookies.find(|cookie| cookie.starts_with(&format!("{name}="))).map(str::to_owned)
    }

    /// The `Set-Cookie` header of the flash cookie.
    pub(crate) fn set_cookie(&self) -> Option<String> {
        self.set_cookie_of("messages")
    }

    /// Whether it deletes the flash cookie.
    pub(crate) fn deletes(&self) -> bool {
        self.set_cookie().is_some_and(|cookie| cookie.contains("Max-Age=0"))
    }

    /// The texts that it leaves for the next request.
    pub(crate) fn left(&self) -> Vec<&str> {
        self.flash.iter().map(|(_, text)| text.as_str()).collect()
    }

    /// Whether the last look was complete.
    pub(crate) fn is_complete(&self) -> bool {
        self.headers["x-complete"] == "true"
    }
}
