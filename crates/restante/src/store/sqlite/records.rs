//! What the server itself must remember.

use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use rusqlite::{OptionalExtension, Row};

use super::SqliteStore;
use super::forgetting;
use crate::clock::{from_millis, to_millis};
use crate::store::{ApiKey, Day, Load, Records, StartAt, state};
use crate::{Error, UserId};

const KEY_COLUMNS: &str = "id, name, hash, scopes, created_at, revoked_at";

fn api_key(row: &Row<'_>) -> rusqlite::Result<ApiKey> {
    Ok(ApiKey {
        id: row.get(0)?,
        name: row.get(1)?,
        hash: row.get(2)?,
        scopes: row.get::<_, String>(3)?.split_whitespace().map(str::to_owned).collect(),
        created_at: from_millis(row.get(4)?),
        revoked_at: row.get::<_, Option<i64>>(5)?.map(from_millis),
    })
}

#[async_trait]
impl Records for SqliteStore {
    async fn secret(&self, name: &str, fresh: &[u8]) -> Result<Vec<u8>, Error> {
        let (name, fresh) = (name.to_owned(), fresh.to_vec());
        self.write(move |tx| {
            tx.conn
                .prepare_cached(
                    "INSERT INTO restante_secrets VALUES (?1, ?2) ON CONFLICT DO NOTHING",
                )?
                .execute((&name, &fresh))?;
            tx.conn
                .prepare_cached("SELECT secret FROM restante_secrets WHERE name = ?1")?
                .query_row([&name], |row| row.get(0))
        })
        .await
    }

    async fn add_api_key(&self, key: &ApiKey) -> Result<(), Error> {
        let key = key.clone();
        let added = self
            .write(move |tx| {
                tx.conn
                    .prepare_cached(
                        "INSERT INTO restante_api_keys(id, name, hash, scopes, created_at, revoked_at)
                         VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING",
                    )?
                    .execute((
                        &key.id,
                        &key.name,
                        &key.hash[..],
                        key.scopes.join(" "),
                        to_millis(key.created_at),
                        key.revoked_at.map(to_millis),
                    ))
            })
            .await?;
        if added == 0 { Err(Error::conflict("there is an API key with this id")) } else { Ok(()) }
    }

    async fn api_keys(&self) -> Result<Vec<ApiKey>, Error> {
        self.read(|snapshot| {
            let mut select = snapshot.conn.prepare_cached(&format!(
                "SELECT {KEY_COLUMNS} FROM restante_api_keys ORDER BY created_at, id"
            ))?;
            let keys = select.query_map([], api_key)?;
            keys.collect()
        })
    }

    async fn api_key(&self, hash: &[u8; 32]) -> Result<Option<ApiKey>, Error> {
        self.read(|snapshot| {
            snapshot
                .conn
                .prepare_cached(&format!(
                    "SELECT {KEY_COLUMNS} FROM restante_api_keys WHERE hash = ?1"
                ))?
                .query_row([&hash[..]], api_key)
                .optional()
        })
    }

    async fn revoke_api_key(&self, now: SystemTime, id: &str) -> Result<bool, Error> {
        let (now, id) = (to_millis(now), id.to_owned());
        self.write(move |tx| {
            let revoked = tx
                .conn
                .prepare_cached(
                    "UPDATE restante_api_keys SET revoked_at = ?2
                     WHERE id = ?1 AND revoked_at IS NULL",
                )?
                .execute((&id, now))?;
            Ok(revoked > 0)
        })
        .await
    }

    async fn end_tokens(&self, now: SystemTime, user: &UserId) -> Result<(), Error> {
        let (now, user) = (to_millis(now), user.clone());
        self.write(move |tx| {
            tx.conn
                .prepare_cached(
                    "INSERT INTO restante_ended_tokens VALUES (?1, ?2)
                     ON CONFLICT(key) DO UPDATE SET at = max(at, excluded.at)",
                )?
                .execute((user.as_str(), now))?;
            Ok(())
        })
        .await
    }

    async fn tokens_ended_at(&self, user: &UserId) -> Result<Option<SystemTime>, Error> {
        let at = self.read(|snapshot| forgetting::tokens_ended_at(snapshot.conn, user))?;
        Ok(at.map(from_millis))
    }

