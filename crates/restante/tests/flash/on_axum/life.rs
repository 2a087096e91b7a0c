//! The life of a message in apps as they are written.

use axum::Router;
use axum::http::StatusCode;
use axum::response::{Html, Redirect};
use axum::routing::{get, post};
use restante::{Error, Inbox, Level, Messages, MessagesLayer, Restante};

use super::{Browser, layer};
use crate::script::key;

fn profile() -> Router {
    async fn save(messages: Messages) -> Redirect {
        messages.success("Profile saved");
        Redirect::to("/profile")
    }

    async fn profile(messages: Messages) -> Html<String> {
        let shown = messages.take().await;
        Html(shown.iter().map(|m| format!("<p class='{}'>{m}</p>", m.tags)).collect())
    }

    Router::new().route("/profile", get(profile).post(save)).layer(MessagesLayer::new(key()))
}

#[tokio::test]
async fn a_redirect_carries_the_message_to_the_next_page() {
    let mut browser = Browser::new(profile());
    let answer = browser.send("POST", "/profile").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(answer.flash, [(Level::SUCCESS, "Profile saved".to_owned())]);
    let answer = browser.get("/profile").await;
    assert_eq!(answer.body, "<p class='success'>Profile saved</p>");
    assert!(answer.deletes());
    assert_eq!(browser.get("/profile").await.body, "");
}

#[tokio::test]
async fn an_early_return_loses_nothing() {
    async fn early(messages: Messages) -> Result<String, StatusCode> {
        messages.info("before");
        let count = messages.take().await.len();
        let _: u8 = "x".parse().map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
        Ok(count.to_string())
    }
    let app = Router::new().route("/", get(early)).layer(layer());
    let answer = Browser::new(app).get("/").await;
    assert_eq!((answer.status.as_u16(), answer.left()), (500, vec!["before"]));
}

#[tokio::test]
async fn a_middleware_and_a_handler_say_in_one_request() {
    use axum::middleware::{Next, from_fn};
    let stamp = from_fn(async |messages: Messages, request, next: Next| {
        messages.warning("going in");
        let response = next.run(request).await;
        messages.warning("coming out");
        response
    });
    let handler = post(async |messages: Messages| _ = messages.info("inside"));
    let app = Router::new().route("/", handler).layer(stamp).layer(layer());
    let answer = Browser::new(app).send("POST", "/").await;
    assert_eq!(answer.left(), ["going in", "inside", "coming out"]);
}

#[test]
fn what_users_keep_in_their_state_goes_anywhere() {
    fn goes_anywhere<T: Send + Sync + 'static>() {}
    goes_anywhere::<Messages>();
    goes_anywhere::<Inbox>();
    goes_anywhere::<Restante>();
    goes_anywhere::<MessagesLayer>();
    goes_anywhere::<Error>();
}
