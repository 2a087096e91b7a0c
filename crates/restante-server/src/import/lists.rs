//! What django-stored-messages keeps in Redis: for each user a list of what is unread and a list of
//! everything.
//!
//! A message has no id of its own there that could be trusted: two texts of one moment may share
//! one. So what is the same in all its parts is the same message. The set beside the lists is not
//! looked at: it keeps what was deleted.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use jiff::Timestamp;
use redis::aio::MultiplexedConnection;
use redis::{AsyncCommands as _, AsyncConnectionConfig, RedisError, RedisResult};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::App;
use super::found::{Found, Level, List, Recipient, user_id};
use super::importer::Importer;
use super::report::Reason;
use crate::failure::Failure;

/// How many keys are asked for at once.
const KEYS_AT_ONCE: usize = 1_000;
/// How many items of a list are asked for at once.
const ITEMS_AT_ONCE: usize = 500;
/// How long an answer may take. The driver's own half second is for pages.
const PATIENCE: Duration = Duration::from_secs(60);

const INBOX: &str = "notifications";
const ARCHIVE: &str = "archive";

/// Reads the lists of all users. Nothing is written.
pub(super) async fn read(
    url: &str,
    asked: Option<App>,
    importer: &mut Importer<'_>,
) -> Result<(), Failure> {
    if asked == Some(App::Dbmessages) {
        return Err(Failure::said("django-dbmessages keeps nothing in Redis; give its database"));
    }
    let client = redis::Client::open(url).map_err(|_| {
        // The driver's own errors may hold what stands around their cause.
        Failure::said("--source is not a URL of Redis: redis://:password@host:port/number")
    })?;
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(PATIENCE))
        .set_response_timeout(Some(PATIENCE));
    let connection = client.get_multiplexed_async_connection_with_config(&config).await;
    let mut redis = connection.map_err(failed)?;
    let (mut expected, mut archives) = (0, Keys::new(ARCHIVE));
    while let Some(users) = archives.next(&mut redis).await? {
        expected += lengths(&mut redis, &users).await?;
    }
    importer.expect(expected);
    // Redis may name a key twice while it grows.
    let mut done = HashSet::new();
    for kind in [ARCHIVE, INBOX] {
        let mut keys = Keys::new(kind);
        while let Some(some) = keys.next(&mut redis).await? {
            for user in some {
                if done.insert(short(&[user.as_bytes()])) {
                    read_user(&mut redis, &user, importer).await?;
                }
            }
        }
    }
    if done.is_empty() {
        return Err(Failure::said(
            "there are no lists of django-stored-messages, such as user:1:archive; a database other \
             than 0 is named by its number, as in redis://localhost/1",
        ));
    }
    importer.report().apps = vec![App::StoredMessages];
    Ok(())
}

/// The users of which there is a list of one kind.
struct Keys {
    kind: &'static str,
    cursor: Option<u64>,
}

impl Keys {
    fn new(kind: &'static str) -> Self {
        Self { kind, cursor: Some(0) }
    }

    async fn next(
        &mut self,
        redis: &mut MultiplexedConnection,
    ) -> Result<Option<Vec<String>>, Failure> {
        let Some(cursor) = self.cursor else {
            return Ok(None);
        };
        let mut scan = redis::cmd("SCAN");
        scan.arg(cursor).arg("MATCH").arg(format!("user:*:{}", self.kind));
        scan.arg("COUNT").arg(KEYS_AT_ONCE);
        let (cursor, keys): (u64, Vec<Vec<u8>>) = scan.query_async(redis).await.map_err(failed)?;
        self.cursor = (cursor != 0).then_some(cursor);
        let user = |key: Vec<u8>| {
            let key = String::from_utf8(key).ok()?;
            let user = key.strip_prefix("user:")?.strip_suffix(self.kind)?.strip_suffix(':')?;
            Some(user.to_owned())
        };
        Ok(Some(keys.into_iter().filter_map(user).collect()))
    }
}

fn key(user: &str, kind: &str) -> String {
    format!("user:{user}:{kind}")
}

/// How many items are in these users' archives: for the bar, so what is no list counts as none.
async fn lengths(redis: &mut MultiplexedConnection, users: &[String]) -> Result<u64, Failure> {
    if users.is_empty() {
        return Ok(0);
    }
    let mut all = redis::pipe();
    for user in users {
        all.llen(key(user, ARCHIVE));
    }
    let lengths: Vec<RedisResult<u64>> =
        all.ignore_errors().query_async(redis).await.map_err(failed)?;
    Ok(lengths.into_iter().flatten().sum())
}

fn is_no_list(error: &RedisError) -> bool {
    error.code() == Some("WRONGTYPE")
}

/// An item as stored-messages writes it.
#[derive(Debug, Deserialize)]
struct Item {
    message: String,
    level: serde_json::Value,
    #[serde(default)]
    tags: Option<String>,
    date: String,
    #[serde(default)]
    url: Option<String>,
}

impl Item {
    /// What it is, in short.
    fn identity(&self) -> u128 {
        let (tags, url) = (self.tags.as_deref().unwrap_or(""), self.url.as_deref().unwrap_or(""));
        let level = self.level.to_string();
        let parts = [&self.message, level.as_str(), tags, &self.date, url];
        short(&parts.map(str::as_bytes))
    }
}

