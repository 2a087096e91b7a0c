use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

use serde_json::{Value, json};

use crate::sandbox::Sandbox;

/// The code and the answers to these lines.
fn lines(arguments: &[&str], input: &str) -> (i32, Vec<Value>) {
    let arguments = [&["cookie"], arguments].concat();
    let output = Sandbox::new().run_with_input(&arguments, input.as_bytes());
    let text = String::from_utf8(output.stdout).unwrap();
    let answers = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    (output.status.code().unwrap(), answers)
}

fn one(arguments: &[&str], input: &Value) -> Value {
    let (code, mut answers) = lines(arguments, &format!("{input}\n"));
    assert_eq!((code, answers.len()), (0, 1), "{answers:?}");
    answers.remove(0)
}

/// What Django 5.2 wrote with this key.
const KEY: &str = "django-insecure-x8#k)2v$w!9q&restante-vector-key";
const VALUE: &str = "W1siX19qc29uX21lc3NhZ2UiLDAsMjAsIlByb2ZpbGUgc2F2ZWQuIiwiIl1d:1r31eq:\
                     lYzXymNP-Vz8W4-9c-ZJsAGUvsrIQBj8drcVhvCzLts";

fn saved() -> Value {
    json!({"level": 20, "text": "Profile saved.", "extra_tags": "", "safe": false})
}

#[test]
fn what_django_wrote_is_decoded_and_encoded_again() {
    let found = json!({"ok": true, "messages": [saved()], "complete": true, "tampered": false});
    for arguments in [&["decode"][..], &["decode", "--codec", "django"]] {
        let line = json!({"secret_key": KEY, "fallback_keys": [], "cookie_value": VALUE});
        assert_eq!(one(arguments, &line), found);
    }
    let fallback = json!({"secret_key": "new", "fallback_keys": [KEY], "cookie_value": VALUE});
    assert_eq!(one(&["decode"], &fallback), found);

    let nothing =
        |ok, tampered| json!({"ok": ok, "messages": [], "complete": true, "tampered": tampered});
    let wrong = json!({"secret_key": "wrong", "cookie_value": VALUE});
    assert_eq!(one(&["decode"], &wrong), nothing(false, true));
    let absent = json!({"secret_key": KEY, "cookie_value": ""});
    assert_eq!(one(&["decode"], &absent), nothing(false, false));

    let line = json!({"secret_key": KEY, "timestamp": 1_700_000_000, "messages": [saved()],
                      "max_size": 2048, "keep": "newest"});
    assert_eq!(one(&["encode"], &line), json!({"cookie_value": VALUE, "unstored": []}));
    let none = json!({"secret_key": KEY, "messages": []});
    assert_eq!(one(&["encode"], &none), json!({"cookie_value": "", "unstored": []}));
}

#[test]
fn the_derived_key_is_enough() {
    let answer = one(&["derive-key"], &json!({"secret_key": KEY}));
    let derived = answer["derived_key"].as_str().unwrap();
    assert_eq!(derived.len(), 64);
    let line = json!({"derived_key": derived, "cookie_value": VALUE});
    assert_eq!(one(&["decode"], &line)["messages"], json!([saved()]));
    let line =
        json!({"secret_key": "new", "fallback_derived_keys": [derived], "cookie_value": VALUE});
    assert_eq!(one(&["decode"], &line)["messages"], json!([saved()]));
    let line = json!({"derived_key": derived, "timestamp": 1_700_000_000, "messages": [saved()]});
    assert_eq!(one(&["encode"], &line)["cookie_value"], VALUE);
}

#[test]
fn what_does_not_fit_is_told() {
    let message = |text: &str| json!({"level": 25, "text": text, "extra_tags": null, "safe": true});
    // Noise, of which zlib makes little; a limit that one of them fits.
    let texts =
        ["6b86b273ff34fce19d6b804e", "d4735e3a265e16eee03f5971", "4e07408562bedb8b60ce05c1"];
    let messages: Vec<_> = texts.map(message).into();
    let encode = |keep: &str, max_size: u32| {
        let line = json!({"secret_key": KEY, "timestamp": 1, "messages": messages,
                          "max_size": max_size, "keep": keep});
        one(&["encode"], &line)
    };
    assert_eq!(encode("newest", 170)["unstored"], json!(messages[..2]));
    assert_eq!(encode("oldest", 170)["unstored"], json!(messages[1..]));
    assert_eq!(encode("newest", 0)["unstored"], json!([]));
    let value = encode("oldest", 170)["cookie_value"].clone();
    let found = one(&["decode"], &json!({"secret_key": KEY, "cookie_value": value}));
    assert_eq!((&found["complete"], &found["messages"][0]), (&false.into(), &messages[0]));
}

#[test]
fn numbers_of_any_size_are_levels() {
    for level in [i128::from(i64::MAX), i128::from(i64::MIN), 1 << 70, -3] {
        let line = format!(
            "{{\"secret_key\":\"k\",\"messages\":[{{\"level\":{level},\"text\":\"a\"}}]}}\n"
        );
        let (_, answers) = lines(&["encode"], &line);
        let line = json!({"secret_key": "k", "cookie_value": answers[0]["cookie_value"]});
        let output =
            Sandbox::new().run_with_input(&["cookie", "decode"], line.to_string().as_bytes());
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains(&format!("\"level\":{level},")), "{text}");
    }
}

