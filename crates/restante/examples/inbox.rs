//! Flash messages and the inbox, with users signed in by axum-login.
//!
//! axum-login 0.18 brings tower-sessions 0.14, hence `TowerSessions014`: messages that the cookie
//! cannot hold go to its session.
//!
//! `cargo run --example inbox --features sqlite,tower-sessions-014`, then <http://127.0.0.1:3000>.

use std::convert::Infallible;

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{Html, Redirect};
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use axum_login::{AuthManagerLayerBuilder, AuthUser, AuthnBackend, login_required};
use restante::{
    Filter, Inbox, ItemId, Key, Level, Message, Messages, MessagesLayer, Page, Restante,
    SqliteStore, TowerSessions014, UserId,
};
use tower_sessions_014::{MemoryStore, SessionManagerLayer};

#[derive(Clone, Debug)]
struct User {
    id: i64,
}

impl AuthUser for User {
    type Id = i64;

    fn id(&self) -> i64 {
        self.id
    }

    fn session_auth_hash(&self) -> &[u8] {
        b"changes with the password"
    }
}

/// Whoever names a positive number is let in as that user.
#[derive(Clone, Debug)]
struct Anybody;

impl AuthnBackend for Anybody {
    type User = User;
    type Credentials = i64;
    type Error = Infallible;

    async fn authenticate(&self, id: i64) -> Result<Option<User>, Infallible> {
        Ok((id > 0).then_some(User { id }))
    }

    async fn get_user(&self, id: &i64) -> Result<Option<User>, Infallible> {
        Ok(Some(User { id: *id }))
    }
}

type Auth = axum_login::AuthSession<Anybody>;

#[derive(serde::Deserialize)]
struct SignIn {
    id: i64,
}

async fn sign_in(mut auth: Auth, messages: Messages, Form(form): Form<SignIn>) -> Redirect {
    let Ok(Some(user)) = auth.authenticate(form.id).await else {
        messages.error("Unknown user");
        return Redirect::to("/login");
    };
    if auth.login(&user).await.is_err() {
        messages.error("You could not be signed in; try again later");
        return Redirect::to("/login");
    }
    // What the layer knows of the request is from before.
    messages.set_user(UserId::new(user.id.to_string()).ok());
    messages.success("Welcome back");
    messages.add(Message::info("Your export is ready").stored().url("/exports/7").tag("export"));
    Redirect::to("/")
}

async fn sign_out(mut auth: Auth, messages: Messages) -> Redirect {
    if auth.logout().await.is_ok() {
        messages.set_user(None);
        messages.info("Goodbye");
    }
    Redirect::to("/login")
}

async fn login_page(messages: Messages) -> Html<String> {
    let form = "<form method=post><input name=id value=7><button>Sign in</button></form>";
    Html(show(&messages).await + form)
}

async fn home(messages: Messages) -> Html<String> {
    let form = "<form method=post action=/logout><button>Sign out</button></form>";
    Html(show(&messages).await + form)
}

async fn show(messages: &Messages) -> String {
    let taken = messages.take().await;
    // These texts are our own. Texts that hold what users typed need a template that escapes.
    let shown: Vec<_> = taken.iter().map(|m| format!("<p class=\"{}\">{m}</p>", m.tags)).collect();
    format!("{}<p>{} more unread</p>", shown.concat(), taken.unread())
}

async fn list(inbox: Inbox) -> Result<Json<Page>, StatusCode> {
    let page = inbox.list(Filter::archive()).await;
    page.map(Json).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

async fn mark_read(inbox: Inbox, Path(id): Path<ItemId>) -> Result<Json<bool>, StatusCode> {
    inbox.mark_read(id).await.map(Json).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

fn app(restante: Restante, key: Key) -> Router {
    let sessions = SessionManagerLayer::new(MemoryStore::default()).with_secure(false);
    let auth = AuthManagerLayerBuilder::new(Anybody, sessions).build();
    let messages = MessagesLayer::new(key)
        .with_restante(restante)
        .with_user(|parts| Some(parts.extensions.get::<Auth>()?.user.as_ref()?.id))
        .with_session(TowerSessions014)
        // Warnings are kept until read, whoever says them.
        .with_store_levels([Level::WARNING, Level::STORED_INFO]);
    Router::new()
        .route("/", get(home))
        .route("/list", get(list))
        .route("/list/{id}/read", post(mark_read))
        .route("/logout", post(sign_out))
        .route_layer(login_required!(Anybody, login_url = "/login"))
        .route("/login", get(login_page).post(sign_in))
        // The messages layer inside of the one that knows session and user.
        .layer(messages)
        .layer(auth)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let restante = Restante::new(SqliteStore::open("restante-example.db").await?);
    let app = app(restante, Key::generate());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    eprintln!("http://{}", listener.local_addr()?);
    Ok(axum::serve(listener, app).await?)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use axum::Router;
    use axum::body::Body;
    use axum::http::{Request, StatusCode, header};
    use http_body_util::BodyExt;
    use restante::{Key, Level, MemoryStore, Restante};
    use tower::ServiceExt;

    /// Sends a request, keeps its cookies and gives status and body.
    async fn ask(
        app: &Router,
        jar: &mut BTreeMap<String, String>,
        method: &str,
        path: &str,
        form: &str,
    ) -> (StatusCode, String) {
        let cookies: Vec<_> = jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::COOKIE, cookies.join("; "))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(form.to_owned()))
            .unwrap();
        let response = app.clone().oneshot(request).await.unwrap();
        for cookie in response.headers().get_all(header::SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            jar.insert(name.to_owned(), value.to_owned());
        }
        let status = response.status();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn signing_in_reading_and_signing_out() {
        let restante = Restante::new(MemoryStore::new());
        let app = super::app(restante.clone(), Key::generate());
        let mut jar = BTreeMap::new();
        let unread = || async { restante.inbox(7).unwrap().count().await.unwrap().unread };

        let (status, _) = ask(&app, &mut jar, "GET", "/", "").await;
        assert_eq!(status, StatusCode::TEMPORARY_REDIRECT, "not signed in");
        ask(&app, &mut jar, "POST", "/login", "id=0").await;
        let (_, page) = ask(&app, &mut jar, "GET", "/login", "").await;
        assert!(page.contains("Unknown user"));

        let (status, _) = ask(&app, &mut jar, "POST", "/login", "id=7").await;
        assert_eq!((status, unread().await), (StatusCode::SEE_OTHER, 1));
        let (_, page) = ask(&app, &mut jar, "GET", "/", "").await;
        let welcome = page.find("Welcome back").unwrap();
        assert!(page.find("Your export is ready").unwrap() > welcome, "{page}");
        assert_eq!(unread().await, 0);

        restante.send(restante::Message::new(Level::INFO, "Later"), 7).await.unwrap();
        let (_, list) = ask(&app, &mut jar, "GET", "/list", "").await;
        let list: serde_json::Value = serde_json::from_str(&list).unwrap();
        assert_eq!(list["unread"], 1);
        let read = format!("/list/{}/read", list["items"][0]["id"]);
        assert_eq!(ask(&app, &mut jar, "POST", &read, "").await.1, "true");
        assert_eq!(ask(&app, &mut jar, "POST", &read, "").await.1, "false");

        ask(&app, &mut jar, "POST", "/logout", "").await;
        let (_, page) = ask(&app, &mut jar, "GET", "/login", "").await;
        assert!(page.contains("Goodbye"), "{page}");
    }
}
