//! Messages, unread count and the newest of inbox and archive in templates: askama and minijinja.
//!
//! `cargo run --example pages --features axum`, then <http://127.0.0.1:3000/askama> and `/minijinja`.

use std::error::Error;
use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use minijinja::Environment;
use restante::{Key, MemoryStore, Message, Messages, MessagesLayer, PageContext, Restante};

/// How many items of inbox and archive the page lists.
const NEWEST: usize = 3;

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"{% for m in messages.messages %}<li class="{{ m.tags }}">{{ m }}{% if let Some(url) = m.url %} <a href="{{ url }}">open</a>{% endif %}</li>
{% endfor %}<b>{{ messages.unread }}</b>
{% for item in messages.inbox %}<p class="{{ item.tags() }}">{{ item.message }}</p>
{% endfor %}{% for item in messages.archive %}<i>{{ item.message }}</i>
{% endfor %}"#
)]
struct Page {
    messages: PageContext,
}

const PAGE: &str = r#"{% for m in messages %}<li class="{{ m.tags }}">{{ m.message }}{% if m.url %} <a href="{{ m.url }}">open</a>{% endif %}</li>
{% endfor %}<b>{{ unread }}</b>
{% for item in inbox %}<p class="{{ item.tags }}">{{ item.message }}</p>
{% endfor %}{% for item in archive %}<i>{{ item.message }}</i>
{% endfor %}"#;

async fn with_askama(messages: Messages) -> Result<Html<String>, PageError> {
    Ok(Html(Page { messages: messages.context(NEWEST).await }.render()?))
}

async fn with_minijinja(
    State(environment): State<Arc<Environment<'static>>>,
    messages: Messages,
) -> Result<Html<String>, PageError> {
    // `Serde` is behind minijinja's feature of that name.
    let context = minijinja::value::Serde(messages.context(NEWEST).await);
    Ok(Html(environment.get_template("page.html")?.render(context)?))
}

#[derive(Debug)]
struct PageError(Box<dyn Error>);

impl<E: Error + 'static> From<E> for PageError {
    fn from(error: E) -> Self {
        Self(Box::new(error))
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        eprintln!("{}", self.0);
        StatusCode::INTERNAL_SERVER_ERROR.into_response()
    }
}

fn app(restante: Restante) -> Result<Router, minijinja::Error> {
    let mut environment = Environment::new();
    // The name ends with `.html`, so that texts are escaped.
    environment.add_template("page.html", PAGE)?;
    let messages =
        MessagesLayer::new(Key::generate()).with_restante(restante).with_user(|_| Some("alice"));
    Ok(Router::new()
        .route("/askama", get(with_askama))
        .route("/minijinja", get(with_minijinja))
        .with_state(Arc::new(environment))
        .layer(messages))
}

async fn send_some(restante: &Restante) -> Result<(), restante::Error> {
    for at in 1..=22 {
        restante.send(Message::info(format!("Letter <{at}>")), "alice").await?;
    }
    restante
        .send(Message::success("Export ready").url("/exports/7").tag("export"), "alice")
        .await?;
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let restante = Restante::new(MemoryStore::new());
    send_some(&restante).await?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    eprintln!("http://{}/askama", listener.local_addr()?);
    Ok(axum::serve(listener, app(restante)?).await?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use axum::http::Request;
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    async fn page(app: &Router, path: &str) -> String {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let response = app.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        let body = response.into_body().collect().await.unwrap().to_bytes();
        String::from_utf8(body.to_vec()).unwrap()
    }

    #[tokio::test]
    async fn both_show_the_same() {
        for path in ["/askama", "/minijinja"] {
            let restante = Restante::new(MemoryStore::new());
            send_some(&restante).await.unwrap();
            let app = app(restante).unwrap();
            let first = page(&app, path).await;
            // askama escapes by number, minijinja by name, and slashes too.
            let first = first.replace("&lt;", "&#60;").replace("&gt;", "&#62;");
            assert!(first.starts_with("<li class=\"info\">Letter &#60;1&#62;</li>\n"), "{first}");
            assert!(first.contains("<li class=\"info\">Letter &#60;20&#62;</li>\n<b>3</b>\n"));
            assert!(first.contains("<p class=\"export success\">Export ready</p>"), "{first}");
            assert!(first.contains("<i>Letter &#60;21&#62;</i>"), "{first}");

            let second = page(&app, path).await.replace("&#x2f;", "/");
            let link =
                "<li class=\"export success\">Export ready <a href=\"/exports/7\">open</a></li>";
            assert!(second.contains(link) && second.contains("<b>0</b>"), "{second}");
        }
    }
}