#[test]
fn a_line_that_is_not_in_order_is_told_with_its_field_and_stops_nobody() {
    let good = json!({"secret_key": KEY, "cookie_value": VALUE}).to_string();
    for (verb, line, field) in [
        ("decode", r#"{"cookie_value": "x"}"#, Some("secret_key")),
        ("decode", r#"{"secret_key": "k"}"#, Some("cookie_value")),
        ("decode", r#"{"secret_key": "k", "cookie_value": 5}"#, Some("cookie_value")),
        ("decode", r#"{"secret_key": "", "cookie_value": "x"}"#, Some("secret_key")),
        ("decode", r#"{"secret_key": 7, "cookie_value": "x"}"#, Some("secret_key")),
        (
            "decode",
            r#"{"secret_key": "k", "fallback_keys": ["a", 1], "cookie_value": "x"}"#,
            Some("fallback_keys[1]"),
        ),
        (
            "decode",
            r#"{"secret_key": "k", "fallback_keys": "a", "cookie_value": "x"}"#,
            Some("fallback_keys"),
        ),
        (
            "decode",
            r#"{"secret_key": "k", "fallback_keys": ["a", ""], "cookie_value": "x"}"#,
            Some("fallback_keys[1]"),
        ),
        ("decode", r#"{"derived_key": "abc", "cookie_value": "x"}"#, Some("derived_key")),
        ("decode", "[\"k\", \"x\"]", None),
        ("decode", "not JSON", None),
        ("decode", "{\"secret_key\": \"k\"", None),
        ("encode", r#"{"secret_key": "k"}"#, Some("messages")),
        (
            "encode",
            r#"{"secret_key": "k", "messages": [{"text": "a"}]}"#,
            Some("messages[0].level"),
        ),
        (
            "encode",
            r#"{"secret_key": "k", "messages": [{"level": "a", "text": "a"}]}"#,
            Some("messages[0].level"),
        ),
        ("encode", r#"{"secret_key": "k", "messages": [], "max_size": -1}"#, Some("max_size")),
        ("encode", r#"{"secret_key": "k", "messages": [], "keep": "all"}"#, Some("keep")),
        ("encode", r#"{"secret_key": "k", "messages": [], "timestamp": "x"}"#, Some("timestamp")),
        ("derive-key", "{}", Some("secret_key")),
    ] {
        let (code, answers) = lines(&[verb], &format!("{line}\n\n{good}"));
        assert_eq!(code, 1, "{line}");
        assert_eq!(answers.len(), 2, "{line}");
        assert!(answers[0]["error"].is_string(), "{line}");
        assert_eq!(
            (&answers[0]["field"], &answers[0]["line"]),
            (&json!(field), &json!(1)),
            "{line}"
        );
        if verb == "decode" {
            assert_eq!(answers[1]["messages"], json!([saved()]));
        }
    }
    let output = Sandbox::new().run_with_input(&["cookie", "decode"], b"\xff\n");
    assert!(!output.status.success());
    assert!(String::from_utf8(output.stdout).unwrap().contains("must be UTF-8"));
    assert!(String::from_utf8(output.stderr).unwrap().contains("one line was not in order"));
}

#[test]
fn each_line_is_answered_before_the_next_is_there() {
    let sandbox = Sandbox::new();
    let mut command = sandbox.command(&["cookie", "decode"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut answers = BufReader::new(child.stdout.take().unwrap()).lines();
    for _ in 0..3 {
        writeln!(input, "{}", json!({"secret_key": KEY, "cookie_value": VALUE})).unwrap();
        let answer: Value = serde_json::from_str(&answers.next().unwrap().unwrap()).unwrap();
        assert_eq!(answer["ok"], true);
    }
    drop(input);
    assert!(child.wait().unwrap().success());
}

#[test]
fn the_cookie_of_an_app_without_django_is_decoded_too() {
    let line = |value: &str, name: &str| json!({"secret_key": "s".repeat(32), "cookie_value": value, "cookie_name": name});
    // `Message::success("Saved").tag("a").url("/x")`, signed with 32 times `s`.
    let value = "AQEyAwVTYXZlZAFhAi94S74FNS9DIlRw3HwZlUi9bcRh7XdxYdM41Tem5D8j_Go";
    let decode = |line: &Value| one(&["decode", "--codec", "restante"], line);
    let found = decode(&line(value, "messages"));
    let message =
        json!({"level": 25, "text": "Saved", "extra_tags": "a", "safe": false, "url": "/x"});
    let expected = json!({"ok": true, "messages": [message], "complete": true, "tampered": false});
    assert_eq!(found, expected);
    assert_eq!(decode(&line(value, "other"))["tampered"], true);
    assert_eq!(decode(&line("", "messages"))["ok"], false);
    let (code, answers) = lines(
        &["decode", "--codec", "restante"],
        "{\"secret_key\": \"k\", \"cookie_value\": \"\"}",
    );
    assert_eq!((code, &answers[0]["field"]), (1, &json!("secret_key")));
}
