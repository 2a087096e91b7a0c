//! Pages, counts and single items of one user.

use super::Harness;
use super::scene::{Scene, id, texts};
use crate::{AsOf, Cursor, Filter, ItemId, MAX_POSITION, Message};

/// A user never heard of has an empty inbox.
pub async fn is_empty_for_the_unknown(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    let page = scene.list("nobody", &Filter::unread()).await;
    assert!(page.items.is_empty() && page.next.is_none());
    assert_eq!((page.unread, page.as_of), (0, AsOf::new(0, 0)));
    assert!(scene.get("nobody", ItemId::new(1)).await.is_none());
    assert!(!scene.mark_all_now("nobody").await);
    assert!(!scene.read("nobody", ItemId::new(2)).await);
    assert!(!scene.keep("nobody", ItemId::new(2)).await);
    assert!(!scene.dismiss("nobody", ItemId::new(2)).await);
}

/// Reading what is there, and changes that change nothing, leave no trace of the user.
pub async fn keeps_nothing_of_who_only_looks(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    let everyone = scene.broadcast("for everyone").await;
    scene.list("visitor", &Filter::archive()).await;
    scene.count("visitor").await;
    scene.get("visitor", ItemId::new(everyone.id.value())).await;
    scene.store.export(scene.now(), &id("visitor")).await.unwrap();
    scene.mark_all("visitor", AsOf::new(0, 0)).await;
    scene.read("visitor", ItemId::new(12)).await;
    scene.keep("visitor", ItemId::new(everyone.id.value())).await;
    assert!(!scene.forget("visitor").await, "something was kept");
}

/// Another user's items are not there: not to read, not to change.
pub async fn is_its_users_own(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    scene.send("for alice", &["alice"]).await;
    scene.send("for bob", &["bob"]).await;
    let item = scene.item("alice", "for alice").await.id;
    assert!(scene.get("bob", item).await.is_none());
    assert!(!scene.read("bob", item).await);
    assert!(!scene.dismiss("bob", item).await);
    assert!(scene.read("alice", item).await);
    assert!(!scene.keep("bob", item).await);
    assert_eq!(scene.archive("bob").await, ["for bob"]);
    assert_eq!(scene.unread("alice").await, 0);
}

/// The archive holds what is read and what is not, the inbox what is not.
pub async fn shows_what_is_unread(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    for text in ["one", "two", "three"] {
        scene.send(text, &["alice"]).await;
    }
    let two = scene.item("alice", "two").await.id;
    scene.read("alice", two).await;
    assert_eq!(scene.inbox("alice").await, ["three", "one"]);
    assert_eq!(scene.archive("alice").await, ["three", "two", "one"]);
    assert_eq!(scene.unread("alice").await, 2);
}

/// One item by id is the item of the list.
pub async fn gives_one_item_as_the_list_does(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    scene.send_message(Message::warning("one").tag("t").url("/x"), &["alice"]).await;
    scene.broadcast("two").await;
    scene.mark_all_now("alice").await;
    scene.pass(1);
    scene.send("three", &["alice"]).await;
    let items = scene.all("alice", Filter::archive()).await;
    assert_eq!(items.len(), 3);
    for item in items {
        let one = scene.get("alice", item.id).await.unwrap();
        assert_eq!(format!("{one:?}"), format!("{item:?}"));
    }
}

/// A page's count and `as_of` are those of `count`, whatever the view, the filter and the limit.
pub async fn counts_the_same_everywhere(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    for number in 0..7 {
        scene.send(&format!("m{number}"), &["alice"]).await;
        scene.broadcast(&format!("b{number}")).await;
    }
    let item = scene.item("alice", "m3").await.id;
    scene.read("alice", item).await;
    let count = scene.count("alice").await;
    assert_eq!(count.unread, 13);
    for filter in [Filter::unread(), Filter::archive(), Filter::unread().tag("none")] {
        for limit in [1, 5, 100] {
            let page = scene.list("alice", &filter.clone().limit(limit)).await;
            assert_eq!((page.unread, page.as_of), (count.unread, count.as_of));
        }
    }
}

