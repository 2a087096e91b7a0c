//! What the server itself must remember. Whatever is written is looked at first: whoever writes
//! holds the clock, so nobody comes in between.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use mysql_async::Row;

use super::session::{Session, get};
use super::sql::{Value, key as user_key};
use super::store::read;
use super::tx::Tx;
use super::{MysqlStore, Result as Inner, failure, forgetting};
use crate::clock::{from_millis, to_millis};
use crate::store::group::Subject;
use crate::store::{ApiKey, Day, Load, Records, StartAt, state};
use crate::{Error, UserId};

const SECRET: &str = "SELECT secret FROM restante_secrets WHERE name = ?";
const PUT_SECRET: &str = "INSERT INTO restante_secrets(name, secret) VALUES (?, ?)";
const HAS_API_KEY: &str = "SELECT 1 FROM restante_api_keys WHERE id = ? OR hash = ?";
const ADD_API_KEY: &str = "
    INSERT INTO restante_api_keys(id, name, hash, scopes, created_at, revoked_at)
    VALUES (?, ?, ?, ?, ?, ?)";
const API_KEYS: &str = "
    SELECT id, name, hash, scopes, created_at, revoked_at FROM restante_api_keys
    ORDER BY created_at, id";
const API_KEY: &str = "
    SELECT id, name, hash, scopes, created_at, revoked_at FROM restante_api_keys WHERE hash = ?";
const REVOKE: &str =
    "UPDATE restante_api_keys SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL";
const END_TOKENS: &str = "
    INSERT INTO restante_ended_tokens(`key`, at) VALUES (?, ?)
    ON DUPLICATE KEY UPDATE at = GREATEST(at, VALUES(at))";
const FOLLOWER: &str = "SELECT position, holder, until FROM restante_followers WHERE name = ?";
const BEGIN_TO_FOLLOW: &str = "
    INSERT INTO restante_followers(name, position, holder, until) VALUES (?, ?, ?, ?)";
const LEASE: &str = "UPDATE restante_followers SET holder = ?, until = ? WHERE name = ?";
const ADVANCE: &str = "
    UPDATE restante_followers SET position = GREATEST(position, ?), until = ?
    WHERE name = ? AND holder = ?";
const RELEASE: &str = "UPDATE restante_followers SET holder = NULL WHERE name = ? AND holder = ?";
const USED: &str = "SELECT until FROM restante_used_once WHERE id = ?";
const USE: &str = "
    INSERT INTO restante_used_once(id, until) VALUES (?, ?)
    ON DUPLICATE KEY UPDATE until = VALUES(until)";
/// Each is a range of an index.
const LOAD: &str = "
    SELECT (SELECT COUNT(*) FROM restante_outbox WHERE refused_at IS NULL),
        (SELECT COUNT(*) FROM restante_outbox WHERE refused_at IS NOT NULL),
        (SELECT COUNT(*) FROM restante_parts WHERE position IS NULL)";
const DAYS: &str =
    "SELECT day, sent, `read`, read_all FROM restante_days WHERE day >= ? ORDER BY day";

fn api_key(row: &Row) -> Inner<ApiKey> {
    // A hash of another length is nobody's.
    let hash = <[u8; 32]>::try_from(get::<Vec<u8>>(row, 2)?).unwrap_or_default();
    Ok(ApiKey {
        id: get(row, 0)?,
        name: get(row, 1)?,
        hash,
        scopes: get::<String>(row, 3)?.split_whitespace().map(str::to_owned).collect(),
        created_at: from_millis(get(row, 4)?),
        revoked_at: get::<Option<i64>>(row, 5)?.map(from_millis),
    })
}

async fn days(session: &Session, from: i64) -> Inner<Vec<Day>> {
    let rows = session.rows(DAYS, &[from.into()]).await?;
    let day = |row: &Row| {
        Ok(Day {
            day: get(row, 0)?,
            sent: get(row, 1)?,
            read: get(row, 2)?,
            read_all: get(row, 3)?,
        })
    };
    rows.iter().map(day).collect()
}

async fn secret(tx: &Tx, name: &str, fresh: &[u8]) -> Inner<Vec<u8>> {
    let name = Value::Bytes(name.as_bytes());
    if let Some(row) = tx.session.row(SECRET, &[name]).await? {
        return get(&row, 0);
    }
    tx.session.execute(PUT_SECRET, &[name, Value::Bytes(fresh)]).await?;
    Ok(fresh.to_vec())
}

async fn add_api_key(tx: &Tx, key: &ApiKey) -> Inner<bool> {
    let (id, hash) = (Value::Bytes(key.id.as_bytes()), Value::Bytes(&key.hash));
    if tx.session.has(HAS_API_KEY, &[id, hash]).await? {
        return Ok(false);
    }
    let scopes = key.scopes.join(" ");
    let values = [
        id,
        Value::Text(&key.name),
        hash,
        Value::Text(&scopes),
        to_millis(key.created_at).into(),
        key.revoked_at.map(to_millis).into(),
    ];
    tx.session.execute(ADD_API_KEY, &values).await.map(|_| true)
}

/// A lease that is asked for.
#[derive(Clone)]
struct Lease {
    name: String,
    holder: String,
    now: i64,
    until: i64,
    start: StartAt,
}

