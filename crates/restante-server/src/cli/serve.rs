use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderName, HeaderValue};
use clap::Args;
use restante::Restante;
use serde_json::json;
use tokio::net::TcpListener;
use tracing_subscriber::filter::Targets;

use super::token_secrets::TokenSecrets;
use super::{Common, Output};
use crate::database::Database;
use crate::demo;
use crate::failure::Failure;
use crate::http::{
    App, Settings, Site, metrics_router, parse_origin, router, router_without_store,
};
use crate::metrics::{Figures, MeteredStore};
use crate::serving::{Entrance, Patience, Stop, allow_many_connections, logging, serve};

/// How long delivering what was acknowledged may take once the server is told to stop. What is left
/// is delivered after the next start.
const FAREWELL: Duration = Duration::from_secs(10);

/// How soon a store that does not answer is asked again.
const ASKED_AGAIN: Duration = Duration::from_millis(500);

/// Serve inboxes as pages and as JSON, deliver long lists, and sweep
#[derive(Args, Debug)]
pub(super) struct Serve {
    /// Address and port to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:7787")]
    listen: String,
    /// Try it out: sample messages for alice and bob, with a one-use link for each [database
    /// default: sqlite:restante-demo.db]
    #[arg(long)]
    demo: bool,
    /// The header in which a proxy in front names the user; the proxy must remove what clients
    /// send in it
    #[arg(long, value_name = "NAME")]
    user_header: Option<HeaderName>,
    /// The address by which others reach this server, with the path below which it is, if any
    /// [default: where it listens]
    #[arg(long, value_name = "URL")]
    public_url: Option<Site>,
    #[command(flatten)]
    signing: TokenSecrets,
    /// A site whose pages may call with a user's token, such as `https://app.example.org`; repeat
    /// it for several [default: none]
    #[arg(
        long = "allow-origin",
        value_name = "ORIGIN",
        value_delimiter = ',',
        value_parser = parse_origin
    )]
    origins: Vec<HeaderValue>,
    /// How many requests a second each API key may make [default: no limit]
    #[arg(long, value_name = "N")]
    key_rate: Option<NonZeroU32>,
    /// Address and port for /metrics alone [default: beside everything else]
    #[arg(long, value_name = "ADDRESS:PORT")]
    metrics_listen: Option<String>,
    /// What is logged to standard error: error, warn, info, debug, trace or off, or levels by
    /// target as in `warn,restante=debug`
    #[arg(long, value_name = "LEVELS", default_value = "info")]
    log: Targets,
    /// How it is logged: as text for people, or as one JSON object a line
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    log_format: logging::Format,
    #[command(flatten)]
    common: Common,
}

impl Serve {
    pub(super) async fn run(self, output: &mut Output) -> Result<(), Failure> {
        self.common.refuse_server("serve")?;
        logging::start(self.log.clone(), self.log_format);
        allow_many_connections();
        let (listener, address) = listen(&self.listen, "--listen").await?;
        let metrics_listener = match &self.metrics_listen {
            Some(address) => Some(listen(address, "--metrics-listen").await?.0),
            None => None,
        };
        let figures = Arc::new(Figures::new());
        let store = self.database().open_to_serve().await?;
        let store = MeteredStore::new(store, Arc::clone(&figures));
        let restante = Restante::new(store);
        let settings = self.settings(address);
        self.warn_about_the_header(address);

        let stop = Stop::on_signal();
        let entrance = Entrance::closed(router_without_store(&settings.site));
        let patience = Patience::default();
        let (lead, told) = (entrance.clone(), stop.clone());
        let serving = tokio::spawn(serve(listener, lead, Arc::clone(&figures), told, patience));
        let open = async || self.open(&restante, &figures, &settings).await;
        let Some(app) = until_there(open, stop.clone()).await? else {
            return Ok(());
        };
        let app = Arc::new(app);
        if let Some(listener) = metrics_listener {
            let router = metrics_router(Arc::clone(&app));
            tokio::spawn(serve(listener, router, figures, stop.clone(), patience));
        }
        entrance.open(router(Arc::clone(&app)));
        let admin_key =
            if self.demo { demo::admin_key(&restante, &self.database()).await? } else { None };
        self.announce(output, &app, address, admin_key.as_deref())?;
        // Streams are requests that never end by themselves.
        let streams = restante.clone();
        tokio::spawn(async move {
            stop.told().await;
            streams.end_streams();
        });
        let ended = serving.await;
        finish(&restante).await;
        ended.map_err(|error| Failure::said(format!("serving ended by itself: {error}")))
    }

