//! As much of a browser as flash messages need: it keeps cookies.

use std::collections::BTreeMap;

use crate::side::{Answer, IDLE, Keeps, Operation, Side, TEXT};

#[derive(Debug, Default)]
pub(crate) struct Browser {
    cookies: BTreeMap<String, String>,
}

impl Browser {
    /// The `Cookie` header of the next request.
    pub(crate) fn cookie(&self) -> Option<String> {
        let pairs: Vec<_> = self.cookies.iter().map(|(name, v)| format!("{name}={v}")).collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }

    pub(crate) fn visit<S: Side>(&mut self, side: &mut S, operation: Operation) -> Answer {
        let answer = side.answer(operation, self.cookie().as_deref());
        for set_cookie in &answer.set_cookies {
            let (pair, attributes) = set_cookie.split_once(';').unwrap_or((set_cookie, ""));
            let (name, value) = pair.split_once('=').expect("a cookie");
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }
}

/// Sees to it that the library does what is to be measured: a message that was said is shown on the
/// next page and on no other.
///
/// # Panics
/// When it does not.
pub(crate) fn check<S: Side>(side: &mut S) {
    let mut browser = Browser::default();
    let idle = browser.visit(side, Operation::Idle);
    assert_eq!((idle.status, &*idle.body), (200, IDLE));
    let added = browser.visit(side, Operation::Add);
    assert_eq!(added.status, 303);
    if side.keeps() == Keeps::Nothing {
        return;
    }
    assert_eq!(added.set_cookies.len(), 1, "a cookie for the message, or for its session");
    for shown in [TEXT, ""] {
        let page = browser.visit(side, Operation::Read);
        assert_eq!((page.status, &*page.body), (200, shown));
        let is_cleared_by_cookie = !shown.is_empty() && side.keeps() == Keeps::InCookie;
        assert!(page.set_cookies.len() == 1 || !is_cleared_by_cookie, "{page:?}");
    }
    assert_eq!(browser.cookies.is_empty(), side.keeps() == Keeps::InCookie, "{browser:?}");
}
