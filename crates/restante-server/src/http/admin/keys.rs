//! API keys: listed, made, revoked.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use askama::Template;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, Redirect};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use restante::store::ApiKey;
use restante::{Error, Messages};
use sha2::{Digest, Sha256};

use super::compose::sentence;
use super::form::OwnForm;
use super::problem::Problem;
use super::row::Time;
use super::shell::Shell;
use super::signed_in::Admin;
use crate::access::keys::FreshKey;
use crate::access::{Scope, keys, random};
use crate::http::App;

/// For how long the form of a page makes one key and no second.
const FORM_LIFETIME: Duration = Duration::from_secs(86_400);

#[derive(Template)]
#[template(path = "admin/keys.html")]
struct KeysPage {
    shell: Shell,
    keys: Vec<KeyRow>,
    /// The key that was just made, and its name.
    fresh: Option<(String, String)>,
    /// Each form makes one key, however often it is sent.
    once: String,
    name: String,
    scopes: Vec<ScopeChoice>,
    name_error: String,
    scopes_error: String,
    /// What is wrong with the form as a whole.
    error: String,
}

/// A key, without the key itself.
struct KeyRow {
    id: String,
    name: String,
    scopes: Vec<String>,
    made: Time,
    revoked: Option<Time>,
    /// Whether this session was begun with it.
    is_ours: bool,
}

struct ScopeChoice {
    name: &'static str,
    about: &'static str,
    is_chosen: bool,
}

#[derive(Template)]
#[template(path = "admin/revoke.html")]
struct RevokePage {
    shell: Shell,
    key: KeyRow,
}

impl KeyRow {
    fn new(now: SystemTime, key: ApiKey, admin: &Admin) -> Self {
        Self {
            is_ours: key.id == admin.key.id,
            id: key.id,
            name: key.name,
            scopes: key.scopes,
            made: Time::new(now, key.created_at),
            revoked: key.revoked_at.map(|time| Time::new(now, time)),
        }
    }
}

impl KeysPage {
    async fn new(app: &App, admin: &Admin, chosen: &[&str]) -> Result<Self, Problem> {
        let now = app.restante.now();
        let mut keys = app.store().api_keys().await?;
        // Those that open something first, each kind newest first.
        keys.reverse();
        keys.sort_by_key(|key| key.revoked_at.is_some());
        Ok(Self {
            shell: Shell::new(app, admin, "/admin/keys"),
            keys: keys.into_iter().map(|key| KeyRow::new(now, key, admin)).collect(),
            fresh: None,
            once: BASE64.encode(random::<16>()?),
            name: String::new(),
            scopes: Scope::ALL.map(|scope| ScopeChoice::new(scope, chosen)).into(),
            name_error: String::new(),
            scopes_error: String::new(),
            error: String::new(),
        })
    }
}

impl ScopeChoice {
    fn new(scope: Scope, chosen: &[&str]) -> Self {
        let about = match scope {
            Scope::Send => "Send, and see and retract what it sent",
            Scope::Tokens => "Make and end tokens of users",
            Scope::Admin => "Everything, these pages too",
        };
        Self { name: scope.name(), about, is_chosen: chosen.contains(&scope.name()) }
    }
}

/// `GET /admin/keys`
pub(super) async fn list(
    State(app): State<Arc<App>>,
    admin: Admin,
    messages: Messages,
) -> Result<Html<String>, Problem> {
    let mut page = KeysPage::new(&app, &admin, &[Scope::Send.name()]).await?;
    page.shell = page.shell.saying(&messages).await;
    Ok(Html(page.render()?))
}

/// `POST /admin/keys`: the only answer that holds the key.
pub(super) async fn create(
    State(app): State<Arc<App>>,
    form: OwnForm,
) -> Result<(StatusCode, Html<String>), Problem> {
    let (store, now) = (app.store().as_ref(), app.restante.now());
    let (name, chosen) = (form.get("name").trim(), form.all("scope").collect::<Vec<_>>());
    let scopes: Vec<Scope> = chosen.iter().filter_map(|name| name.parse().ok()).collect();
    // Checked before the form is used up, so that it can be mended and sent again.
    let told = |checked: Result<(), Error>| {
        checked.err().map_or_else(String::new, |error| sentence(error.detail()))
    };
    let name_error = told(keys::check(name, &[Scope::Send]));
    let scopes_error = told(keys::check("any", &scopes));
    if !name_error.is_empty() || !scopes_error.is_empty() {
        let mut page = KeysPage::new(&app, &form.admin, &chosen).await?;
        form.get("name").clone_into(&mut page.name);
        form.get("once").clone_into(&mut page.once);
        (page.name_error, page.scopes_error) = (name_error, scopes_error);
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page.render()?)));
    }
    let mut page = KeysPage::new(&app, &form.admin, &[Scope::Send.name()]).await?;
    let once = Sha256::digest(format!("admin key form\0{}", form.get("once"))).into();
    if !store.use_once(now, &once, now + FORM_LIFETIME).await? {
        "This form made its key already, and no key is shown twice. If nobody copied it, revoke it \
         and make another."
            .clone_into(&mut page.error);
        return Ok((StatusCode::CONFLICT, Html(page.render()?)));
    }
    let FreshKey { key, kept } = keys::create(store, now, name, &scopes).await?;
    tracing::info!(key = kept.id, by = form.admin.key.id, "a key was made by an admin page");
    page.fresh = Some((kept.name.clone(), key));
    page.keys.insert(0, KeyRow::new(now, kept, &form.admin));
    Ok((StatusCode::CREATED, Html(page.render()?)))
}

/// `GET /admin/keys/{id}/revoke`: asks again.
pub(super) async fn ask(
    State(app): State<Arc<App>>,
    admin: Admin,
    id: Result<Path<String>, PathRejection>,
) -> Result<Html<String>, Problem> {
    let Path(id) = id?;
    let key = app.store().api_keys().await?.into_iter().find(|key| key.id == id);
    let key = key.ok_or(Problem::NotFound)?;
    let page = RevokePage {
        shell: Shell::new(&app, &admin, "/admin/keys"),
        key: KeyRow::new(app.restante.now(), key, &admin),
    };
    Ok(Html(page.render()?))
}

/// `POST /admin/keys/{id}/revoke`
pub(super) async fn revoke(
    State(app): State<Arc<App>>,
    id: Result<Path<String>, PathRejection>,
    messages: Messages,
    form: OwnForm,
) -> Result<Redirect, Problem> {
    let Path(id) = id?;
    if app.store().revoke_api_key(app.restante.now(), &id).await? {
        tracing::info!(key = id, by = form.admin.key.id, "a key was revoked by an admin page");
        messages.success(format!("{id} is revoked and opens nothing any more."));
    } else {
        messages.info("There was no live key of that id.");
    }
    Ok(Redirect::to(&app.site.path("/admin/keys")))
}
