//! The shapes of what is answered and made by the library, for the description of the routes. A
//! test holds them to what is really answered.
#![expect(dead_code, reason = "shapes of what other types serialise to")]

use utoipa::ToSchema;

/// A message that was taken in.
#[derive(ToSchema)]
pub(super) struct Sent {
    /// The message's id, for receipts and retracting.
    #[schema(pattern = "^m_[0-9]{1,16}$", example = "m_8041267200")]
    id: String,
    /// How many users it goes to; 0 for everyone.
    recipients: u64,
    /// Whether an earlier send with the same key was found and nothing was sent now.
    repeated: bool,
    /// How many of the recipients of a long list still wait for it.
    waiting: u64,
}

/// A sent message as its sender sees it.
#[derive(ToSchema)]
pub(super) struct SentMessage {
    /// The message's id.
    #[schema(pattern = "^m_[0-9]{1,16}$", example = "m_8041267200")]
    id: String,
    /// Who sent it: an API key's id, `app` for the server's own command line, `outbox`.
    #[schema(example = "k_5f3a9c0e1b7d")]
    sender: String,
    /// The text.
    #[schema(example = "Export ready")]
    message: String,
    /// How urgent it is.
    #[schema(example = 25)]
    level: i32,
    /// The level's tag; empty for a level of the app's own.
    #[schema(example = "success")]
    level_tag: String,
    /// Extra tags, joined by one space.
    #[schema(example = "exports")]
    extra_tags: String,
    /// Where it leads.
    #[schema(required, example = "/exports/7")]
    url: Option<String>,
    /// JSON for programs.
    #[schema(required, value_type = Option<Value>)]
    data: Option<serde_json::Value>,
    /// When it was sent.
    #[schema(format = DateTime)]
    date: String,
    /// When it leaves inbox and archive, and this list; null is never.
    #[schema(required, format = DateTime)]
    expires_at: Option<String>,
    /// When it was retracted.
    #[schema(required, format = DateTime)]
    retracted_at: Option<String>,
    /// Whether it went to everyone.
    everyone: bool,
    /// How many users it went to; null is everyone.
    #[schema(required)]
    recipients: Option<u64>,
}

/// What became of a sent message.
#[derive(ToSchema)]
pub(super) struct Receipts {
    #[serde(flatten)]
    sent: SentMessage,
    /// How many users have it in their inbox or had; null for what went to everyone.
    #[schema(required)]
    delivered: Option<u64>,
    /// How many users read it.
    read: u64,
}

/// A page of sent messages, newest first.
#[derive(ToSchema)]
pub(super) struct SentPage {
    /// The messages.
    messages: Vec<SentMessage>,
    /// Give it as `after` for the next page; null at the end.
    #[schema(required)]
    next: Option<String>,
}

/// What was removed.
#[derive(ToSchema)]
pub(super) struct Swept {
    /// Messages that left altogether.
    messages: u64,
    /// Users' items, and what is kept of single users for messages to everyone.
    items: u64,
    /// Idempotency keys and other things whose time is over.
    others: u64,
}

/// All that is kept of one user.
#[derive(ToSchema)]
pub(super) struct Export {
    /// The user.
    user: String,
    /// When the user joined, where that is known.
    #[schema(required, format = DateTime)]
    joined: Option<String>,
    /// The items of inbox and archive, newest first, those dismissed included.
    items: Vec<ExportedItem>,
    /// When the user's tokens were last ended.
    #[schema(required, format = DateTime)]
    tokens_ended_at: Option<String>,
    /// Texts that programs left for the user in the outbox and that are not relayed.
    outbox: Vec<String>,
}

/// One item of an export.
#[derive(ToSchema)]
pub(super) struct ExportedItem {
    #[serde(flatten)]
    item: Item,
    /// Whether the user dismissed it.
    dismissed: bool,
}

/// Stands for the item that the inbox routes describe.
#[derive(ToSchema)]
pub(super) struct Item {}

/// An API key as it is kept: never the key itself.
#[derive(ToSchema)]
pub(super) struct ApiKey {
    /// Its id, which is also the sender's name on messages.
    #[schema(example = "k_5f3a9c0e1b7d")]
    id: String,
    /// What it is called.
    #[schema(example = "shop")]
    name: String,
    /// What it may do.
    #[schema(inline)]
    scopes: Vec<Scope>,
    /// When it was made.
    #[schema(format = DateTime)]
    created_at: String,
    /// When it was revoked.
    #[schema(required, format = DateTime)]
    revoked_at: Option<String>,
}

/// All API keys, oldest first.
#[derive(ToSchema)]
pub(super) struct Keys {
    /// The keys, revoked ones included.
    keys: Vec<ApiKey>,
}

/// A key just made: the only answer that holds it.
#[derive(ToSchema)]
pub(super) struct CreatedKey {
    /// What the sender has to present.
    #[schema(pattern = "^restante_[A-Za-z0-9_-]{43}$")]
    key: String,
    #[serde(flatten)]
    kept: ApiKey,
}

/// What a key may do.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
pub(super) enum Scope {
    Send,
    Tokens,
    Admin,
}
