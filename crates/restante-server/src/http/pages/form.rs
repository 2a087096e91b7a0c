use std::sync::Arc;

use axum::extract::{Form, FromRequest, FromRequestParts, Request};
use axum::http::HeaderMap;
use axum::response::Redirect;
use restante::Inbox;
use serde::Deserialize;

use super::App;
use super::list_query::ListQuery;
use super::problem::Problem;
use super::signed_in::SignedIn;

/// A form that came from one of our own pages, sent by the user who is signed in.
///
/// Handlers that change something take it and nothing else, so that none can forget to ask.
#[derive(Debug)]
pub(super) struct OwnForm {
    pub(super) inbox: Inbox,
    pub(super) as_of: String,
    list: ListQuery,
    base: String,
}

#[derive(Deserialize)]
struct Fields {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    as_of: String,
    #[serde(flatten)]
    list: ListQuery,
}

impl OwnForm {
    /// To the page where the form stood. 303: the browser asks for it anew, and a reload sends
    /// nothing twice.
    pub(super) fn back(&self) -> Redirect {
        Redirect::to(&format!("{}{}", self.base, self.list.path()))
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
        let Form(fields) = Form::<Fields>::from_request(request, app).await?;
        if !app.sessions.is_form_token(&signed_in.session, &fields.csrf) {
            return Err(Problem::Forbidden);
        }
        let inbox = signed_in.inbox(app)?;
        let base = app.site.base().to_owned();
        Ok(Self { inbox, as_of: fields.as_of, list: fields.list, base })
    }
}

/// Whether the browser says that another site sent it. Old browsers and programs say nothing; for
/// them the token decides.
fn comes_from_elsewhere(headers: &HeaderMap) -> bool {
    headers
        .get("sec-fetch-site")
        .is_some_and(|site| !["same-origin", "none"].iter().any(|own| site == own))
}