impl Lease {
    async fn take(&self, tx: &Tx) -> Inner<Option<i64>> {
        let name = Value::Bytes(self.name.as_bytes());
        let holder = Value::Bytes(self.holder.as_bytes());
        let Some(row) = tx.session.row(FOLLOWER, &[name]).await? else {
            let begin = match self.start {
                StartAt::Now => state::newest_position(tx.last()),
                StartAt::Oldest => 0,
            };
            let values = [name, begin.into(), holder, self.until.into()];
            return tx.session.execute(BEGIN_TO_FOLLOW, &values).await.map(|_| Some(begin));
        };
        let (position, held_by): (i64, Option<String>) = (get(&row, 0)?, get(&row, 1)?);
        let until: i64 = get(&row, 2)?;
        if until > self.now && held_by.is_some_and(|other| other != self.holder) {
            return Ok(None);
        }
        tx.session.execute(LEASE, &[holder, self.until.into(), name]).await?;
        Ok(Some(position))
    }
}

async fn use_once(tx: &Tx, id: &[u8], now: i64, until: i64) -> Inner<bool> {
    let id = Value::Bytes(id);
    if let Some(row) = tx.session.row(USED, &[id]).await?
        && get::<i64>(&row, 0)? > now
    {
        return Ok(false);
    }
    tx.session.execute(USE, &[id, until.into()]).await.map(|_| true)
}

#[async_trait]
impl Records for MysqlStore {
    async fn secret(&self, name: &str, fresh: &[u8]) -> Result<Vec<u8>, Error> {
        let (name, fresh) = (name.to_owned(), fresh.to_vec());
        self.write(Subject::Store, move |tx: Arc<Tx>| {
            let (name, fresh) = (name.clone(), fresh.clone());
            async move { secret(&tx, &name, &fresh).await }
        })
        .await
    }

    async fn add_api_key(&self, key: &ApiKey) -> Result<(), Error> {
        let key = key.clone();
        let add = move |tx: Arc<Tx>| {
            let key = key.clone();
            async move { add_api_key(&tx, &key).await }
        };
        if self.write(Subject::Store, add).await? {
            Ok(())
        } else {
            Err(Error::conflict("there is an API key with this id"))
        }
    }

    async fn api_keys(&self) -> Result<Vec<ApiKey>, Error> {
        let rows = read!(self, session => session.rows(API_KEYS, &[]))?;
        rows.iter().map(api_key).collect::<Inner<_>>().map_err(failure::error)
    }

    async fn api_key(&self, hash: &[u8; 32]) -> Result<Option<ApiKey>, Error> {
        let values = [Value::Bytes(hash)];
        let row = read!(self, session => session.row(API_KEY, &values))?;
        row.as_ref().map(api_key).transpose().map_err(failure::error)
    }

    async fn revoke_api_key(&self, now: SystemTime, id: &str) -> Result<bool, Error> {
        let (now, id) = (to_millis(now), id.to_owned());
        let revoke = move |tx: Arc<Tx>| {
            let id = id.clone();
            async move { tx.session.execute(REVOKE, &[now.into(), Value::Bytes(id.as_bytes())]).await }
        };
        Ok(self.write(Subject::Store, revoke).await? > 0)
    }

    async fn end_tokens(&self, now: SystemTime, user: &UserId) -> Result<(), Error> {
        let (now, user) = (to_millis(now), user.clone());
        let end = move |tx: Arc<Tx>| {
            let user = user.clone();
            async move { tx.session.execute(END_TOKENS, &[user_key(&user), now.into()]).await }
        };
        self.write(Subject::Store, end).await.map(|_| ())
    }

    async fn tokens_ended_at(&self, user: &UserId) -> Result<Option<SystemTime>, Error> {
        let at = read!(self, session => forgetting::tokens_ended_at(session, user))?;
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
        let lease = Lease { name, holder, now, until, start };
        self.write(Subject::Store, move |tx: Arc<Tx>| {
            let lease = lease.clone();
            async move { lease.take(&tx).await }
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
            async move {
                let (name, holder) =
                    (Value::Bytes(name.as_bytes()), Value::Bytes(holder.as_bytes()));
                tx.session.execute(ADVANCE, &[position.into(), until.into(), name, holder]).await
            }
        };
        Ok(self.write(Subject::Store, advance).await? > 0)
    }

    async fn release(&self, name: &str, holder: &str) -> Result<(), Error> {
        let (name, holder) = (name.to_owned(), holder.to_owned());
        let release = move |tx: Arc<Tx>| {
            let (name, holder) = (name.clone(), holder.clone());
            async move {
                let values = [Value::Bytes(name.as_bytes()), Value::Bytes(holder.as_bytes())];
                tx.session.execute(RELEASE, &values).await
            }
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
        let using = move |tx: Arc<Tx>| async move { use_once(&tx, &id, now, until).await };
        self.write(Subject::Store, using).await
    }

    async fn load(&self) -> Result<Load, Error> {
        let (groups, grouped_writes) = self.groups();
        let row = read!(self, session => session.row(LOAD, &[]))?;
        let count = |column: usize| {
            let count = row.as_ref().map_or(Ok(0), |row| get(row, column));
            count.map_err(failure::error)
        };
        let (outbox_waiting, outbox_refused, parts_waiting) = (count(0)?, count(1)?, count(2)?);
        Ok(Load { outbox_waiting, outbox_refused, parts_waiting, groups, grouped_writes })
    }

    async fn days(&self, from: SystemTime) -> Result<Vec<Day>, Error> {
        let from = to_millis(from).div_euclid(86_400_000);
        read!(self, session => days(session, from))
    }
}

/// Now, and when a lease taken now runs out.
fn lease_times(now: SystemTime, ttl: Duration) -> (i64, i64) {
    let now = to_millis(now);
    (now, now.saturating_add(i64::try_from(ttl.as_millis()).unwrap_or(i64::MAX)))
}
