//! The shapes of what is read and answered, for the OpenAPI document.

use utoipa::ToSchema;

/// One message in one user's inbox or archive.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the shape of what `restante::Item` serialises to")]
pub(super) struct Item {
    /// The item's id: its place in its user's inbox.
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64, example = 8_041_267_200_i64)]
    id: i64,
    /// The text, plain: whoever shows it escapes it.
    #[schema(example = "Export ready")]
    message: String,
    /// How urgent it is: 10 debug, 20 info, 25 success, 30 warning, 40 error; one more in the
    /// stored twins; any other integer is the app's own.
    #[schema(example = 25)]
    level: i32,
    /// The level's tag; empty for a level of the app's own.
    #[schema(example = "success")]
    level_tag: String,
    /// Extra tags and level tag, joined by one space.
    #[schema(example = "exports success")]
    tags: String,
    /// Extra tags, joined by one space.
    #[schema(example = "exports")]
    extra_tags: String,
    /// When it was sent.
    #[schema(format = DateTime)]
    date: String,
    /// Where it leads: http, https or a path.
    #[schema(required, example = "/exports/7")]
    url: Option<String>,
    /// JSON for programs, as the sender wrote it.
    #[schema(required, value_type = Option<Value>)]
    data: Option<serde_json::Value>,
    /// Whether it counts as unread.
    unread: bool,
    /// Whether it was sent to everyone.
    everyone: bool,
    /// When it was read, where that is known.
    #[schema(required, format = DateTime)]
    read_at: Option<String>,
    /// When it leaves inbox and archive; null is never.
    #[schema(required, format = DateTime)]
    expires_at: Option<String>,
}

/// A page of items, newest first.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the shape of what `restante::Page` serialises to")]
pub(super) struct Page {
    /// The items.
    items: Vec<Item>,
    /// Give it as `after` for the next page; null at the end.
    #[schema(required)]
    next: Option<String>,
    /// How many items are unread, whatever the filter.
    unread: u64,
    /// What was visible when the first page was made; give it to mark that read.
    as_of: String,
}

/// How many items are unread.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the shape of what `restante::Count` serialises to")]
pub(super) struct Count {
    /// How many items are unread.
    unread: u64,
    /// What was visible when they were counted; give it to mark that read.
    as_of: String,
}

/// What to mark read: one of the two.
#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "it is read field by field, so that a refusal names the field")]
pub(super) enum MarkRequest {
    Until(MarkUntil),
    Items(MarkItems),
}

/// Everything that was visible when a page or a count was made.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "as above")]
pub(super) struct MarkUntil {
    /// The `as_of` of the page or the count.
    #[schema(example = "1dc3e5a4080", pattern = r"^[01]?[0-9a-f]{1,13}(\.[01]?[0-9a-f]{1,13})?$")]
    as_of: String,
}

/// Certain items.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "as above")]
pub(super) struct MarkItems {
    /// Their ids. One that is not the user's changes nothing.
    #[schema(max_items = 1000)]
    ids: Vec<i64>,
}
