use restante::Messages;

use super::level::LevelView;
use super::signed_in::Admin;
use crate::http::App;
use crate::http::pages::assets;

/// What every page shows around its own.
#[derive(Debug)]
pub(super) struct Shell {
    /// Below which path everything is.
    pub(super) base: String,
    /// Which part of the navigation is open.
    here: &'static str,
    /// The name of the key that the session was begun with.
    pub(super) key: String,
    /// What every form carries.
    pub(super) csrf: String,
    pub(super) said: Vec<Said>,
}

/// What the last request has to say.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) level: LevelView,
    pub(super) text: String,
}

/// The parts of the navigation: path and name.
const PARTS: [(&str, &str); 5] = [
    ("/admin", "Overview"),
    ("/admin/compose", "Compose"),
    ("/admin/sent", "Sent"),
    ("/admin/users", "Users"),
    ("/admin/keys", "Keys"),
];

impl Shell {
    /// `here` is the path of the part of the navigation that the page belongs to.
    pub(super) fn new(app: &App, admin: &Admin, here: &'static str) -> Self {
        Self {
            base: app.site.base().to_owned(),
            here,
            key: admin.key.name.clone(),
            csrf: admin.form_token(app),
            said: Vec::new(),
        }
    }

    /// With what is to be said once on top.
    pub(super) async fn saying(mut self, messages: &Messages) -> Self {
        let said = messages.take().await;
        self.said = said
            .iter()
            .map(|said| Said { level: said.level.into(), text: said.message.clone() })
            .collect();
        self
    }

    /// Where a style, script or picture is.
    pub(super) fn asset(&self, name: &str) -> String {
        assets::path(&self.base, name)
    }

    pub(super) fn parts(&self) -> [(&'static str, &'static str, bool); 5] {
        PARTS.map(|(path, name)| (path, name, path == self.here))
    }
}
