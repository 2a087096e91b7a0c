//! A small code host: what happens to repositories rings the bell of who watches them.
//!
//! ```sh
//! cargo run --package github-bell          # then open http://127.0.0.1:3000 in two browsers
//! ```
//!
//! `people` is who can sign in, `repositories` what there is to watch and what happens to it,
//! `notices` turns each event into messages; `pages` are the pages and their forms, `app` puts it
//! all together. Everything about the bell is three lines: the layer and the routes in `app`, and
//! the element in `templates/page.html`.

mod app;
mod notices;
mod pages;
mod people;
mod repositories;
#[cfg(test)]
mod tests;

use std::error::Error;

use restante::{Restante, SqliteStore};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().unwrap_or_else(|| "127.0.0.1:3000".to_owned());
    let file = arguments.next().unwrap_or_else(|| "github-bell.db".to_owned());
    let restante = Restante::new(SqliteStore::open(&file).await?);
    let listener = TcpListener::bind(&address).await?;
    eprintln!("http://{}", listener.local_addr()?);
    axum::serve(listener, app::app(restante.clone()))
        .with_graceful_shutdown(async move {
            // If the signal cannot be waited for, it ends the process anyway.
            let _ = tokio::signal::ctrl_c().await;
            // Open streams would be waited for as long as their tabs are open.
            restante.end_streams();
        })
        .await?;
    Ok(())
}
