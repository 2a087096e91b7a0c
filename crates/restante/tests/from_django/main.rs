//! `docs/from-django.md` against what it speaks of: every public name of Django's messages framework,
//! as the installed Django says itself, and of the two apps is in its first columns, and what its second
//! columns name is there.
//!
//! `page` reads the tables, `old` has the names of the apps, `new` compiles those of this library.

#![expect(clippy::unwrap_used, reason = "the helpers of tests fail as the tests do")]

#[expect(dead_code, reason = "that it compiles is all")]
mod layer;
mod new;
mod old;
mod page;

use std::collections::BTreeSet;
use std::path::Path;

use page::Page;

#[test]
fn every_name_of_the_framework_is_there() {
    let page = Page::read();
    let (section, settings) = (page.section("django.contrib.messages"), old::SETTINGS);
    section.has_all("a setting", settings);
    for (django, names) in old::framework() {
        section.has_all(&django, &names.iter().map(String::as_str).collect::<Vec<_>>());
    }
}

#[test]
fn every_name_of_the_apps_is_there() {
    let page = Page::read();
    page.section("django-stored-messages").has_all("1.4.0", old::STORED_MESSAGES);
    page.section("django-dbmessages").has_all("0.1.1", old::DBMESSAGES);
}

#[test]
fn every_name_of_the_library_is_compiled() {
    let compiled: BTreeSet<_> = new::names().into_iter().collect();
    let said: BTreeSet<_> = Page::read().new_names().into_iter().collect();
    let unknown: Vec<_> = said.iter().filter(|name| !compiled.contains(name.as_str())).collect();
    assert!(unknown.is_empty(), "{unknown:?} are on the page and in no list of `new`");
    let left: Vec<_> = compiled.iter().filter(|name| !said.contains(**name)).collect();
    assert!(left.is_empty(), "{left:?} are no longer on the page");
}

#[test]
fn every_path_and_verb_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let api = std::fs::read_to_string(root.join("docs/openapi.json")).unwrap();
    let api: serde_json::Value = serde_json::from_str(&api).unwrap();
    let (mut paths, mut verbs) = (0, 0);
    for span in Page::read().new_spans() {
        if let Some((method, path)) = span.split_once(" /") {
            let path = &api["paths"][format!("/{path}")];
            assert!(!path[method.to_lowercase()].is_null(), "there is no {span}");
            paths += 1;
        }
        if let Some(verb) = span.strip_prefix("restante ") {
            let file = root.join(format!("crates/restante-server/src/cli/{verb}.rs"));
            assert!(file.exists(), "there is no `{span}`");
            verbs += 1;
        }
    }
    assert!(paths > 10 && verbs > 5, "{paths} paths and {verbs} verbs");
}

#[test]
fn the_code_of_the_page_compiles() {
    // In the page comments stand below each other, which rustfmt does not.
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let code = include_str!("layer.rs");
    assert!(words(&Page::read().text).contains(&words(code)));
}
