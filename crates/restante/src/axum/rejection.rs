use std::fmt;

use axum_core::body::Body;
use axum_core::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderValue};

/// Why an extractor gave nothing. As a response it is plain text that says what to add.
///
/// ```
/// use axum::{Router, body::Body, http::Request, routing::get};
/// use restante::{Messages, MessagesRejection};
/// use tower::ServiceExt;
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let app: Router = Router::new().route("/", get(async |_: Messages| {}));
/// let response = app.oneshot(Request::get("/").body(Body::empty()).unwrap()).await.unwrap();
/// assert_eq!(response.status(), MessagesRejection::MissingLayer.status());
/// assert!(MessagesRejection::MissingLayer.to_string().contains("add `.layer("));
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MessagesRejection {
    /// The route has no messages layer.
    MissingLayer,
    /// The layer has no store.
    MissingStore,
    /// Nobody is signed in.
    NotSignedIn,
    /// The id that the app gave for the user cannot be used.
    BadUser,
}

impl MessagesRejection {
    /// The status of the response: 401 when nobody is signed in, otherwise 500.
    pub fn status(self) -> StatusCode {
        match self {
            Self::NotSignedIn => StatusCode::UNAUTHORIZED,
            Self::MissingLayer | Self::MissingStore | Self::BadUser => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
        }
    }
}

impl fmt::Display for MessagesRejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::MissingLayer => {
                "this route has no messages: add `.layer(MessagesLayer::new(key))` to its router"
            }
            Self::MissingStore => {
                "this route has no inbox: add `.with_restante(restante)` to its MessagesLayer"
            }
            Self::NotSignedIn => "sign in to see your messages",
            Self::BadUser => "the id given by `with_user` cannot be a user's id",
        })
    }
}

impl std::error::Error for MessagesRejection {}

impl IntoResponse for MessagesRejection {
    fn into_response(self) -> Response {
        if self.status().is_server_error() {
            tracing::error!("{self}");
        }
        let mut response = Response::new(Body::from(self.to_string()));
        *response.status_mut() = self.status();
        let plain = HeaderValue::from_static("text/plain; charset=utf-8");
        response.headers_mut().insert(CONTENT_TYPE, plain);
        response
    }
}
