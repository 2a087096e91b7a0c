//! An actix-web app with flash messages, an inbox and sessions.
//!
//!     cargo run -p restante --example actix --features actix-session,inbox-routes
//!
//! Whoever says `x-user: alice` is alice; an app has its own way to know.

#![allow(clippy::print_stdout, reason = "it says where it is")]

use actix_session::SessionMiddleware;
use actix_session::storage::CookieSessionStore;
use actix_web::cookie::Key as CookieKey;
use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer, Responder, get, http::header, post, web,
};
use restante::{
    BoxError, Key, MemoryStore, Message, Messages, MessagesMiddleware, Restante, UserId,
    inbox_service,
};

#[post("/save")]
async fn save(messages: Messages) -> impl Responder {
    messages.success("Saved").add(Message::info("kept").stored());
    HttpResponse::SeeOther().insert_header((header::LOCATION, "/")).finish()
}

#[get("/")]
async fn index(messages: Messages) -> String {
    messages.take().await.iter().fold(String::new(), |page, message| format!("{page}{message};"))
}

#[get("/count")]
async fn count(messages: Option<Messages>) -> Result<String, restante::Error> {
    let Some(messages) = messages else { return Ok("no".to_owned()) };
    Ok(match messages.inbox().await? {
        Some(inbox) => inbox.count().await?.unread.to_string(),
        None => "0".to_owned(),
    })
}

/// What asks a database in a real app.
async fn look_up(token: Option<String>) -> Result<Option<UserId>, BoxError> {
    tokio::task::yield_now().await;
    Ok(token.map(UserId::new).transpose()?)
}

fn middleware(restante: Restante, key: Key) -> MessagesMiddleware {
    MessagesMiddleware::new(key).with_session().with_restante(restante).with_user_async(
        |request: &HttpRequest| {
            let token = request.headers().get("x-user").and_then(|token| token.to_str().ok());
            look_up(token.map(str::to_owned))
        },
    )
}

#[actix_web::main]
async fn main() -> Result<(), BoxError> {
    let restante = Restante::new(MemoryStore::new());
    let (key, session_key) = (Key::generate(), CookieKey::generate());
    let server = HttpServer::new(move || {
        App::new()
            .wrap(middleware(restante.clone(), key.clone()))
            .wrap(SessionMiddleware::new(CookieSessionStore::default(), session_key.clone()))
            .service(save)
            .service(index)
            .service(web::scope("/in").service(count))
            .service(inbox_service("/messages"))
    });
    let server = server.workers(1).bind("127.0.0.1:0")?;
    for address in server.addrs() {
        println!("http://{address}");
    }
    server.run().await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use actix_web::test::{TestRequest, call_and_read_body, call_service, init_service};

    use super::*;

    fn request(request: TestRequest, path: &str) -> TestRequest {
        request.uri(path).insert_header(("x-user", "alice"))
    }

    #[actix_web::test]
    async fn said_in_one_request_and_shown_in_the_next() {
        let restante = Restante::new(MemoryStore::new());
        let sessions = SessionMiddleware::new(CookieSessionStore::default(), CookieKey::generate());
        let app = App::new()
            .wrap(middleware(restante.clone(), Key::generate()))
            .wrap(sessions)
            .service(save)
            .service(index)
            .service(web::scope("/in").service(count))
            .service(inbox_service("/messages"));
        let app = init_service(app).await;
        let get = |path| request(TestRequest::get(), path);

        let saved = request(TestRequest::post(), "/save").to_request();
        let saved = call_service(&app, saved).await;
        let cookie = saved
            .headers()
            .get_all("set-cookie")
            .map(|cookie| cookie.to_str().unwrap().to_owned())
            .find(|cookie| cookie.starts_with("messages="))
            .unwrap();
        assert_eq!(call_and_read_body(&app, get("/in/count").to_request()).await, "1");
        let inbox = call_and_read_body(&app, get("/messages/inbox").to_request()).await;
        assert!(String::from_utf8_lossy(&inbox).contains("\"message\":\"kept\""));

        let cookie = cookie.split(';').next().unwrap();
        let page = get("/").insert_header(("cookie", cookie)).to_request();
        assert_eq!(call_and_read_body(&app, page).await, "Saved;kept;");
        assert_eq!(call_and_read_body(&app, get("/in/count").to_request()).await, "0");
    }
}
