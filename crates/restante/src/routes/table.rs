//! Where the operations are.

use http::StatusCode;

use crate::Problem;

/// What a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    ListInbox,
    CountUnread,
    MarkRead,
    StreamInbox,
    GetItem,
    DismissItem,
    MarkItemRead,
    MarkItemUnread,
    MarkAllRead,
}

/// Every path with its methods, without the trailing slash that it may also have. Whoever gets may
/// also ask for the head.
pub(crate) const TABLE: [(&str, &[(&str, Operation)]); 8] = [
    ("/inbox", &[("GET", Operation::ListInbox)]),
    ("/inbox/count", &[("GET", Operation::CountUnread)]),
    ("/inbox/read", &[("POST", Operation::MarkRead)]),
    ("/inbox/stream", &[("GET", Operation::StreamInbox)]),
    ("/inbox/{id}", &[("GET", Operation::GetItem), ("DELETE", Operation::DismissItem)]),
    ("/inbox/{id}/read", &[("POST", Operation::MarkItemRead)]),
    ("/inbox/{id}/unread", &[("POST", Operation::MarkItemUnread)]),
    ("/mark_all_read", &[("POST", Operation::MarkAllRead)]),
];

/// The `Cache-Control` of every answer: one user's are not for another, nor to be shown again
/// without asking. Errors too: a cache may keep a 404 that says nothing of it.
pub(crate) const PRIVATE: &str = "private, no-cache";

/// The answer to a method that a path does not have; the header `Allow` comes from the framework.
pub(crate) fn method_not_allowed() -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "urn:restante:problem:method-not-allowed",
        "This address cannot be used that way",
        "the header Allow names the methods that work",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inbox_openapi;

    #[test]
    fn the_document_has_every_path_and_no_other() {
        let mut routed: Vec<_> = TABLE.iter().map(|(path, _)| *path).collect();
        routed.sort_unstable();
        let document = inbox_openapi();
        let described: Vec<_> = document.paths.paths.keys().map(String::as_str).collect();
        assert_eq!(described, routed);
    }
}
