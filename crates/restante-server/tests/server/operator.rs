//! A browser of somebody who administers, without JavaScript.

use std::fmt::Write as _;

use crate::sandbox::{Answer, Server};

/// A browser, with the session that it has.
#[derive(Clone)]
pub(crate) struct Operator<'a> {
    server: &'a Server,
    /// Where the pages are: a base path, or nothing.
    base: &'a str,
    cookie: String,
}

impl<'a> Operator<'a> {
    pub(crate) fn nobody(server: &'a Server) -> Self {
        Self { server, base: "", cookie: String::new() }
    }

    pub(crate) fn with_cookie(&self, cookie: &str) -> Self {
        Self { cookie: cookie.to_owned(), ..self.clone() }
    }

    pub(crate) fn below(&self, base: &'a str) -> Self {
        Self { base, ..self.clone() }
    }

    /// The same browser at another server.
    pub(crate) fn at<'b>(&self, server: &'b Server) -> Operator<'b>
    where
        'a: 'b,
    {
        Operator { server, base: self.base, cookie: self.cookie.clone() }
    }

    /// What the sign-in form answers to a key.
    pub(crate) fn try_key(&self, key: &str, headers: &[(&str, &str)]) -> Answer {
        let path = format!("{}/admin/signin", self.base);
        self.server.post(&path, headers, &format!("key={}", encoded(key.trim())))
    }

    /// Signed in with a key that lets in.
    pub(crate) fn sign_in(&self, key: &str) -> Self {
        let answer = self.try_key(key, &[]);
        assert_eq!(answer.status, 303, "{answer:?}");
        self.with_cookie(&answer.cookie())
    }

    pub(crate) fn cookie(&self) -> &str {
        &self.cookie
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.server.get(&format!("{}{path}", self.base), &[("cookie", &self.cookie)])
    }

    /// A page that must be there.
    pub(crate) fn page(&self, path: &str) -> String {
        let answer = self.get(path);
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        answer.body
    }

    /// The token that this session's forms carry.
    pub(crate) fn csrf(&self) -> String {
        self.get("/admin").field("csrf")
    }

    pub(crate) fn post(&self, path: &str, form: &str, headers: &[(&str, &str)]) -> Answer {
        let cookie = [("cookie", self.cookie.as_str())];
        self.server.post(&format!("{}{path}", self.base), &[&cookie, headers].concat(), form)
    }

    /// Sends a form of one of our own pages.
    pub(crate) fn submit(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut form = format!("csrf={}", encoded(&self.csrf()));
        for (name, value) in fields {
            let _ = write!(form, "&{name}={}", encoded(value));
        }
        self.post(path, &form, &[("sec-fetch-site", "same-origin")])
    }

    /// Sends the form of a message as a browser does, with these fields filled in.
    pub(crate) fn compose(&self, fields: &[(&str, &str)]) -> Answer {
        let page = self.get("/admin/compose");
        let hidden = [("csrf", page.field("csrf")), ("key", page.field("key"))];
        let hidden: Vec<_> = hidden.iter().map(|(name, value)| (*name, value.as_str())).collect();
        self.send_parts("/admin/compose", &[&hidden, fields].concat(), &[])
    }

    /// Sends parts of a form; a name that begins with `file:` is that of a file.
    pub(crate) fn send_parts(
        &self,
        path: &str,
        parts: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> Answer {
        const BOUNDARY: &str = "----boundary0123456789";
        let mut body = String::new();
        for (name, value) in parts {
            let named = match name.strip_prefix("file:") {
                Some(file) => format!("name=\"file\"; filename=\"{file}\""),
                None => format!("name=\"{name}\""),
            };
            let _ = write!(
                body,
                "--{BOUNDARY}\r\ncontent-disposition: form-data; {named}\r\n\r\n{value}\r\n"
            );
        }
        let _ = write!(body, "--{BOUNDARY}--\r\n");
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        let own = [("cookie", self.cookie.as_str()), ("content-type", kind.as_str())];
        self.server.post_as(&format!("{}{path}", self.base), &[&own, headers].concat(), &body)
    }
}

/// A value as a form has it.
pub(crate) fn encoded(value: &str) -> String {
    value.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

/// The id of the message that an answer leads to.
pub(crate) fn sent_id(answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{answer:?}");
    let (_, id) = answer.header("location").split_once("/admin/sent/").unwrap();
    id.to_owned()
}
