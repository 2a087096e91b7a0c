//! What has to be there after a process was killed.
#![allow(clippy::unwrap_used, reason = "where something is missing, a test panics")]

use std::collections::HashMap;

use restante::store::SentFilter;
use restante::{Filter, ItemId, MessageId, Restante};

use crate::child::{Acknowledged, LIST_USERS};
use crate::outside::{Outside, open};

/// Opens the database as the next process would, and compares. Gives the number of lists that the kill
/// had cut midway.
///
/// # Panics
/// Where something is missing, there twice, or half done.
pub async fn check(database: &str, acknowledged: &[Acknowledged]) -> i64 {
    let restante = Restante::from_arc(open(database).await.unwrap()).without_background();
    let outside = Outside::connect(database).await.unwrap();
    let cut = outside.unfinished_lists().await.unwrap();
    restante.relay().await.unwrap();
    restante.deliver_waiting(|_| {}).await.unwrap();
    assert_eq!(outside.unfinished_lists().await.unwrap(), 0);
    let texts = outside.texts().await.unwrap();
    for (text, times) in &texts {
        assert_eq!(*times, 1, "{text} was sent {times} times");
    }
    for one in acknowledged {
        match one {
            Acknowledged::Single(n, id) => {
                let receipts = restante.receipts(id.parse().unwrap()).await.unwrap();
                assert_eq!(receipts.sent.message.text(), format!("single {n}"));
                assert_eq!(receipts.delivered, Some(1));
            }
            Acknowledged::Several(n, id) => {
                let receipts = restante.receipts(id.parse().unwrap()).await.unwrap();
                assert_eq!(receipts.sent.message.text(), format!("several {n}"));
                assert_eq!(receipts.delivered, Some(3));
            }
            Acknowledged::List(n, id) => {
                let receipts = restante.receipts(id.parse().unwrap()).await.unwrap();
                assert_eq!(receipts.sent.message.text(), format!("list {n}"));
            }
            Acknowledged::Broadcast(n, id) => {
                let id: MessageId = id.parse().unwrap();
                let nobody = restante.inbox("nobody-special").unwrap();
                let item = nobody.get(ItemId::new(id.value())).await.unwrap();
                assert_eq!(item.message.text(), format!("broadcast {n}"));
            }
            Acknowledged::Outbox(n) => {
                assert!(texts.contains_key(&format!("outbox {n}")), "outbox {n} is lost");
            }
            Acknowledged::Read(user, id) => {
                let inbox = restante.inbox(user.as_str()).unwrap();
                let item = inbox.get(id.parse().unwrap()).await.unwrap();
                assert!(item.read_at.is_some() && !item.unread, "{user} {id}");
            }
        }
    }
    lists_are_whole(&restante).await;
    readers_see_each_once(&restante).await;
    assert!(outside.is_whole().unwrap());
    cut
}

/// Every list that got as far as being recorded, acknowledged or not, has reached everyone on it.
async fn lists_are_whole(restante: &Restante) {
    let mut filter = SentFilter { limit: 100, ..SentFilter::default() };
    let mut newest_list = None;
    loop {
        let page = restante.sent(filter.clone()).await.unwrap();
        for sent in page.messages.iter().filter(|m| m.message.text().starts_with("list ")) {
            let receipts = restante.receipts(sent.id).await.unwrap();
            assert_eq!(receipts.delivered, Some(LIST_USERS as u64), "{}", sent.message.text());
            newest_list = newest_list.or(Some(sent.message.text().to_owned()));
        }
        match page.next {
            Some(next) => filter.after = Some(next),
            None => break,
        }
    }
    if let Some(text) = newest_list {
        for user in ["listed-0", "listed-7777", "listed-19999"] {
            let inbox = restante.inbox(user).unwrap();
            let page = inbox.list(Filter::unread().containing(&*text).limit(100)).await.unwrap();
            assert_eq!(page.items.iter().filter(|i| i.message.text() == text).count(), 1);
        }
    }
}

async fn readers_see_each_once(restante: &Restante) {
    for user in (0..20).map(|n| format!("reader-{n}")) {
        let inbox = restante.inbox(user).unwrap();
        let (mut seen, mut filter) = (HashMap::new(), Filter::archive().limit(100));
        loop {
            let page = inbox.list(filter.clone()).await.unwrap();
            for item in page.items {
                let earlier = seen.insert(item.message.text().to_owned(), item.id);
                assert_eq!(earlier, None, "{} is there twice", item.message.text());
            }
            match page.next {
                Some(next) => filter = filter.after(next),
                None => break,
            }
        }
    }
}
