//! What becomes of messages in each library: what COMPARE.md says, in the order of its table.
//!
//! Three figures are those of restante, axum-messages and actix-web-flash-messages. Those of restante
//! are the same in axum and in actix-web.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::actix_side::{self, actix, without_layer};
use crate::axum_sides::{Axum, with_axum_messages, with_restante};
use crate::browser::Browser;
use crate::side::Operation::{self, Add, AddHuge, Idle, Read, ReadAndFail, ReadAndRedirect};
use crate::side::{Keeps, Side, TEXT};

/// How often the next page that reads shows the text after these visits.
fn shown_after(visits: &[Operation]) -> [usize; 3] {
    fn shown<S: Side>(mut side: S, visits: &[Operation]) -> usize {
        let mut browser = Browser::default();
        for visit in visits {
            browser.visit(&mut side, *visit);
        }
        browser.visit(&mut side, Read).body.matches(TEXT).count()
    }
    let ours = shown(Axum::restante(), visits);
    assert_eq!(shown(actix_side::restante(), visits), ours, "in actix-web");
    [ours, shown(Axum::axum_messages(), visits), shown(actix(), visits)]
}

/// The status that a visit is answered with; `None` when the library panics.
fn status<S: Side>(mut side: S, visit: Operation) -> Option<u16> {
    let visit = || Browser::default().visit(&mut side, visit).status;
    catch_unwind(AssertUnwindSafe(visit)).ok()
}

#[test]
fn shown_once() {
    assert_eq!(shown_after(&[Add]), [1, 1, 1]);
    assert_eq!(shown_after(&[Add, Read]), [0, 0, 0]);
}

#[test]
fn another_request_comes_in_between() {
    assert_eq!(shown_after(&[Add, Idle]), [1, 1, 0]);
}

#[test]
fn two_are_said_before_a_page_reads() {
    assert_eq!(shown_after(&[Add, Add]), [2, 1, 1]);
}

#[test]
fn taken_and_then_redirected() {
    assert_eq!(shown_after(&[Add, ReadAndRedirect]), [1, 0, 0]);
}

#[test]
fn taken_and_then_failed() {
    // tower-sessions does not save what a server's error changed.
    assert_eq!(shown_after(&[Add, ReadAndFail]), [1, 1, 0]);
}

#[test]
fn an_idle_response_sets_cookies() {
    assert_eq!(Axum::restante().answer(Idle, None).set_cookies.len(), 0);
    assert_eq!(actix_side::restante().answer(Idle, None).set_cookies.len(), 0);
    assert_eq!(Axum::axum_messages().answer(Idle, None).set_cookies.len(), 0);
    assert_eq!(actix().answer(Idle, None).set_cookies.len(), 1);
}

#[test]
fn more_than_a_cookie_holds() {
    assert_eq!(status(Axum::restante(), AddHuge), Some(303));
    assert_eq!(status(actix_side::restante(), AddHuge), Some(303));
    assert_eq!(status(Axum::axum_messages(), AddHuge), Some(303));
    assert_eq!(status(actix(), AddHuge), None);
}

#[test]
fn without_the_layer() {
    assert_eq!(status(Axum::new(Keeps::Nothing, with_restante()), Add), Some(500));
    assert_eq!(status(actix_side::restante_without_layer(), Add), Some(500));
    assert_eq!(status(Axum::new(Keeps::Nothing, with_axum_messages()), Add), Some(500));
    assert_eq!(status(without_layer(), Add), None);
}
