//! The names of this library, each compiled where it is written: one that is no more is an error.

use restante::django::Keep;
use restante::*;

/// Types and traits by themselves, and what belongs to a type or a module: a value, or a call.
macro_rules! compiled {
    (
        $($type:ident),+;
        $($first:ident :: $second:ident $(($($argument:expr),*))?,)+
    ) => {
        mod types {
            #[expect(unused_imports, reason = "that they are there is all")]
            use restante::{$($type),+};
        }

        /// Never called: there is nothing to call it with.
        #[expect(dead_code, reason = "that it compiles is all")]
        fn compile() {
            $(exists($first::$second $(($($argument),*))?);)+
            let _: axum::Router = restante::inbox_routes();
        }

        /// All of them.
        pub(crate) fn names() -> Vec<&'static str> {
            vec![
                // `Option` is the language's own.
                "Option",
                "restante::inbox_routes",
                $(stringify!($type),)+
                $(concat!(stringify!($first), "::", stringify!($second)),)+
            ]
        }
    };
}

/// Something of whatever type is asked for.
fn any<T>() -> T {
    unreachable!("nothing here is run")
}

fn exists<T>(_: T) {}

compiled! {
    DjangoKey, Item, Level, Message, Messages, MessagesLayer, MessagesRejection, MessagesService,
    MysqlStore, PageContext, PostgresStore, RedisStore, Restante, SessionText, Sessions, Shown,
    SqliteStore, Store, Taken, To;

    Messages::add(any(), Message::info("text")),
    Messages::debug(any(), "text"),
    Messages::info(any(), "text"),
    Messages::success(any(), "text"),
    Messages::warning(any(), "text"),
    Messages::error(any(), "text"),
    Messages::take(any()),
    Messages::peek(any()),
    Messages::keep(any()),
    Messages::clear(any()),
    Messages::context(any(), 5),
    Messages::min_level(any()),
    Messages::set_min_level(any(), Level::INFO),
    Taken::is_complete(any()),

    Message::new(Level::INFO, "text"),
    Message::tag(any(), "tag"),
    Message::url(any(), "/"),
    Message::data(any(), 5),
    Message::stored(any()),
    Message::expires_in(any(), any()),
    Message::text(any()),
    Message::level(any()),
    Message::extra_tags(any()),
    Message::link(any()),

    Level::DEBUG,
    Level::INFO,
    Level::SUCCESS,
    Level::WARNING,
    Level::ERROR,
    Level::STORED_DEBUG,
    Level::STORED_INFO,
    Level::STORED_SUCCESS,
    Level::STORED_WARNING,
    Level::STORED_ERROR,
    Level::tag(any()),

    MessagesLayer::for_django(any()),
    MessagesLayer::with_cookie_domain(any(), "example.org"),
    MessagesLayer::with_cookie_name(any(), "name"),
    MessagesLayer::with_level_tags(any(), [(Level::ERROR, "danger")]),
    MessagesLayer::with_min_level(any(), any()),
    MessagesLayer::with_restante(any(), any()),
    MessagesLayer::with_same_site(any(), any()),
    MessagesLayer::with_secure(any(), true),
    MessagesLayer::with_session(any(), TowerSessions),
    MessagesLayer::with_session_only(any(), TowerSessions),
    MessagesLayer::with_store_levels(any(), [Level::ERROR]),
    MessagesLayer::with_user(any(), |_| Some(1_i64)),

    DjangoKey::new("secret"),
    DjangoKey::from_derived_hex("00"),
    DjangoKey::with_fallback(any(), any()),
    DjangoKey::read(any(), "value"),
    DjangoKey::write(any(), &[], 0, django::MAX_SIZE, Keep::Newest),
    django::MAX_SIZE,
    Keep::Newest,
    Keep::Oldest,

    Restante::send(any(), Message::info("text"), "alice"),
    Restante::sweep(any()),
    Restante::with_expiry(any(), any()),
    To::everyone(),
    Inbox::list(any(), any()),
    Inbox::count(any()),
    Inbox::get(any(), any()),
    Inbox::mark_read(any(), any()),
    Inbox::mark_all_read(any(), any()),
    Filter::unread(),
    Filter::archive(),
    Error::is_not_found(any()),
    outbox::send_in(any::<&mut Transaction>(), Message::info("text"), "alice"),
    EventKind::Stored,
    EventKind::Broadcast,
    EventKind::Read,
    EventKind::Dismissed,
    EventKind::AllRead,
    testing::assert_messages(any::<&Response>(), &[]),
    testing::flash_of(any::<&Response>()),
}

type Response = axum::response::Response;
type Transaction = dyn outbox::Outbox;
