use serde_json::{Value, json};

use crate::sandbox::{Afar, Sandbox};

/// What a verb answers, without what differs from one send to the next.
fn shape(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let mut fields = fields.clone();
            for (name, value) in &mut fields {
                *value = match name.as_str() {
                    "id" | "as_of" | "key" | "token" | "sender" | "next" => json!(value.is_null()),
                    "date" | "created_at" | "expires_at" | "read_at" | "retracted_at" => {
                        json!(value.as_str().map(|time| time.ends_with('Z')))
                    }
                    _ => shape(value),
                };
            }
            Value::Object(fields)
        }
        Value::Array(values) => values.iter().map(shape).collect(),
        value => value.clone(),
    }
}

/// Does everything that there is to do, by `run`, and gives every answer.
fn tour(run: &dyn Fn(&[&str]) -> Value) -> Vec<Value> {
    let mut answers = Vec::new();
    let mut ask = |arguments: &[&str]| {
        let answer = run(arguments);
        answers.push(shape(&answer));
        answer
    };
    let text = |value: &Value| value.as_str().map_or(value.to_string(), str::to_owned);
    let (data, user) = ("{\"n\": 1.50, \"a\": [\"ü\"]}", "zoë/..?#%");
    let said = [
        "--level",
        "warning",
        "--tag",
        "a",
        "--tag",
        "b",
        "--url",
        "/x?y=ü",
        "--data",
        data,
        "--expires",
        "7d",
        "--key",
        "k",
        "Look “here”\n\tnow",
    ];
    let sent = ask(&[&["send", "--to", user, "--to", "bob"], &said[..]].concat());
    let again = ask(&[&["send", "--to", "bob", "--to", user], &said[..]].concat());
    assert_eq!((&again["id"], &again["repeated"]), (&sent["id"], &json!(true)));
    ask(&["send", "--to", user, "--expires", "never", "--level", "-7", "second"]);
    ask(&["send", "--everyone", "--newcomers", "--expires", "2100-01-01T00:00:00Z", "to all"]);
    let page = ask(&["inbox", user, "--limit", "2"]);
    let next = text(&page["next"]);
    let rest = ask(&["inbox", user, "--limit", "2", "--after", &next]);
    assert_eq!(rest["items"][0]["message"], "Look “here”\n\tnow");
    assert_eq!(rest["items"][0]["url"], "/x?y=ü");
    ask(&["inbox", user, "--level", "warning", "--tag", "b"]);
    let (first, second) = (text(&page["items"][0]["id"]), text(&page["items"][1]["id"]));
    ask(&["read", user, &first, &second, &first]);
    ask(&["read", user, &first]);
    ask(&["unread", user, &second]);
    ask(&["unread", user, &second]);
    ask(&["read", user, "--all"]);
    ask(&["read", user, "--all"]);
    ask(&["inbox", user, "--archive"]);
    ask(&["dismiss", user, &first]);
    ask(&["sent"]);
    ask(&["sent", "--limit", "1", "--after", &text(&sent["id"])]);
    ask(&["sent", &text(&sent["id"])]);
    ask(&["retract", &text(&sent["id"])]);
    ask(&["sent", &text(&sent["id"])]);
    ask(&["export", user]);
    ask(&["token", user, "--ttl", "90s"]);
    let key = ask(&["key", "create", "--name", "Schlüssel", "--scope", "send"]);
    ask(&["key", "revoke", &text(&key["id"])]);
    ask(&["forget", user]);
    ask(&["forget", user]);
    ask(&["sweep"]);
    answers
}

#[test]
fn every_verb_answers_from_afar_as_it_does_at_home() {
    let home = Sandbox::new();
    let at_home = tour(&|arguments| home.json(arguments));

    let sandbox = Sandbox::new();
    let key = sandbox.key(&["admin"]);
    let server = sandbox.serve(&[]);
    let afar = Afar::new(&server, &key);
    let from_afar = tour(&|arguments| afar.json(arguments));
    assert_eq!(at_home.len(), from_afar.len());
    for (at, (home, afar)) in at_home.iter().zip(&from_afar).enumerate() {
        assert_eq!(home, afar, "answer {at}");
    }
    // Whoever looks at the same database sees the same, to the letter.
    for verb in [&["sent"][..], &["inbox", "bob"], &["export", "bob"], &["key", "list"]] {
        assert_eq!(sandbox.ok(verb), afar.ok(verb));
        assert_eq!(sandbox.json(verb), afar.json(verb));
    }
    assert_eq!(std::fs::read_dir(afar.path("")).unwrap().count(), 0, "nothing is left here");
}