/// 128 bits of a hash.
fn short(parts: &[&[u8]]) -> u128 {
    let mut sha = Sha256::new();
    for part in parts {
        sha.update((part.len() as u64).to_be_bytes());
        sha.update(part);
    }
    let mut bits = [0; 16];
    bits.copy_from_slice(&sha.finalize()[..16]);
    u128::from_be_bytes(bits)
}

/// Where an item is: of a long list only this much is remembered while it is sorted.
#[derive(Clone, Copy)]
struct Place {
    /// In microseconds. Dates that cannot be read come first, and are told when it is their turn.
    date: i64,
    list: List,
    at: usize,
    is_unread: bool,
}

/// Takes one user's messages in the order of their dates.
async fn read_user(
    redis: &mut MultiplexedConnection,
    user: &str,
    importer: &mut Importer<'_>,
) -> Result<(), Failure> {
    let mut places = places(redis, user, importer).await?;
    // Of one date, the order of the archive.
    places.sort_by_key(|place| (place.date, place.list == List::Inbox, place.at));
    let owner = user_id(user, false);
    let mut rest = places.as_slice();
    while let Some(first) = rest.first() {
        // Lists are mostly in the order of dates, so most of them are read in one go.
        let follows = |(number, place): &(usize, &Place)| {
            place.list == first.list && place.at == first.at + number
        };
        let run = rest.iter().enumerate().take(ITEMS_AT_ONCE).take_while(follows).count();
        let (some, others) = rest.split_at(run);
        rest = others;
        let key = key(user, first.list.name());
        let mut items = items(redis, &key, first.at, run).await?.unwrap_or_default().into_iter();
        for place in some {
            let item = items.next().and_then(|item| parse(&item));
            let Some(item) = item.filter(|item| micros(importer, item) == place.date) else {
                return Err(Failure::said(format!(
                    "the list {key} changed while it was read; run the import again"
                )));
            };
            let list = if place.is_unread { List::Inbox } else { List::Archive };
            let place = format!("{key} item {}", place.at);
            importer.take(found(item, place, &owner, list)).await?;
        }
    }
    Ok(())
}

/// Where a user's messages are, each once.
async fn places(
    redis: &mut MultiplexedConnection,
    user: &str,
    importer: &mut Importer<'_>,
) -> Result<Vec<Place>, Failure> {
    let mut places: Vec<Place> = Vec::new();
    let mut known: HashMap<u128, usize> = HashMap::new();
    for list in [List::Inbox, List::Archive] {
        let (key, is_unread, mut at) = (key(user, list.name()), list == List::Inbox, 0);
        loop {
            let Some(items) = items(redis, &key, at, ITEMS_AT_ONCE).await? else {
                importer.report().skipped.add(Reason::NoList, 1, &key);
                break;
            };
            for item in &items {
                let here = || format!("{key} item {at}");
                match parse(item) {
                    None => importer.unreadable(&here()),
                    Some(item) => {
                        let place = Place { date: micros(importer, &item), list, at, is_unread };
                        let number = *known.entry(item.identity()).or_insert(places.len());
                        match places.get_mut(number) {
                            None => places.push(place),
                            // What is unread is in both. It is read from the list that only grows.
                            Some(first) if first.list != list => {
                                (first.list, first.at) = (list, at);
                            }
                            Some(_) => importer.report().skipped.add(Reason::Duplicate, 1, &here()),
                        }
                    }
                }
                at += 1;
            }
            if items.len() < ITEMS_AT_ONCE {
                break;
            }
        }
    }
    Ok(places)
}

fn micros(importer: &Importer<'_>, item: &Item) -> i64 {
    let date = importer.zone().read(&item.date).and_then(|date| Timestamp::try_from(date).ok());
    date.map_or(0, Timestamp::as_microsecond)
}

fn found(item: Item, place: String, user: &str, list: List) -> Found {
    let level = match &item.level {
        serde_json::Value::Number(number) => number.as_i64().map_or(Level::Nonsense, Level::Number),
        _ => Level::Nonsense,
    };
    Found {
        app: App::StoredMessages,
        place,
        id: format!("{user}:{}", item.date),
        level,
        text: item.message.into(),
        tags: item.tags.unwrap_or_default().into(),
        url: item.url.map(Into::into),
        date: Some(item.date),
        recipients: vec![Recipient { user: user.to_owned(), list }],
    }
}

/// Some items of a list; `None` if the key is of something else.
async fn items(
    redis: &mut MultiplexedConnection,
    key: &str,
    from: usize,
    count: usize,
) -> Result<Option<Vec<Vec<u8>>>, Failure> {
    let place = |at: usize| isize::try_from(at).unwrap_or(isize::MAX);
    match redis.lrange(key, place(from), place(from + count - 1)).await {
        Ok(items) => Ok(Some(items)),
        Err(error) if is_no_list(&error) => Ok(None),
        Err(error) => Err(failed(error)),
    }
}

fn parse(item: &[u8]) -> Option<Item> {
    serde_json::from_slice(item).ok()
}

impl List {
    /// The end of its key.
    fn name(self) -> &'static str {
        match self {
            Self::Inbox => INBOX,
            Self::Archive => ARCHIVE,
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "so that `map_err` takes it by its name")]
fn failed(error: RedisError) -> Failure {
    Failure::said(format!("cannot read the source: {error}"))
}
