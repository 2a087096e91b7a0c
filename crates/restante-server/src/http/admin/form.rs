use std::sync::Arc;

use axum::extract::{Form, FromRequest, FromRequestParts, Request};

use super::problem::Problem;
use super::signed_in::Admin;
use crate::http::App;
use crate::http::visitor::comes_from_elsewhere;

/// A form that came from one of our own pages, sent by the operator who is signed in.
///
/// Handlers that change something take it and nothing else, so that none can forget to ask.
#[derive(Debug)]
pub(super) struct OwnForm {
    pub(super) admin: Admin,
    fields: Vec<(String, String)>,
}

impl OwnForm {
    /// The first value of this name; empty when there is none.
    pub(super) fn get(&self, name: &str) -> &str {
        self.all(name).next().unwrap_or_default()
    }

    /// All values of this name.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        let of_name = self.fields.iter().filter(move |(given, _)| given == name);
        of_name.map(|(_, value)| value.as_str())
    }
}

impl FromRequest<Arc<App>> for OwnForm {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let admin = Admin::from_request_parts(&mut parts, app).await?;
        if comes_from_elsewhere(&parts.headers) {
            return Err(Problem::Forbidden);
        }
        let request = Request::from_parts(parts, body);
        let Form(fields) = Form::<Vec<(String, String)>>::from_request(request, app).await?;
        let form = Self { admin, fields };
        if form.admin.is_form_token(app, form.get("csrf")) {
            Ok(form)
        } else {
            Err(Problem::Forbidden)
        }
    }
}
