//! The names that are left behind.

use std::path::PathBuf;
use std::process::Command;

use restante_testkit::django::pythons;

/// Settings of Django that are about messages although most are not messages' own, and what messages
/// are given at run time.
pub(crate) const SETTINGS: &[&str] = &[
    "MESSAGE_LEVEL",
    "MESSAGE_STORAGE",
    "MESSAGE_TAGS",
    "SECRET_KEY",
    "SECRET_KEY_FALLBACKS",
    "SESSION_COOKIE_DOMAIN",
    "SESSION_COOKIE_HTTPONLY",
    "SESSION_COOKIE_SAMESITE",
    "SESSION_COOKIE_SECURE",
    "fail_silently",
    "storage.used",
    "Message.extra_tags",
    "Message.level",
    "Message.message",
    "DEFAULT_MESSAGE_LEVELS",
];

/// Every Django that is installed, with the public names of its messages framework.
pub(crate) fn framework() -> Vec<(String, Vec<String>)> {
    let names = |python: PathBuf| {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/from_django/names.py");
        let output = Command::new(&python).arg(script).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let names: Vec<String> = serde_json::from_slice(&output.stdout).unwrap();
        assert!(names.len() > 60, "{names:?}");
        (python.display().to_string(), names)
    };
    pythons().into_iter().map(names).collect()
}

/// Of django-stored-messages 1.4.0, which needs a Django of 2016. What begins with an underscore is its
/// own affair.
pub(crate) const STORED_MESSAGES: &[&str] = &[
    // api, constants
    "add_message_for",
    "broadcast_message",
    "mark_read",
    "mark_all_read",
    "STORED_DEBUG",
    "STORED_INFO",
    "STORED_SUCCESS",
    "STORED_WARNING",
    "STORED_ERROR",
    "VERSION",
    // settings
    "STORED_MESSAGES",
    "STORE_LEVELS",
    "MESSAGE_TAGS",
    "INBOX_EXPIRE_DAYS",
    "MESSAGE_EXPIRE_DAYS",
    "STORAGE_BACKEND",
    "REDIS_URL",
    "USER_SETTINGS",
    "DEFAULTS",
    "MANDATORY",
    "IMPORT_STRINGS",
    "perform_import",
    "import_from_string",
    "StoredMessagesSettings",
    "StoredMessagesSettings.validate_setting",
    "stored_messages_settings",
    // models and their tables
    "Message",
    "Message.message",
    "Message.level",
    "Message.tags",
    "Message.url",
    "Message.date",
    "MessageArchive",
    "MessageArchive.user",
    "MessageArchive.message",
    "Inbox",
    "Inbox.user",
    "Inbox.message",
    "Inbox.expired",
    "stored_messages_message",
    "stored_messages_inbox",
    "stored_messages_messagearchive",
    "user:<pk>:notifications",
    "user:<pk>:notificationsidx",
    "user:<pk>:archive",
    // storage
    "StorageMixin",
    "StorageMixin.add",
    "PersistentStorage",
    // backends
    "StoredMessagesBackend",
    "StoredMessagesBackend.create_message",
    "StoredMessagesBackend.inbox_list",
    "StoredMessagesBackend.inbox_purge",
    "StoredMessagesBackend.inbox_store",
    "StoredMessagesBackend.inbox_delete",
    "StoredMessagesBackend.inbox_get",
    "StoredMessagesBackend.archive_store",
    "StoredMessagesBackend.archive_list",
    "StoredMessagesBackend.can_handle",
    "StoredMessagesBackend.expired_messages_cleanup",
    "DefaultBackend",
    "RedisBackend",
    "MessageTypeNotSupported",
    "MessageDoesNotExist",
    "inbox_stored",
    "inbox_deleted",
    "inbox_purged",
    "archive_stored",
    // REST
    "urlpatterns",
    "router",
    "GET /inbox/",
    "GET /inbox/{pk}/",
    "POST /inbox/{pk}/read/",
    "POST /mark_all_read/",
    "GET /",
    "api-root",
    "inbox-list",
    "inbox-detail",
    "inbox-read",
    "InboxViewSet",
    "InboxViewSet.list",
    "InboxViewSet.retrieve",
    "InboxViewSet.read",
    "views.mark_all_read",
    "InboxSerializer",
    "InboxSerializer.id",
    "InboxSerializer.message",
    "InboxSerializer.level",
    "InboxSerializer.tags",
    "InboxSerializer.date",
    "InboxSerializer.url",
    // templates
    "stored_messages_tags",
    "register",
    "stored_messages_list",
    "stored_messages_count",
    "stored_messages_archive",
    "stored_messages/stored_messages_list.html",
    "stored_messages/base.html",
    "js/stored_messages.js",
];

/// Of django-dbmessages 0.1.1.
pub(crate) const DBMESSAGES: &[&str] = &[
    "Message",
    "Message.to_user",
    "Message.level",
    "Message.message",
    "Message.extra_tags",
    "Message.message_compat",
    "user.dbmessages",
    "DBMessageMiddleware",
    "DBMessageMiddleware.process_request",
    "MessageAdmin",
    "MessageAdmin.raw_id_fields",
    "MessageAdmin.list_filter",
    "get_user_model_fk_ref",
    "stock_message_cls",
    "dbmessages_message",
];
