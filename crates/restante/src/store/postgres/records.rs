//! What the server itself must remember.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use tokio_postgres::Row;

use super::PostgresStore;
use super::store::read;
use super::tx::Tx;
use super::{Result as Inner, forgetting};
use crate::clock::{from_millis, to_millis};
use crate::store::group::Subject;
use crate::store::{ApiKey, Day, Load, Records, StartAt, state};
use crate::{Error, UserId};

const PUT_SECRET: &str = "INSERT INTO restante_secrets VALUES ($1, $2) ON CONFLICT DO NOTHING";
const SECRET: &str = "SELECT secret FROM restante_secrets WHERE name = $1";
const ADD_API_KEY: &str = "
    INSERT INTO restante_api_keys(id, name, hash, scopes, created_at, revoked_at)
    VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";
const API_KEYS: &str = "
    SELECT id, name, hash, scopes, created_at, revoked_at FROM restante_api_keys
    ORDER BY created_at, id";
const API_KEY: &str = "
    SELECT id, name, hash, scopes, created_at, revoked_at FROM restante_api_keys WHERE hash = $1";
const REVOKE: &str =
    "UPDATE restante_api_keys SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL";
const END_TOKENS: &str = "
    INSERT INTO restante_ended_tokens VALUES ($1, $2)
    ON CONFLICT (key) DO UPDATE SET at = GREATEST(restante_ended_tokens.at, excluded.at)";
const BEGIN_TO_FOLLOW: &str = "
    INSERT INTO restante_followers(name, position, holder, until) VALUES ($1, $2, NULL, 0)
    ON CONFLICT DO NOTHING";
const LEASE: &str = "
    UPDATE restante_followers SET holder = $2, until = $4
    WHERE name = $1 AND (until <= $3 OR holder IS NULL OR holder = $2) RETURNING position";
const ADVANCE: &str = "
    UPDATE restante_followers SET position = GREATEST(position, $3), until = $4
    WHERE name = $1 AND holder = $2";
const RELEASE: &str = "UPDATE restante_followers SET holder = NULL WHERE name = $1 AND holder = $2";
const USE: &str = "
    INSERT INTO restante_used_once VALUES ($1, $3)
    ON CONFLICT (id) DO UPDATE SET until = excluded.until WHERE restante_used_once.until <= $2";
/// Each has an index of just these rows.
const LOAD: &str = "
    SELECT (SELECT count(*) FROM restante_outbox WHERE error IS NULL),
        (SELECT count(*) FROM restante_outbox WHERE error IS NOT NULL),
        (SELECT count(*) FROM restante_parts WHERE position IS NULL)";
const DAYS: &str = "
    SELECT day, sum(sent)::bigint, sum(read)::bigint, sum(read_all)::bigint FROM restante_days
    WHERE day >= $1 GROUP BY day ORDER BY day";

fn api_key(row: &Row) -> Inner<ApiKey> {
    // A hash of another length is nobody's.
    let hash = <[u8; 32]>::try_from(row.try_get::<_, &[u8]>(2)?).unwrap_or_default();
    Ok(ApiKey {
        id: row.try_get(0)?,
        name: row.try_get(1)?,
        hash,
        scopes: row.try_get::<_, String>(3)?.split_whitespace().map(str::to_owned).collect(),
        created_at: from_millis(row.try_get(4)?),
        revoked_at: row.try_get::<_, Option<i64>>(5)?.map(from_millis),
    })
}

async fn days(session: &super::session::Session, from: i64) -> Inner<Vec<Day>> {
    let rows = session.query(DAYS, &[&from]).await?;
    let count = |row: &Row, column: usize| {
        row.try_get::<_, i64>(column).map(|n| u64::try_from(n).unwrap_or(0))
    };
    let day = |row: &Row| {
        let (sent, read, read_all) = (count(row, 1)?, count(row, 2)?, count(row, 3)?);
        Ok(Day { day: row.try_get(0)?, sent, read, read_all })
    };
    rows.iter().map(day).collect()
}

#[async_trait]
impl Records for PostgresStore {
    async fn secret(&self, name: &str, fresh: &[u8]) -> Result<Vec<u8>, Error> {
        let (name, fresh) = (name.to_owned(), fresh.to_vec());
        self.write(Subject::Store, move |tx: Arc<Tx>| {
            let (name, fresh) = (name.clone(), fresh.clone());
            async move {
                tx.session.execute(PUT_SECRET, &[&name, &fresh]).await?;
                tx.session.query_one(SECRET, &[&name]).await?.try_get(0)
            }
        })
        .await
    }

