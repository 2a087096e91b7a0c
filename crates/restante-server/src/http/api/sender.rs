use std::marker::PhantomData;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use restante::store::ApiKey;

use super::bearer::{Bearer, bearer};
use super::refusals::Refusal;
use crate::access::{Scope, keys};
use crate::http::App;

/// The API key that calls, which may do what `S` takes. Handlers of senders take it first, so that
/// nobody else is read from.
#[derive(Debug)]
pub(super) struct Sender<S> {
    pub(super) key: ApiKey,
    scope: PhantomData<S>,
}

/// A scope as part of a handler's signature.
pub(super) trait Needs {
    const SCOPE: Scope;
}

/// Send, and see and retract what it sent.
pub(super) struct Sending;
/// Make and end users' tokens.
pub(super) struct MakingTokens;
/// Everything.
pub(super) struct Administering;

impl Needs for Sending {
    const SCOPE: Scope = Scope::Send;
}

impl Needs for MakingTokens {
    const SCOPE: Scope = Scope::Tokens;
}

impl Needs for Administering {
    const SCOPE: Scope = Scope::Admin;
}

impl<S> Sender<S> {
    /// Whose messages it may see: its own, or with `None` everybody's.
    pub(super) fn sees(&self) -> Option<&str> {
        if Scope::Admin.is_held(&self.key.scopes) { None } else { Some(&self.key.id) }
    }
}

impl<S: Needs> FromRequestParts<Arc<App>> for Sender<S> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Refusal> {
        let key = match bearer(&parts.headers) {
            Some(Bearer::Key(key)) => keys::find(app.store().as_ref(), key).await?,
            Some(Bearer::Token(token)) => {
                let (store, now) = (app.store().as_ref(), app.restante.now());
                return Err(match app.tokens.read(store, now, token).await? {
                    Ok(_) => Refusal::Kind("a user's token opens that user's inbox alone"),
                    Err(refused) => Refusal::Token(refused),
                });
            }
            None => {
                let wanted = "an API key is needed, in the header `Authorization: Bearer …`";
                return Err(Refusal::Nobody { wanted });
            }
        };
        let key = key.ok_or(Refusal::Key)?;
        app.key_limits.count(&key.id)?;
        if !S::SCOPE.is_held(&key.scopes) {
            return Err(Refusal::Scope(S::SCOPE));
        }
        Ok(Self { key, scope: PhantomData })
    }
}