/// Pages follow each other without a gap, and the last one has no next.
pub async fn is_full_to_the_last_page(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    for number in 0..10 {
        scene.send(&format!("{number}"), &["alice"]).await;
    }
    for limit in [1, 3, 5, 9, 10, 11, 100] {
        let mut filter = Filter::archive().limit(limit);
        let mut left = 10;
        loop {
            let page = scene.list("alice", &filter).await;
            assert_eq!(page.items.len(), limit.min(left));
            left -= page.items.len();
            filter.after = page.next;
            if page.next.is_none() {
                break;
            }
        }
        assert_eq!(left, 0, "pages of {limit}");
    }
}

/// What arrives between two pages is on neither, and what was left over still comes, once.
pub async fn has_cursors_that_stand_still(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    for number in 0..6 {
        scene.send(&format!("m{number}"), &["alice"]).await;
    }
    let mut filter = Filter::unread().limit(2);
    let (mut shown, mut first) = (Vec::new(), None);
    loop {
        let page = scene.list("alice", &filter).await;
        shown.extend(texts(&page.items));
        assert_eq!(*first.get_or_insert(page.as_of), page.as_of, "page one's `as_of`");
        scene.send("meanwhile", &["alice"]).await;
        scene.broadcast("meanwhile").await;
        // What was shown may leave without moving the rest.
        scene.read("alice", page.items[0].id).await;
        scene.dismiss("alice", page.items[1].id).await;
        filter.after = page.next;
        if page.next.is_none() {
            break;
        }
    }
    assert_eq!(shown, ["m5", "m4", "m3", "m2", "m1", "m0"]);
    assert!(scene.mark_all("alice", first.unwrap()).await);
    assert_eq!(scene.unread("alice").await, 6, "what came meanwhile was not on page one");
}

/// Cursors that no page gave are harmless.
pub async fn takes_any_cursor(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    scene.send("one", &["alice"]).await;
    scene.broadcast("two").await;
    for (position, expected) in [(0, 0), (1, 0), (MAX_POSITION, 2)] {
        let future = AsOf::new(MAX_POSITION, MAX_POSITION);
        let filter = Filter::unread().after(Cursor::new(position, future));
        let page = scene.list("alice", &filter).await;
        assert_eq!(page.items.len(), expected);
        scene.mark_all("alice", page.as_of).await;
        scene.send("later", &["bob"]).await;
        assert_eq!(scene.inbox("bob").await[0], "later");
        let item = scene.item("alice", "one").await.id;
        scene.keep("alice", item).await;
        let two = scene.item("alice", "two").await.id;
        scene.keep("alice", two).await;
    }
}

/// One user's count does not change, nor its `as_of`, when others get messages.
pub async fn stands_still_while_others_get_messages(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    scene.send("one", &["alice"]).await;
    let before = scene.count("alice").await;
    scene.pass(60);
    scene.send("two", &["bob"]).await;
    scene.mark_all_now("bob").await;
    scene.keep("bob", scene.item("bob", "two").await.id).await;
    assert_eq!(scene.count("alice").await, before);
}

/// A page for a rare tag looks at 2,000 items and says where to go on.
pub async fn bounds_what_a_filter_looks_at(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    scene.send_message(Message::info("oldest").tag("rare"), &["alice"]).await;
    for number in 0..2_100 {
        scene.send(&format!("{number}"), &["alice"]).await;
    }
    scene.send_message(Message::info("newest").tag("rare"), &["alice"]).await;
    let filter = Filter::unread().tag("rare").limit(5);
    let page = scene.list("alice", &filter).await;
    assert_eq!(texts(&page.items), ["newest"], "2,000 looked at");
    let next = page.next.expect("there is more to look at");
    let page = scene.list("alice", &filter.clone().after(next)).await;
    assert_eq!(texts(&page.items), ["oldest"]);
    assert!(page.next.is_none());
    // What is read does not use up the bound of a page of unread ones.
    scene.mark_all_now("alice").await;
    scene.keep("alice", scene.item("alice", "oldest").await.id).await;
    let page = scene.list("alice", &filter).await;
    assert_eq!(texts(&page.items), ["oldest"]);
}
