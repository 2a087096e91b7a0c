use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::http::HeaderName;
use clap::Args;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::prelude::*;

use super::token_secrets::TokenSecrets;
use super::{Common, Output};
use crate::database::Database;
use crate::demo;
use crate::failure::Failure;
use crate::http::{App, Settings, Site, router};

/// How long answers under way may take once the server is told to stop.
const FAREWELL: Duration = Duration::from_secs(10);

/// Serve the inbox as a page, finish long lists, and sweep
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
    /// What is logged to standard error: error, warn, info, debug, trace or off, or levels by
    /// target as in `warn,restante=debug`
    #[arg(long, value_name = "LEVELS", default_value = "info")]
    log: Targets,
    #[command(flatten)]
    common: Common,
}

impl Serve {
    pub(super) async fn run(self, output: &mut Output) -> Result<(), Failure> {
        self.common.refuse_server("serve")?;
        start_logging(self.log.clone());
        let database = self
            .common
            .database
            .clone()
            .unwrap_or_else(|| if self.demo { demo::database() } else { Database::default() });
        let listener = TcpListener::bind(&self.listen).await.map_err(|error| {
            Failure::said(format!(
                "cannot listen on {} ({error}); give a free address with --listen ADDRESS:PORT",
                self.listen,
            ))
        })?;
        let address = listener
            .local_addr()
            .map_err(|error| Failure::Io("cannot tell the address".to_owned(), error))?;
        let restante = database.open_to_serve().await?;
        if self.demo {
            demo::fill(&restante).await?;
        }
        self.warn_about_the_way_in(address);

        let site = self.public_url.clone().unwrap_or_else(|| Site::listening(address));
        let settings = Settings {
            site,
            user_header: self.user_header.clone(),
            token_secrets: self.signing.secrets.clone(),
        };
        let app = Arc::new(App::new(restante, settings).await?);
        self.announce(output, &app)?;
        serve_until_told(listener, app).await
    }

    fn warn_about_the_way_in(&self, address: SocketAddr) {
        match &self.user_header {
            Some(name) if !address.ip().is_loopback() => {
                tracing::warn!(
                    header = %name,
                    "whoever reaches {address} directly can be any user; only the proxy should"
                );
            }
            None if !self.demo => {
                tracing::warn!(
                    "nobody can sign in to the pages yet: give --user-header NAME behind a proxy, \
                     or --demo to try it out"
                );
            }
            _ => {}
        }
    }

    /// Says where it is, once it listens, and prints the links of the demo.
    fn announce(&self, output: &mut Output, app: &App) -> Result<(), Failure> {
        let links = if self.demo { demo::links(app)? } else { Vec::new() };
        let url = app.site.url("");
        if self.common.json {
            let links: Vec<_> =
                links.iter().map(|(user, url)| json!({ "user": user, "url": url })).collect();
            output.json(&json!({ "url": url, "links": links }))?;
        } else {
            output.line(format_args!("Restante is listening on {url}"))?;
            for (name, link) in links {
                output.line(format_args!("Open once as {name:<6} {link}"))?;
            }
        }
        output.flush()
    }
}

/// Serves until a signal comes, then finishes the answers under way.
async fn serve_until_told(listener: TcpListener, app: Arc<App>) -> Result<(), Failure> {
    let (tell, told) = watch::channel(false);
    tokio::spawn(async move {
        stop_signal().await;
        let _ = tell.send(true);
    });
    let stop = |mut told: watch::Receiver<bool>| async move {
        // An error means that the task above is gone, and no signal can come any more.
        let _ = told.wait_for(|is_told| *is_told).await;
    };
    let late = stop(told.clone());
    let server = axum::serve(listener, router(app)).with_graceful_shutdown(stop(told));
    tokio::select! {
        ended = async { server.await } => {
            ended.map_err(|error| Failure::Io("the server failed".to_owned(), error))?;
        }
        // A client that never finishes its request must not keep the process.
        () = async { late.await; tokio::time::sleep(FAREWELL).await } => {
            tracing::warn!("stopped with requests unfinished");
        }
    }
    tracing::info!("stopped");
    Ok(())
}

/// Ctrl-C, or SIGTERM from a service manager.
async fn stop_signal() {
    let interrupt = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminate = async {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! { () = interrupt => {}, () = terminate => {} }
}

fn start_logging(wanted: Targets) {
    let layer = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(false);
    // It fails only where logging was started before, and then that stays.
    let _ = tracing_subscriber::registry().with(layer.with_filter(wanted)).try_init();
}
