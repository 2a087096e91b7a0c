//! Callers who ask at once share a question to the server.
#![allow(dead_code, reason = "each test program uses a part of it")]

use restante::{Filter, Message, Restante};
use tokio::runtime::Builder;
use tokio::task::JoinSet;

/// Each gets the own page and count. Some leave before the answer.
pub(crate) async fn all_get_their_own(restante: &Restante) {
    let users: Vec<String> = (0..100).map(|number| format!("user-{number}")).collect();
    let mut sends = JoinSet::new();
    for user in &users {
        let (restante, user) = (restante.clone(), user.clone());
        sends.spawn(async move { restante.send(Message::info(user.as_str()), user).await });
    }
    while let Some(sent) = sends.join_next().await {
        sent.unwrap().unwrap();
    }
    let mut callers = JoinSet::new();
    for round in 0..10 {
        for (number, user) in users.iter().enumerate() {
            let (inbox, user) = (restante.inbox(user.as_str()).unwrap(), user.clone());
            let caller = callers.spawn(async move {
                let page = inbox.list(Filter::unread()).await.unwrap();
                let texts: Vec<_> = page.items.iter().map(|item| item.message.text()).collect();
                assert_eq!(texts, [user.as_str()]);
                assert_eq!(inbox.count().await.unwrap().unread, 1);
            });
            if (number + round) % 7 == 0 {
                caller.abort();
            }
        }
    }
    while let Some(done) = callers.join_next().await {
        assert!(!done.is_err_and(|error| error.is_panic()), "somebody else's page");
    }
}

/// A store goes on when the runtime in which it was first asked has ended.
pub(crate) fn another_runtime_takes_over(open: impl Future<Output = Restante>) {
    let runtime = || Builder::new_current_thread().enable_all().build().unwrap();
    let restante = runtime().block_on(async {
        let restante = open.await;
        restante.send(Message::info("Ahoy"), "alice").await.unwrap();
        assert_eq!(restante.inbox("alice").unwrap().count().await.unwrap().unread, 1);
        restante
    });
    runtime().block_on(async {
        let page = restante.inbox("alice").unwrap().list(Filter::unread()).await.unwrap();
        assert_eq!(page.items[0].message.text(), "Ahoy");
    });
}
