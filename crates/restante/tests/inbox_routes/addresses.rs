use restante::Message;
use serde_json::json;

use super::Site;
use crate::site::anonymous;

#[tokio::test]
async fn a_trailing_slash_is_the_same_path() {
    let site = Site::new();
    site.send(Message::info("Ahoy"), "alice").await;
    let id = site.newest("alice").await;
    assert_eq!(site.get("/messages/inbox/").await.texts(), ["Ahoy"]);
    assert_eq!(site.get("/messages/inbox/count/").await.json()["unread"], 1);
    assert_eq!(site.get(&format!("/messages/inbox/{id}/")).await.json()["message"], "Ahoy");
    let changed = async |path: String| {
        site.call("POST", &format!("/messages/{path}")).await.json()["changed"].clone()
    };
    assert_eq!(changed(format!("inbox/{id}/read/")).await, true);
    assert_eq!(changed(format!("inbox/{id}/unread/")).await, true);
    assert_eq!(changed("mark_all_read/".to_owned()).await, true);
    let none = site.post("/messages/inbox/read/", r#"{"ids": []}"#).await;
    assert_eq!(none.json()["changed"], false);
    let id = site.restante.inbox("alice").unwrap();
    let id = id.list(restante::Filter::archive()).await.unwrap().items[0].id;
    assert_eq!(site.call("DELETE", &format!("/messages/inbox/{id}/")).await.status, 204);
}

#[tokio::test]
async fn a_users_id_that_cannot_be_used_is_the_apps_fault() {
    let site = Site::new();
    let request = anonymous("GET", "/messages/inbox").header("x-user", "*").body(Vec::new());
    let answer = site.ask(request.unwrap()).await;
    let said = "the id given by `with_user` cannot be a user's id";
    let expected = json!({
        "type": "urn:restante:problem:misconfigured",
        "title": "The app is not set up for these routes",
        "status": 500,
        "detail": said,
    });
    assert_eq!(answer.problem(), expected);
}
