use std::sync::Arc;

use axum::extract::{Form, FromRequest, FromRequestParts, Request};
use axum::response::Redirect;
use restante::{Error, Inbox, ItemId, limits};

use super::App;
use super::list_query::ListQuery;
use super::problem::Problem;
use super::signed_in::SignedIn;
use crate::http::visitor::comes_from_elsewhere;

/// A form that came from one of our own pages, sent by the user who is signed in.
///
/// Handlers that change something take it and nothing else, so that none can forget to ask.
#[derive(Debug)]
pub(super) struct OwnForm {
    pub(super) inbox: Inbox,
    fields: Fields,
    base: String,
}

/// What a form of ours may hold. Several boxes that are ticked have one name, so the fields are
/// read as a list.
#[derive(Debug, Default)]
struct Fields {
    csrf: String,
    as_of: String,
    /// The boxes that were ticked.
    ids: Vec<String>,
    /// The item whose page the list stood on.
    item: String,
    list: ListQuery,
}

impl From<Vec<(String, String)>> for Fields {
    fn from(pairs: Vec<(String, String)>) -> Self {
        let mut fields = Self::default();
        for (name, value) in pairs {
            match name.as_str() {
                "csrf" => fields.csrf = value,
                "as_of" => fields.as_of = value,
                "ids" => fields.ids.push(value),
                "item" => fields.item = value,
                name => {
                    if let Some(part) = fields.list.field(name) {
                        *part = value;
                    }
                }
            }
        }
        fields
    }
}

impl OwnForm {
    /// What the page showed or could have shown.
    pub(super) fn as_of(&self) -> &str {
        &self.fields.as_of
    }

    /// The items whose boxes were ticked.
    ///
    /// # Errors
    /// `Invalid` and `TooLarge` for the field `ids`.
    pub(super) fn ticked(&self) -> Result<Vec<ItemId>, Error> {
        if self.fields.ids.len() > limits::PAGE_ITEMS {
            return Err(Error::too_large("ids", "at most 100 messages are ticked at once"));
        }
        let ids = self.fields.ids.iter().map(|id| id.parse());
        ids.collect::<Result<_, Error>>()
            .map_err(|error| Error::invalid("ids", "an id is a number").with_source(error))
    }

    /// To the page where the form stood. 303: the browser asks for it anew, and a reload sends
    /// nothing twice.
    pub(super) fn back(&self) -> Redirect {
        match self.fields.item.parse() {
            Ok(item) => self.to_item(item),
            Err(_) => self.to_list(),
        }
    }

    /// To the page where the form stood, unless it was that of one of these items, which are gone.
    pub(super) fn back_without(&self, gone: &[ItemId]) -> Redirect {
        match self.fields.item.parse() {
            Ok(item) if gone.contains(&item) => self.to_list(),
            _ => self.back(),
        }
    }

    /// To an item's own page.
    pub(super) fn to_item(&self, id: ItemId) -> Redirect {
        Redirect::to(&format!("{}{}", self.base, self.fields.list.item_path(id)))
    }

    fn to_list(&self) -> Redirect {
        Redirect::to(&format!("{}{}", self.base, self.fields.list.path()))
    }
}

impl FromRequest<Arc<App>> for OwnForm {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let signed_in = SignedIn::from_request_parts(&mut parts, app).await?;
        if comes_from_elsewhere(&parts.headers) {
            return Err(Problem::Forbidden);
        }
        let request = Request::from_parts(parts, body);
        let Form(pairs) = Form::<Vec<(String, String)>>::from_request(request, app).await?;
        let fields = Fields::from(pairs);
        if !app.sessions.is_form_token(&signed_in.session, &fields.csrf) {
            return Err(Problem::Forbidden);
        }
        let inbox = signed_in.inbox(app)?;
        Ok(Self { inbox, fields, base: app.site.base().to_owned() })
    }
}