#[test]
fn what_is_told_is_the_same_too() {
    let home = Sandbox::new();
    let sandbox = Sandbox::new();
    let server = sandbox.serve(&[]);
    let afar = Afar::new(&server, &sandbox.key(&["admin"]));
    home.key(&["admin"]);
    let long = "x".repeat(16_385);
    for (arguments, code) in [
        (&["send", "--to", "alice", "--key", "k", "x"][..], 0),
        (&["send", "--to", "alice", "--key", "k", "y"], 1),
        (&["send", "--to", "alice", ""], 1),
        (&["send", "--to", "alice", &long], 1),
        (&["send", "--to", "", "x"], 1),
        (&["send", "--to", "alice", "--newcomers", "x"], 1),
        (&["send", "--to", "alice", "--url", "//evil", "x"], 1),
        (&["send", "--to", "alice", "--data", "{", "x"], 1),
        (&["send", "--to", "alice", "--tag", "a b", "x"], 1),
        (&["send", "--to", "alice", "--expires", "2020-01-01T00:00:00Z", "x"], 1),
        (&["inbox", "*"], 1),
        (&["inbox", "nobody"], 0),
        (&["inbox", "alice", "--limit", "0"], 1),
        (&["inbox", "alice", "--limit", "101"], 1),
        (&["read", "alice", "4"], 1),
        (&["unread", "alice", "4"], 1),
        (&["dismiss", "alice", "4"], 1),
        (&["read", "nobody", "--all"], 0),
        (&["sent", "m_4"], 1),
        (&["sent", "--limit", "101"], 1),
        (&["retract", "m_4"], 1),
        (&["forget", "nobody"], 0),
        (&["key", "revoke", "k_0"], 1),
        (&["key", "create", "--name", " "], 1),
        (&["token", "alice", "--ttl", "31d"], 1),
    ] {
        if code == 0 {
            let without_id = |text: String| text.split("m_").next().unwrap().to_owned();
            assert_eq!(without_id(home.ok(arguments)), without_id(afar.ok(arguments)));
        } else {
            assert_eq!(home.refused(arguments), afar.refused(arguments), "{arguments:?}");
        }
    }
}

#[test]
fn a_long_list_is_seen_through_to_its_end() {
    let sandbox = Sandbox::new();
    let server = sandbox.serve(&[]);
    let afar = Afar::new(&server, &sandbox.key(&["send"]));
    let list: Vec<_> = (0..30_000).map(|number| format!("üser \"{number}\"\n")).collect();
    let sent = afar
        .run_with_input(&["send", "--to-file", "-", "--json", "To many"], list.concat().as_bytes());
    assert!(sent.status.success(), "{sent:?}");
    let sent: Value = serde_json::from_slice(&sent.stdout).unwrap();
    assert_eq!((&sent["recipients"], &sent["waiting"]), (&json!(30_000), &json!(0)));
    assert_eq!(sandbox.json(&["inbox", "üser \"29999\""])["unread"], 1);
}

#[test]
fn a_long_list_of_whom_nobody_knows_is_not_even_sent() {
    let sandbox = Sandbox::new();
    let server = sandbox.serve(&[]);
    let list: Vec<_> = (0..200_000).map(|number| format!("user-{number}\n")).collect();
    for (key, named) in [
        ("restante_guess".to_owned(), "does not accept the API key"),
        (sandbox.key(&["tokens"]), "scope `send`"),
    ] {
        let afar = Afar::new(&server, &key);
        std::fs::write(afar.path("list.txt"), list.concat()).unwrap();
        let (code, complaint) = afar.refused(&["send", "--to-file", "list.txt", "x"]);
        assert!(code == 1 && complaint.contains(named), "{complaint}");
    }
    // What the server finds wrong when it has read it all is told as well.
    let afar = Afar::new(&server, &sandbox.key(&["send"]));
    std::fs::write(afar.path("list.txt"), list.concat()).unwrap();
    let (_, complaint) = afar.refused(&["send", "--to-file", "list.txt", "--tag", "a b", "x"]);
    assert!(complaint.starts_with("restante: tags: "), "{complaint}");
}
