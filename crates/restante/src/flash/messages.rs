use std::sync::Arc;

use super::Exchange;
use super::{PageContext, Taken};
use crate::{Error, Inbox, Level, Message, User, UserId};

/// The messages of one request: says some, takes those that wait. Cloning is cheap; all clones and
/// extractors of a request share one list.
///
/// Saying costs nothing before the response. Reading is asked for: a page that does not read loses
/// nothing. `Option<Messages>` is `None` where the layer is missing.
///
/// ```
/// use axum::response::Redirect;
/// use restante::{Message, Messages};
///
/// async fn order(messages: Messages) -> Redirect {
///     messages.success("Thank you"); // on the next page, once
///     messages.add(Message::info("Invoice 7").url("/invoices/7").stored()); // kept until read
///     Redirect::to("/orders")
/// }
///
/// async fn orders(messages: Messages) -> String {
///     messages.take().await.iter().map(|message| format!("{message}\n")).collect()
/// }
/// # use axum::{Router, body::Body, http::Request, routing::get};
/// # use restante::{Key, MessagesLayer, testing::flash_of};
/// # use tower::ServiceExt;
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// # let app = Router::new().route("/orders", get(orders).post(order));
/// # let app = app.layer(MessagesLayer::new(Key::generate()));
/// # let request = Request::post("/orders").body(Body::empty()).unwrap();
/// # let response = app.clone().oneshot(request).await.unwrap();
/// # assert_eq!(flash_of(&response).len(), 2, "nobody is signed in");
/// # let request = Request::get("/orders").header("cookie", &response.headers()["set-cookie"]);
/// # let response = app.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
/// # let body = axum::body::to_bytes(response.into_body(), 99).await.unwrap();
/// # assert_eq!(body, "Thank you\nInvoice 7\n");
/// # }
/// ```
///
/// # When it counts as shown
/// What was taken leaves with a response of status 2xx or 4xx that somebody sees: not with a
/// redirect, an error of the server's, a panic, a request that the client broke off, HEAD, or a
/// prefetch (`Sec-Purpose`). Until then it is shown again. What is said in the request is kept
/// whatever the status. A response that showed any gets `Cache-Control: private, no-store`, unless
/// the handler set one. A body that streams only looks: its head has gone.
///
/// # Two requests at once
/// Flash messages live in the browser, and a response replaces its cookie whole. Of two requests of
/// one browser that overlap, neither knows what the other says, and the response that arrives last
/// wins: when both add, one message is lost; when one shows what the other keeps, it is shown twice.
/// The same holds for what is in a session. What must not be lost is
/// [`stored`](crate::Message::stored): the store takes both.
#[derive(Clone, Debug)]
pub struct Messages {
    exchange: Arc<Exchange>,
}

impl Messages {
    /// Those of the request that this is about.
    pub(crate) fn of(exchange: Arc<Exchange>) -> Self {
        Self { exchange }
    }

    /// Says it: on this page if it is read later in this request, else on the next one that reads.
    ///
    /// A message that asks to be stored, or whose level does, is kept in the user's inbox until
    /// read; when nobody is signed in or the store is down it is a flash. An empty text and one
    /// below the minimum level are dropped. A bad url, bad data or bad tags are left out and
    /// logged: the text is kept.
    pub fn add(&self, message: impl Into<Message>) -> &Self {
        self.exchange.add(message.into());
        self
    }

    /// A message for developers; below the usual minimum level.
    pub fn debug(&self, text: impl Into<String>) -> &Self {
        self.add(Message::debug(text))
    }

    /// Something the user may want to know.
    pub fn info(&self, text: impl Into<String>) -> &Self {
        self.add(Message::info(text))
    }

    /// What the user asked for was done.
    pub fn success(&self, text: impl Into<String>) -> &Self {
        self.add(Message::success(text))
    }

    /// Something may go wrong.
    pub fn warning(&self, text: impl Into<String>) -> &Self {
        self.add(Message::warning(text))
    }

    /// Something went wrong.
    pub fn error(&self, text: impl Into<String>) -> &Self {
        self.add(Message::error(text))
    }

    /// What is to be shown: flash messages, then at most 20 stored ones, oldest first. Asked again
    /// it gives the same, with what was said since.
    ///
    /// Never fails: what cannot be read is missing and logged, and
    /// [`is_complete`](Taken::is_complete) says so. Dropped before it ends, it has taken nothing.
    ///
    /// Of more than 1,000 unread stored messages it shows the oldest of the newest 1,000.
    pub async fn take(&self) -> Taken {
        self.exchange.take(true).await
    }

    /// All that a page's template needs: what [`take`](Self::take) gives, how many are unread beside
    /// that, and the newest items of inbox and archive, `newest` of each and at most 80.
    ///
    /// Never fails, as `take`.
    ///
    /// ```
    /// use axum::response::Html;
    /// use restante::Messages;
    ///
    /// const PAGE: &str = "{% for m in messages %}<p class='{{ m.tags }}'>{{ m.message }}</p>{% endfor %}\
    ///                     <b>{{ unread }}</b>";
    ///
    /// async fn page(messages: Messages) -> Html<String> {
    ///     messages.warning("Two < three");
    ///     let context = minijinja::value::Serde(messages.context(5).await);
    ///     let page = minijinja::Environment::new().render_named_str("page.html", PAGE, context);
    ///     Html(page.expect("the template is sound"))
    /// }
    /// # use axum::{Router, body::Body, http::Request, routing::get};
    /// # use restante::{Key, MessagesLayer};
    /// # use tower::ServiceExt;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// # let app = Router::new().route("/", get(page)).layer(MessagesLayer::new(Key::generate()));
    /// # let response = app.oneshot(Request::get("/").body(Body::empty()).unwrap()).await.unwrap();
    /// # let body = axum::body::to_bytes(response.into_body(), 999).await.unwrap();
    /// # assert_eq!(body, "<p class='warning'>Two &lt; three</p><b>0</b>");
    /// # }
    /// ```
    pub async fn context(&self, newest: usize) -> PageContext {
        self.exchange.context(newest).await
    }

    /// The same without taking it: it is shown again by the next page.
    pub async fn peek(&self) -> Taken {
        self.exchange.take(false).await
    }

    /// Gives back what was taken: it is shown again by the next page, with what was said before and
    /// after. What is taken later is taken.
    pub fn keep(&self) {
        self.exchange.keep();
    }

    /// Drops the flash messages, those that the request brought and those said in it so far,
    /// whatever the response is. Stored ones stay.
    pub fn clear(&self) {
        self.exchange.clear();
    }

    /// The inbox of who is signed in; `None` when nobody is, or the layer has no store.
    ///
    /// # Errors
    /// `Invalid` when the app's id for the user breaks a rule.
    pub async fn inbox(&self) -> Result<Option<Inbox>, Error> {
        self.exchange.inbox().await
    }

    /// Who is signed in from here on: for the request that signs in or out, of which the layer knew
    /// the state before. What is said in this request, earlier too, is stored for this user; what
    /// another one was shown stays marked for that one.
    pub fn set_user(&self, user: Option<UserId>) {
        self.exchange.set_user(user.map(User::from));
    }

    /// Drops messages below this level in the rest of this request; `None` is the layer's own.
    pub fn set_min_level(&self, level: impl Into<Option<Level>>) {
        self.exchange.set_min_level(level.into());
    }

    /// The level below which messages are dropped.
    pub fn min_level(&self) -> Level {
        self.exchange.min_level()
    }
}
