use restante::MessagesLayer;

use super::attempts::Attempts;
use crate::access::admin_sessions::AdminSessions;
use crate::http::Site;

/// How operators get in.
#[derive(Debug)]
pub(in crate::http) struct Door {
    pub(super) sessions: AdminSessions,
    pub(super) attempts: Attempts,
    /// What a page has to say after a form was sent: in a cookie of its own, so that the inbox in
    /// the same browser does not say it first.
    pub(super) flash: MessagesLayer,
}

impl Door {
    pub(in crate::http) fn new(
        sessions: AdminSessions,
        flash: &MessagesLayer,
        site: &Site,
    ) -> Self {
        let flash = flash
            .clone()
            .with_cookie_name("restante_admin_flash")
            .with_cookie_path(site.path("/admin"));
        Self { sessions, attempts: Attempts::new(), flash }
    }
}