    async fn add_api_key(&self, key: &ApiKey) -> Result<(), Error> {
        let key = key.clone();
        let added = self
            .write(Subject::Store, move |tx: Arc<Tx>| {
                let (key, scopes) = (key.clone(), key.scopes.join(" "));
                async move {
                    let hash = &key.hash[..];
                    let (made, revoked) =
                        (to_millis(key.created_at), key.revoked_at.map(to_millis));
                    let values: super::session::Parameters<'_> =
                        &[&key.id, &key.name, &hash, &scopes, &made, &revoked];
                    tx.session.execute(ADD_API_KEY, values).await
                }
            })
            .await?;
        if added == 0 { Err(Error::conflict("there is an API key with this id")) } else { Ok(()) }
    }

    async fn api_keys(&self) -> Result<Vec<ApiKey>, Error> {
        let rows = read!(self, session => session.query(API_KEYS, &[]))?;
        rows.iter().map(api_key).collect::<Inner<_>>().map_err(super::failure::error)
    }

    async fn api_key(&self, hash: &[u8; 32]) -> Result<Option<ApiKey>, Error> {
        let hash = &hash[..];
        let row = read!(self, session => session.query_opt(API_KEY, &[&hash]))?;
        row.as_ref().map(api_key).transpose().map_err(super::failure::error)
    }

    async fn revoke_api_key(&self, now: SystemTime, id: &str) -> Result<bool, Error> {
        let (now, id) = (to_millis(now), id.to_owned());
        let revoke = move |tx: Arc<Tx>| {
            let id = id.clone();
            async move { tx.session.execute(REVOKE, &[&id, &now]).await }
        };
        Ok(self.write(Subject::Store, revoke).await? > 0)
    }

    async fn end_tokens(&self, now: SystemTime, user: &UserId) -> Result<(), Error> {
        let (now, user) = (to_millis(now), user.clone());
        let end = move |tx: Arc<Tx>| {
            let user = user.clone();
            async move { tx.session.execute(END_TOKENS, &[&user.as_str(), &now]).await }
        };
        self.write(Subject::Store, end).await.map(|_| ())
    }

    async fn tokens_ended_at(&self, user: &UserId) -> Result<Option<SystemTime>, Error> {
        let at = read!(self, session => forgetting::tokens_ended_at(&session, user))?;
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
        self.write(Subject::Store, move |tx: Arc<Tx>| {
            let (name, holder) = (name.clone(), holder.clone());
            let begin = match start {
                StartAt::Now => state::newest_position(tx.last()),
                StartAt::Oldest => 0,
            };
            async move {
                tx.session.execute(BEGIN_TO_FOLLOW, &[&name, &begin]).await?;
                let leased = tx.session.query_opt(LEASE, &[&name, &holder, &now, &until]).await?;
                leased.map(|row| row.try_get(0)).transpose()
            }
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
        let advance = move |tx: Arc<Tx>| {
            let (name, holder) = (name.clone(), holder.clone());
            async move { tx.session.execute(ADVANCE, &[&name, &holder, &position, &until]).await }
        };
        Ok(self.write(Subject::Store, advance).await? > 0)
    }

    async fn release(&self, name: &str, holder: &str) -> Result<(), Error> {
        let (name, holder) = (name.to_owned(), holder.to_owned());
        let release = move |tx: Arc<Tx>| {
            let (name, holder) = (name.clone(), holder.clone());
            async move { tx.session.execute(RELEASE, &[&name, &holder]).await }
        };
        self.write(Subject::Store, release).await.map(|_| ())
    }

    async fn use_once(
        &self,
        now: SystemTime,
        id: &[u8; 32],
        until: SystemTime,
    ) -> Result<bool, Error> {
        let (id, now, until) = (*id, to_millis(now), to_millis(until));
        let using = move |tx: Arc<Tx>| async move {
            tx.session.execute(USE, &[&id.as_slice(), &now, &until]).await
        };
        Ok(self.write(Subject::Store, using).await? > 0)
    }

    async fn load(&self) -> Result<Load, Error> {
        let (groups, grouped_writes) = self.groups();
        let row = read!(self, session => session.query_one(LOAD, &[]))?;
        let count = |column: usize| {
            row.try_get::<_, i64>(column).map(i64::unsigned_abs).map_err(super::failure::error)
        };
        let (outbox_waiting, outbox_refused, parts_waiting) = (count(0)?, count(1)?, count(2)?);
        Ok(Load { outbox_waiting, outbox_refused, parts_waiting, groups, grouped_writes })
    }

    async fn days(&self, from: SystemTime) -> Result<Vec<Day>, Error> {
        let from = to_millis(from).div_euclid(86_400_000);
        read!(self, session => days(&session, from))
    }
}

/// Now, and when a lease taken now runs out.
fn lease_times(now: SystemTime, ttl: Duration) -> (i64, i64) {
    let now = to_millis(now);
    (now, now.saturating_add(i64::try_from(ttl.as_millis()).unwrap_or(i64::MAX)))
}
