//! Levels and tags.

use restante::{Level, Message, Messages};

use super::{Layer, layer, page};

/// The tags that a page sees for a message.
async fn tags(layer: Layer, message: Message) -> String {
    let handler = move |messages: Messages| {
        let message = message.clone();
        async move {
            messages.set_min_level(Level::new(i32::MIN));
            messages.add(message);
            let taken = messages.take().await;
            let shown = &taken[0];
            assert!(shown.tags.ends_with(&shown.level_tag));
            shown.tags.clone()
        }
    };
    page(layer, handler).get("/").await.body
}

#[tokio::test]
async fn line_01_levels_and_their_tags() {
    let levels = [
        (Level::DEBUG, 10, "debug"),
        (Level::INFO, 20, "info"),
        (Level::SUCCESS, 25, "success"),
        (Level::WARNING, 30, "warning"),
        (Level::ERROR, 40, "error"),
    ];
    for (level, number, tag) in levels {
        assert_eq!(level.value(), number);
        assert_eq!(level.stored().value(), number + 1);
        assert_eq!(tags(layer(), Message::new(level, "x")).await, tag);
        let stored = Message::new(level.stored(), "x");
        assert_eq!(tags(layer(), stored).await, format!("persisted {tag}"));
    }
}

#[tokio::test]
async fn line_02_a_level_is_any_integer() {
    for level in [i32::MIN, -7, 0, 23, i32::MAX] {
        assert_eq!(tags(layer(), Message::new(Level::new(level), "x")).await, "");
    }
}

#[tokio::test]
async fn line_03_extra_tags_then_the_level_tag() {
    let message = Message::info("x").tag("a").tag("b");
    assert_eq!(tags(layer(), message).await, "a b info");
}

#[tokio::test]
async fn line_04_without_extra_tags_just_the_level_tag() {
    assert_eq!(tags(layer(), Message::info("x")).await, "info");
}

#[tokio::test]
async fn line_05_an_unknown_level_has_no_tag() {
    assert_eq!(tags(layer(), Message::new(Level::new(23), "x").tag("a")).await, "a");
    assert_eq!(tags(layer(), Message::new(Level::new(23), "x")).await, "");
}

#[tokio::test]
async fn line_06_level_tags_merge_over_the_usual_ones() {
    let custom = Level::new(35);
    let layer = layer().with_level_tags([(custom, "urgent"), (Level::INFO, "")]);
    let layer = layer.with_level_tags([(Level::ERROR, "danger")]);
    assert_eq!(tags(layer.clone(), Message::new(custom, "x")).await, "urgent");
    assert_eq!(tags(layer.clone(), Message::info("x").tag("a")).await, "a");
    assert_eq!(tags(layer.clone(), Message::error("x")).await, "danger");
    assert_eq!(tags(layer, Message::warning("x")).await, "warning");
}

#[test]
fn line_07_equal_by_level_and_text() {
    assert_eq!(Message::info("x").tag("a"), Message::info("x").url("/y"));
    assert_ne!(Message::info("x"), Message::warning("x"));
    assert_ne!(Message::info("x"), Message::info("y"));
    assert_eq!(Message::info("said").to_string(), "said");
}
