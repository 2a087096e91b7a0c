//! The real binary, a real file, a real port.
//!
//! `sandbox` starts and stops what is tested. `journey` is the main job from end to end, `verbs`
//! the command line, `settings` where its options come from, `keys` API keys and tokens; `remote`
//! is the same verbs through a server, `way` what can go wrong on the way there; `pages` is what a
//! browser gets, `doors` who gets in and who does not, `demo` the first minute of whoever tries it
//! out, `operating` what whoever runs it relies on, `databases` the stores other than a file,
//! `backups` how each is backed up, `cookie` flash cookies by hand, `streams` what is told live.
//!
//! `django_site` is the database of a Django site: `import_django` says what becomes of its rows,
//! `import_again` what a second run does; `import_sources` reads servers, `import_stores` fills them.
//!
//! `api_calls` speaks JSON to the server: `api_scopes` asks of every route who may call it,
//! `api_sending`, `api_inbox` and `api_tokens` what it does, `api_bad_input` what it refuses, and
//! `api_description` whether it is as it says.
//!
//! `operator` is a browser signed in to the admin pages: `admin_doors` asks of every one of them who
//! gets in, `admin_compose` what is sent by them, `admin_pages` what they show and do besides.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod admin_compose;
mod admin_doors;
mod admin_pages;
mod api_bad_input;
mod api_calls;
mod api_description;
mod api_inbox;
mod api_scopes;
mod api_sending;
mod api_tokens;
mod backups;
mod cookie;
mod databases;
mod demo;
mod django_site;
mod doors;
mod import_again;
mod import_django;
mod import_sources;
mod import_stores;
mod journey;
mod keys;
mod operating;
mod operator;
mod pages;
mod remote;
mod sandbox;
mod settings;
mod streams;
mod verbs;
mod way;
