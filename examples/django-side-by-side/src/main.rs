//! An axum service beside a Django site: one origin, one `messages` cookie, one bell.
//!
//! ```sh
//! examples/django-side-by-side/run        # starts all of it on http://127.0.0.1:3000
//! ```
//!
//! `parcels` is the service, `door` lets the site and Restante's server be reached through the same
//! origin, as nginx or a load balancer would. What `run` tells it is in variables: the two addresses,
//! and the key of the site's messages, which is all that it knows of the site's secret.

mod door;
mod parcels;

use std::error::Error;

use axum::extract::Request;
use axum::routing::any;
use axum::{Router, middleware};
use restante::{DjangoKey, MessagesLayer, refuse_other_sites};
use tokio::net::TcpListener;

use crate::door::Door;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:3000".to_owned());
    let key = DjangoKey::from_derived_hex(&variable("DJANGO_MESSAGES_KEY")?)?;
    let site = Door::to(&variable("SITE")?)?;
    let restante = Door::to(&variable("RESTANTE")?)?;

    let app = parcels::routes()
        .layer(middleware::from_fn(refuse_other_sites))
        .layer(MessagesLayer::for_django(key));
    let app: Router = app
        .route("/v1/{*path}", any(async move |request: Request| restante.pass_on(request).await))
        .fallback(async move |request: Request| site.pass_on(request).await);

    let listener = TcpListener::bind(&address).await?;
    eprintln!("http://{}", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}

fn variable(name: &str) -> Result<String, Box<dyn Error>> {
    std::env::var(name).map_err(|error| format!("{name}: {error}").into())
}
