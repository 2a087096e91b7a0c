use std::sync::Arc;

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use percent_encoding::percent_decode_str;
use restante::{Error, Problem};

use crate::http::App;

/// The query, pair by pair.
#[derive(Debug)]
pub(super) struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// The value of a name. An empty one asks for nothing.
    ///
    /// # Errors
    /// `Invalid` for this field when it is given twice.
    pub(super) fn get(&self, name: &'static str) -> Result<Option<&str>, Error> {
        let mut values = self.0.iter().filter(|(given, _)| given == name);
        let value = values.next();
        if values.next().is_some() {
            return Err(Error::invalid(name, "is given twice"));
        }
        Ok(value.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty()))
    }
}

impl FromRequestParts<Arc<App>> for Parameters {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let refused = || Problem::malformed("the query must be percent-encoded UTF-8");
        // What is not UTF-8 would be replaced, and something else looked for than was asked.
        let query = parts.uri.query().unwrap_or_default();
        percent_decode_str(query).decode_utf8().map_err(|_| refused())?;
        let Query(pairs) = Query::from_request_parts(parts, app).await.map_err(|_| refused())?;
        Ok(Self(pairs))
    }
}
