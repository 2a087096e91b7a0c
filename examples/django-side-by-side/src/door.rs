//! What is not the service's is somebody else's behind the same origin.

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::CONNECTION;
use axum::http::uri::{InvalidUri, Scheme};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

/// The way to another server.
#[derive(Clone, Debug)]
pub(crate) struct Door {
    to: Uri,
    client: Client<HttpConnector, Body>,
}

impl Door {
    /// To the server at a URL such as `http://127.0.0.1:8000`.
    pub(crate) fn to(url: &str) -> Result<Self, InvalidUri> {
        let client = Client::builder(TokioExecutor::new()).build_http();
        Ok(Self { to: url.parse()?, client })
    }

    /// Asks there, and answers what it answers, as it comes: the bell's stream never ends.
    ///
    /// The header `Host` is the visitor's, by which Django tells its own forms from others'.
    pub(crate) async fn pass_on(&self, mut request: Request) -> Response {
        let mut parts = request.uri().clone().into_parts();
        parts.scheme = Some(Scheme::HTTP);
        parts.authority = self.to.authority().cloned();
        let Ok(uri) = Uri::from_parts(parts) else {
            return StatusCode::BAD_REQUEST.into_response();
        };
        *request.uri_mut() = uri;
        // It is about the connection to the visitor.
        request.headers_mut().remove(CONNECTION);
        match self.client.request(request).await {
            Ok(mut response) => {
                response.headers_mut().remove(CONNECTION);
                response.into_response()
            }
            Err(_) => StatusCode::BAD_GATEWAY.into_response(),
        }
    }
}
