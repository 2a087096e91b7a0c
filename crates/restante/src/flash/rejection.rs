use std::fmt;

use http::StatusCode;

/// Why an extractor gave nothing. As a response it is plain text that says what to add.
///
/// ```
/// use restante::MessagesRejection;
///
/// assert_eq!(MessagesRejection::MissingStore.status().as_u16(), 500);
/// assert_eq!(MessagesRejection::NotSignedIn.to_string(), "sign in to see your messages");
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

/// In whose words it is said what to add.
#[cfg(any(feature = "axum", feature = "actix-web"))]
#[derive(Clone, Copy, Debug)]
pub(crate) enum Framework {
    #[cfg(feature = "axum")]
    Axum,
    #[cfg(feature = "actix-web")]
    Actix,
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

    /// What to do about it.
    #[cfg(any(feature = "axum", feature = "actix-web"))]
    pub(crate) fn advice(self, framework: Framework) -> &'static str {
        match (self, framework) {
            #[cfg(feature = "axum")]
            (Self::MissingLayer, Framework::Axum) => {
                "this route has no messages: add `.layer(MessagesLayer::new(key))` to its router"
            }
            #[cfg(feature = "actix-web")]
            (Self::MissingLayer, Framework::Actix) => {
                "this route has no messages: add `.wrap(MessagesMiddleware::new(key))` to its app"
            }
            #[cfg(feature = "axum")]
            (Self::MissingStore, Framework::Axum) => {
                "this route has no inbox: add `.with_restante(restante)` to its MessagesLayer"
            }
            #[cfg(feature = "actix-web")]
            (Self::MissingStore, Framework::Actix) => {
                "this route has no inbox: add `.with_restante(restante)` to its MessagesMiddleware"
            }
            (Self::NotSignedIn, _) => "sign in to see your messages",
            (Self::BadUser, _) => "the id given by `with_user` cannot be a user's id",
        }
    }
}

impl fmt::Display for MessagesRejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::MissingLayer => "this route has no messages: its app has no messages layer",
            Self::MissingStore => "this route has no inbox: its messages layer has no store",
            Self::NotSignedIn => "sign in to see your messages",
            Self::BadUser => "the id given by `with_user` cannot be a user's id",
        })
    }
}

impl std::error::Error for MessagesRejection {}