    async fn lease(
        &self,
        now: SystemTime,
        name: &str,
        holder: &str,
        ttl: Duration,
        start: StartAt,
    ) -> Result<Option<i64>, Error> {
        let (now, until) = lease_times(now, ttl);
        let (name, holder) = (name.to_owned(), holder.to_owned());
        self.write(move |tx| {
            let begin = match start {
                StartAt::Now => state::newest_position(tx.last()),
                StartAt::Oldest => 0,
            };
            tx.conn
                .prepare_cached(
                    "INSERT INTO restante_followers(name, position, holder, until)
                     VALUES (?1, ?2, NULL, 0) ON CONFLICT DO NOTHING",
                )?
                .execute((&name, begin))?;
            tx.conn
                .prepare_cached(
                    "UPDATE restante_followers SET holder = ?2, until = ?4
                     WHERE name = ?1 AND (until <= ?3 OR holder IS NULL OR holder = ?2)
                     RETURNING position",
                )?
                .query_row((&name, &holder, now, until), |row| row.get(0))
                .optional()
        })
        .await
    }

    async fn advance(
        &self,
        now: SystemTime,
        name: &str,
        holder: &str,
        ttl: Duration,
        position: i64,
    ) -> Result<bool, Error> {
        let (_, until) = lease_times(now, ttl);
        let (name, holder) = (name.to_owned(), holder.to_owned());
        self.write(move |tx| {
            let advanced = tx
                .conn
                .prepare_cached(
                    "UPDATE restante_followers SET position = max(position, ?3), until = ?4
                     WHERE name = ?1 AND holder = ?2",
                )?
                .execute((&name, &holder, position, until))?;
            Ok(advanced > 0)
        })
        .await
    }

    async fn release(&self, name: &str, holder: &str) -> Result<(), Error> {
        let (name, holder) = (name.to_owned(), holder.to_owned());
        self.write(move |tx| {
            tx.conn
                .prepare_cached(
                    "UPDATE restante_followers SET holder = NULL WHERE name = ?1 AND holder = ?2",
                )?
                .execute((&name, &holder))?;
            Ok(())
        })
        .await
    }

    async fn use_once(
        &self,
        now: SystemTime,
        id: &[u8; 32],
        until: SystemTime,
    ) -> Result<bool, Error> {
        let (id, now, until) = (*id, to_millis(now), to_millis(until));
        self.write(move |tx| {
            let used = tx
                .conn
                .prepare_cached(
                    "INSERT INTO restante_used_once VALUES (?1, ?3)
                     ON CONFLICT (id) DO UPDATE SET until = excluded.until WHERE until <= ?2",
                )?
                .execute((&id[..], now, until))?;
            Ok(used > 0)
        })
        .await
    }

    async fn load(&self) -> Result<Load, Error> {
        let (groups, grouped_writes) = self.groups();
        let [outbox_waiting, outbox_refused, parts_waiting] = self.read(|snapshot| {
            let count = |what: &str| {
                let count = format!("SELECT count(*) FROM {what}");
                let count = snapshot.conn.prepare_cached(&count)?.query_row([], |row| row.get(0));
                count.map(i64::unsigned_abs)
            };
            // Each has an index of just these rows.
            Ok([
                count("restante_outbox WHERE error IS NULL")?,
                count("restante_outbox WHERE error IS NOT NULL")?,
                count("restante_parts WHERE position IS NULL")?,
            ])
        })?;
        Ok(Load { outbox_waiting, outbox_refused, parts_waiting, groups, grouped_writes })
    }

    async fn days(&self, from: SystemTime) -> Result<Vec<Day>, Error> {
        let from = to_millis(from).div_euclid(86_400_000);
        self.read(|snapshot| {
            let mut select = snapshot.conn.prepare_cached(
                "SELECT day, sent, read, read_all FROM restante_days WHERE day >= ?1 ORDER BY day",
            )?;
            let days = select.query_map([from], |row| {
                let count =
                    |column| row.get::<_, i64>(column).map(|n| u64::try_from(n).unwrap_or(0));
                Ok(Day { day: row.get(0)?, sent: count(1)?, read: count(2)?, read_all: count(3)? })
            })?;
            days.collect()
        })
    }
}

/// Now, and when a lease taken now runs out.
fn lease_times(now: SystemTime, ttl: Duration) -> (i64, i64) {
    let now = to_millis(now);
    (now, now.saturating_add(i64::try_from(ttl.as_millis()).unwrap_or(i64::MAX)))
}