    /// Opens the doors of the store, which may not be there yet.
    async fn open(
        &self,
        restante: &Restante,
        figures: &Arc<Figures>,
        settings: &Settings,
    ) -> Result<App, Failure> {
        if self.demo {
            demo::fill(restante).await?;
        }
        App::new(restante.clone(), Arc::clone(figures), settings.clone()).await
    }

    fn database(&self) -> Database {
        let default = || if self.demo { demo::database() } else { Database::default() };
        self.common.database.clone().unwrap_or_else(default)
    }

    fn settings(&self, address: SocketAddr) -> Settings {
        Settings {
            site: self.public_url.clone().unwrap_or_else(|| Site::listening(address)),
            user_header: self.user_header.clone(),
            token_secrets: self.signing.secrets.clone(),
            origins: self.origins.clone(),
            key_rate: self.key_rate,
            shows_metrics: self.metrics_listen.is_none(),
        }
    }

    fn warn_about_the_header(&self, address: SocketAddr) {
        if let Some(name) = &self.user_header
            && !address.ip().is_loopback()
        {
            tracing::warn!(
                header = %name,
                "whoever reaches {address} directly can be any user; only the proxy should"
            );
        }
    }

    /// Says where it is, once it listens, and prints the ways into the demo.
    fn announce(
        &self,
        output: &mut Output,
        app: &App,
        address: SocketAddr,
        admin_key: Option<&str>,
    ) -> Result<(), Failure> {
        let links = if self.demo { demo::links(app)? } else { Vec::new() };
        let url = app.site.url("");
        if self.common.json {
            let links: Vec<_> =
                links.iter().map(|(user, url)| json!({ "user": user, "url": url })).collect();
            let mut told = json!({ "url": url, "address": address, "links": links });
            if let Some(key) = admin_key {
                told["admin_key"] = key.into();
            }
            output.json(&told)?;
        } else {
            output.line(format_args!("Restante is listening on {url}"))?;
            if !url.starts_with(&format!("http://{address}")) {
                output.line(format_args!("           at address {address}"))?;
            }
            for (name, link) in links {
                output.line(format_args!("Open once as {name:<6} {link}"))?;
            }
            if let Some(key) = admin_key {
                output.line(format_args!("Administer at      {}", app.site.url("/admin")))?;
                output.line(format_args!("  with the key     {key}"))?;
            }
        }
        output.flush()
    }
}

async fn listen(address: &str, option: &str) -> Result<(TcpListener, SocketAddr), Failure> {
    let refused = |error| {
        Failure::said(format!(
            "cannot listen on {address} ({error}); give a free address with {option} ADDRESS:PORT"
        ))
    };
    let listener = TcpListener::bind(address).await.map_err(refused)?;
    let address = listener.local_addr().map_err(refused)?;
    Ok((listener, address))
}

/// Tries again until the store answers, or the process is told to stop: then there is nothing.
async fn until_there<T>(
    open: impl AsyncFn() -> Result<T, Failure>,
    stop: Stop,
) -> Result<Option<T>, Failure> {
    let mut told = std::pin::pin!(stop.told());
    let mut waited = false;
    loop {
        let error = match open().await {
            Err(error) if error.is_transient() => error,
            opened => return opened.map(Some),
        };
        if !waited {
            tracing::warn!(%error, "the store does not answer; it is asked until it does");
        }
        waited = true;
        tokio::select! {
            () = tokio::time::sleep(ASKED_AGAIN) => {}
            () = &mut told => return Ok(None),
        }
    }
}

/// Delivers what was acknowledged, as far as time allows.
async fn finish(restante: &Restante) {
    match tokio::time::timeout(FAREWELL, restante.deliver_waiting(|_| {})).await {
        Ok(Ok(_)) => tracing::info!("stopped"),
        Ok(Err(error)) => tracing::warn!(%error, "stopped; long lists go on at the next start"),
        Err(_) => tracing::warn!("stopped; long lists go on at the next start"),
    }
}
