//! What templates get.

use minijinja::value::Serde;
use restante::{MemoryStore, Message, Messages, Restante};

use super::{browser, layer, layer_with, page};
use crate::stores::unread;

const PAGE: &str = "{% for m in messages %}{{ m.tags }}{% if m.level == levels.WARNING %}!{% endif %} \
                    {{ m.message }};{% endfor %} {{ unread }} \
                    [{% for i in inbox %}{{ i.message }} {% endfor %}] \
                    [{% for i in archive %}{{ i.message }}{{ '*' if i.unread }} {% endfor %}]";

async fn rendered(messages: Messages) -> String {
    let mut environment = minijinja::Environment::new();
    environment.add_template("page.html", PAGE).unwrap();
    let context = Serde(&messages.context(2).await);
    environment.get_template("page.html").unwrap().render(context).unwrap()
}

#[tokio::test]
async fn line_76_templates_get_messages_and_level_names() {
    let mut script = browser(layer());
    script.get("/level:30:careful/tagged:red:stop").await;
    let mut browser = page(layer(), rendered);
    browser.jar = script.jar;
    let answer = browser.get("/").await;
    assert_eq!(answer.body, "warning! careful;red info stop; 0 [] []");
    assert!(answer.deletes());
}

#[tokio::test]
async fn line_76_not_used_until_read() {
    let mut script = browser(layer());
    script.get("/add:a").await;
    let mut browser = page(layer(), async |_: Messages| "nothing rendered".to_owned());
    browser.jar = script.jar;
    assert_eq!(browser.get("/").await.set_cookie(), None);
}

#[tokio::test]
async fn unread_count_and_the_newest_of_inbox_and_archive() {
    let restante = Restante::new(MemoryStore::new());
    for at in 0..25 {
        restante.send(Message::info(format!("m{at}")), "alice").await.unwrap();
    }
    let mut browser = page(layer_with(&restante), rendered).with("x-user", "alice");
    let body = browser.get("/").await.body;
    assert!(body.starts_with("info m0;info m1;"), "{body}");
    assert!(body.ends_with("info m19; 5 [m24 m23 ] [m24* m23* ]"), "{body}");
    assert_eq!(unread(&restante, "alice").await, 5);
    let body = browser.get("/").await.body;
    assert!(body.ends_with("info m24; 0 [] [m24* m23* ]"), "read when the page has gone: {body}");
    assert_eq!(browser.get("/").await.body, " 0 [] [m24 m23 ]");
}

#[tokio::test]
async fn a_context_without_lists_does_not_ask_for_them() {
    let page = page(layer(), async |messages: Messages| {
        messages.info("a");
        let context = messages.context(0).await;
        assert!(context.inbox.is_empty() && context.archive.is_empty());
        serde_json::to_string(&context.messages).unwrap()
    });
    let answer = { page }.get("/").await;
    assert_eq!(
        answer.body,
        "[{\"level\":20,\"level_tag\":\"info\",\"message\":\"a\",\"tags\":\"info\",\
         \"extra_tags\":\"\",\"url\":null,\"data\":null,\"id\":null,\"safe\":false}]"
    );
}
