use restante::{DjangoKey, Level, MessagesLayer};

fn layer(derived_key: &str) -> Result<MessagesLayer, restante::Error> {
    let key = DjangoKey::from_derived_hex(derived_key)?;
    Ok(MessagesLayer::for_django(key)
        .with_secure(true) // SESSION_COOKIE_SECURE
        .with_level_tags([(Level::ERROR, "danger")])) // MESSAGE_TAGS
}
