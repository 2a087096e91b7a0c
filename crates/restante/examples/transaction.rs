//! Messages in the app's own transaction: they are sent if and only if it commits.
//!
//! ```sh
//! cargo run -p restante --example transaction --features postgres,sqlx-postgres -- postgres://…
//! ```

use restante::outbox::send_in;
use restante::{Filter, Message, PostgresStore, Restante};

type Done = Result<(), Box<dyn std::error::Error + Send + Sync>>;

async fn with_sqlx(pool: &sqlx::PgPool) -> Done {
    let mut tx = pool.begin().await?;
    sqlx::query("UPDATE orders SET paid = true").execute(&mut *tx).await?;
    send_in(&mut tx, Message::info("Paid").stored(), "alice").await?;
    send_in(&mut *tx, Message::info("Paid").stored(), ["a", "b"]).await?;
    tx.commit().await?;
    Ok(())
}

async fn with_tokio_postgres(client: &mut tokio_postgres::Client) -> Done {
    let mut tx = client.transaction().await?;
    tx.execute("UPDATE orders SET paid = true", &[]).await?;
    send_in(&mut tx, Message::info("Paid").stored(), "alice").await?;
    tx.commit().await?;
    Ok(())
}

/// Tables of its own are all that the app needs: it knows the store by `restante_outbox` alone.
async fn pay(url: &str) -> Done {
    let pool = sqlx::PgPool::connect(url).await?;
    sqlx::raw_sql("CREATE TABLE IF NOT EXISTS orders(paid boolean)").execute(&pool).await?;
    // What leaves a message can be spawned: it holds nothing that stays on one thread.
    tokio::spawn(async move { with_sqlx(&pool).await }).await??;

    let (mut client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await?;
    let connection = tokio::spawn(connection);
    with_tokio_postgres(&mut client).await?;
    drop(client);
    Ok(connection.await??)
}

#[tokio::main]
async fn main() -> Done {
    let url = std::env::args().nth(1).ok_or("the URL of a database is missing")?;
    let restante = Restante::new(PostgresStore::connect(&url).await?);
    pay(&url).await?;
    // Sooner or later it happens by itself.
    restante.relay().await?;
    for item in restante.inbox("alice")?.list(Filter::unread()).await?.items {
        eprintln!("{}", item.message.text());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use restante::{PostgresStore, Restante};
    use restante_testkit::postgres::PostgresServer;

    #[tokio::test]
    async fn every_message_arrives() {
        let Some(server) = PostgresServer::shared() else { return };
        let url = tokio::task::spawn_blocking(|| server.schema()).await.unwrap().unwrap();
        let store = PostgresStore::connect(&url).await.unwrap();
        let restante = Restante::new(store).without_background();
        super::pay(&url).await.unwrap();
        restante.relay().await.unwrap();
        for (user, unread) in [("alice", 2), ("a", 1), ("b", 1)] {
            assert_eq!(restante.inbox(user).unwrap().count().await.unwrap().unread, unread);
        }
    }
}
