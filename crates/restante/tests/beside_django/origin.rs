//! One origin: a door, and behind it Django and the app.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;

use axum::routing::{get, post};
use axum::{Json, Router};
use restante::{DjangoKey, Level, Message, Messages, MessagesLayer, Shown};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader, Lines, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, ChildStdout, Command};
use tokio::task::JoinSet;

pub(crate) const SECRET: &str = "the site's secret, in a test";

pub(crate) fn key() -> DjangoKey {
    DjangoKey::new(SECRET).unwrap()
}

/// Where the app has what the site has in `site.py`: no message is too unimportant.
pub(crate) fn layer(key: DjangoKey) -> MessagesLayer {
    MessagesLayer::for_django(key).with_min_level(Level::new(-100))
}

/// A Django site and an app. They end with this.
#[derive(Debug)]
pub(crate) struct Origin {
    pub(crate) url: String,
    // The site ends when its standard input does, which is here.
    _django: Child,
    // And has somebody to speak to.
    _lines: Lines<BufReader<ChildStdout>>,
    _tasks: JoinSet<()>,
}

impl Origin {
    /// A site with further settings beside an app with this layer.
    pub(crate) async fn start(python: &Path, settings: Value, layer: MessagesLayer) -> Self {
        Self::start_app(python, settings, app().layer(layer)).await
    }

    pub(crate) async fn start_app(python: &Path, settings: Value, app: Router) -> Self {
        let Value::Object(settings) = settings else { panic!("{settings} are no settings") };
        let mut site = json!({ "SECRET_KEY": SECRET });
        site.as_object_mut().unwrap().extend(settings);
        let mut django = Command::new(python)
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/beside_django/site.py"))
            .args(["runserver", "--noreload", "127.0.0.1:0"])
            .env("SITE", site.to_string())
            .env("PYTHONUNBUFFERED", "1")
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(django.stdout.take().unwrap()).lines();
        let at: SocketAddr = loop {
            let line = lines.next_line().await.unwrap().unwrap();
            if let Some((_, address)) = line.split_once("server at http://") {
                break address.trim_end_matches('/').parse().unwrap();
            }
        };

        let mut tasks = JoinSet::new();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let app_at = listener.local_addr().unwrap();
        tasks.spawn(async move { axum::serve(listener, app).await.unwrap() });
        let door = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", door.local_addr().unwrap());
        tasks.spawn(open_door(door, at, app_at));
        Self { url, _django: django, _lines: lines, _tasks: tasks }
    }
}

/// Passes every connection on, by the path of its first request: curl makes one for each.
async fn open_door(door: TcpListener, django: SocketAddr, app: SocketAddr) {
    while let Ok((mut visitor, _)) = door.accept().await {
        tokio::spawn(async move {
            let mut start = [0; 32];
            // It sends the head of a request all at once.
            let length = visitor.peek(&mut start).await?;
            let path = start[..length].split(|b| *b == b' ').nth(1).unwrap_or_default();
            let to = if path.starts_with(b"/django/") { django } else { app };
            copy_bidirectional(&mut visitor, &mut TcpStream::connect(to).await?).await
        });
    }
}

#[derive(Deserialize)]
struct Said {
    level: i32,
    text: String,
    #[serde(default)]
    extra_tags: String,
}

/// The app: the same as `site.py`.
pub(crate) fn app() -> Router {
    let say = async |messages: Messages, Json(all): Json<Vec<Said>>| {
        for Said { level, text, extra_tags } in all {
            let message = Message::new(Level::new(level), text);
            messages.add(extra_tags.split_whitespace().fold(message, Message::tag));
        }
        "said"
    };
    let show = async |messages: Messages| {
        let taken = messages.take().await;
        let complete = [("x-complete", taken.is_complete().to_string())];
        let shown: Vec<_> = taken.iter().map(as_django_tells_it).collect();
        (complete, Json(shown))
    };
    let page = async |messages: Messages| {
        let mut page = minijinja::Environment::new();
        page.add_template("page.html", PAGE).unwrap();
        let shown: Vec<Shown> = messages.take().await.into_iter().collect();
        let context = minijinja::context! { messages => minijinja::value::Serde(&shown) };
        page.get_template("page.html").unwrap().render(context).unwrap()
    };
    Router::new()
        .route("/app/say", post(say))
        .route("/app/show", get(show))
        .route("/app/page", get(page))
        .route("/app/idle", get(async || "nothing"))
}

const PAGE: &str =
    "{% for m in messages %}<p class=\"{{ m.tags }}\">{{ m.message }}</p>{% endfor %}";

fn as_django_tells_it(shown: &Shown) -> Value {
    json!({
        "level": shown.level,
        "text": shown.message,
        "extra_tags": shown.extra_tags,
        "level_tag": shown.level_tag,
        "tags": shown.tags,
        "safe": shown.safe,
    })
}
