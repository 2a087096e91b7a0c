//! Flash messages alone: no store, no session, no user.
//!
//! `cargo run --example flash --features axum`, then <http://127.0.0.1:3000/profile>.

use axum::Router;
use axum::response::{Html, Redirect};
use axum::routing::get;
use restante::{Key, Messages, MessagesLayer};

async fn save(messages: Messages) -> Redirect {
    messages.success("Profile saved");
    Redirect::to("/profile")
}

async fn profile(messages: Messages) -> Html<String> {
    // These texts are our own. Texts that hold what users typed need a template that escapes.
    let shown = messages.take().await;
    let shown: Vec<_> = shown.iter().map(|m| format!("<p class=\"{}\">{m}</p>", m.tags)).collect();
    Html("<form method=post><button>Save</button></form>".to_owned() + &shown.concat())
}

fn app(key: Key) -> Router {
    Router::new().route("/profile", get(profile).post(save)).layer(MessagesLayer::new(key))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    // In production a secret of the site's own, and `with_secure(true)`.
    let app = app(Key::generate());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    eprintln!("http://{}/profile", listener.local_addr()?);
    axum::serve(listener, app).await
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::{Request, StatusCode, header};
    use http_body_util::BodyExt;
    use restante::Level;
    use restante::testing::assert_messages;
    use tower::ServiceExt;

    #[tokio::test]
    async fn the_message_is_on_the_next_page() {
        let app = super::app(restante::Key::generate());
        let save = Request::post("/profile").body(Body::empty()).unwrap();
        let response = app.clone().oneshot(save).await.unwrap();
        assert_eq!(response.status(), StatusCode::SEE_OTHER);
        assert_messages(&response, &[(Level::SUCCESS, "Profile saved")]);

        let cookie = response.headers()[header::SET_COOKIE].clone();
        let show = Request::get("/profile").header(header::COOKIE, cookie);
        let response = app.oneshot(show.body(Body::empty()).unwrap()).await.unwrap();
        assert_messages(&response, &[]);
        let page = response.into_body().collect().await.unwrap().to_bytes();
        assert!(page.ends_with(b"<p class=\"success\">Profile saved</p>"), "{page:?}");
    }
}
