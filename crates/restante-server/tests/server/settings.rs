use std::process::Command;

use crate::sandbox::Sandbox;

/// The code, the output and the complaint.
fn outcome(mut command: Command) -> (i32, String, String) {
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn with_file(file: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    std::fs::write(sandbox.path("restante.toml"), file).unwrap();
    sandbox
}

/// The level of alice's newest message.
fn level(sandbox: &Sandbox) -> String {
    let page = sandbox.json(&["inbox", "alice"]);
    page["items"][0]["level_tag"].as_str().unwrap().to_owned()
}

#[test]
fn a_flag_wins_over_a_variable_over_the_file_over_the_default() {
    let sandbox = Sandbox::new();
    sandbox.ok(&["send", "--to", "alice", "by default"]);
    assert_eq!(level(&sandbox), "info");

    std::fs::write(sandbox.path("restante.toml"), "send.level = \"warning\"\n").unwrap();
    sandbox.ok(&["send", "--to", "alice", "by file"]);
    assert_eq!(level(&sandbox), "warning");

    let mut command = sandbox.command(&["send", "--to", "alice", "by variable"]);
    assert_eq!(outcome_of(command.env("RESTANTE_SEND_LEVEL", "error")), 0);
    assert_eq!(level(&sandbox), "error");

    let mut command = sandbox.command(&["send", "--to", "alice", "--level", "debug", "by flag"]);
    assert_eq!(outcome_of(command.env("RESTANTE_SEND_LEVEL", "error")), 0);
    assert_eq!(level(&sandbox), "debug");

    let mut command = sandbox.command(&["send", "--to", "alice", "empty is not set"]);
    assert_eq!(outcome_of(command.env("RESTANTE_SEND_LEVEL", "")), 0);
    assert_eq!(level(&sandbox), "warning");
}

fn outcome_of(command: &mut Command) -> i32 {
    command.output().unwrap().status.code().unwrap()
}

#[test]
fn a_file_may_hold_lists_numbers_times_and_flags() {
    let sandbox = with_file(
        "json = true\ndatabase = \"sqlite:kept.db\"\n\
         [send]\nto = [\"alice\", \"bob\"]\ntag = \"one\"\nlevel = 35\n\
         expires = 2100-01-01T00:00:00Z\n[read]\nall = true\n",
    );
    let sent = sandbox.ok(&["send", "to whom the file says"]);
    assert!(sent.contains("\"recipients\":2"), "{sent}");
    assert!(sandbox.path("kept.db").exists());
    let page = sandbox.json(&["inbox", "bob"]);
    let item = &page["items"][0];
    assert_eq!((&item["level"], &item["extra_tags"]), (&35.into(), &"one".into()));
    assert_eq!(item["expires_at"], "2100-01-01T00:00:00Z");

    // Off in the environment is off, whatever the file says.
    let mut command = sandbox.command(&["inbox", "bob"]);
    command.env("RESTANTE_JSON", "false");
    assert!(outcome(command).1.ends_with("1 unread (*)\n"));
    sandbox.ok(&["read", "bob"]);
    assert_eq!(sandbox.json(&["inbox", "bob"])["unread"], 0);
}

#[test]
fn what_excludes_each_other_is_decided_by_who_said_it_more_directly() {
    let sandbox = with_file("[send]\neveryone = true\n");
    sandbox.ok(&["send", "--to", "alice", "the flag wins"]);
    assert_eq!(sandbox.json(&["inbox", "bob"])["unread"], 0);
    let mut command = sandbox.command(&["send", "the variable wins"]);
    assert_eq!(outcome_of(command.env("RESTANTE_SEND_TO", "carol")), 0);
    assert_eq!(sandbox.json(&["inbox", "bob"])["unread"], 0);
    sandbox.ok(&["send", "the file is left"]);
    assert_eq!(sandbox.json(&["inbox", "bob"])["unread"], 1);

    let both = with_file("[send]\neveryone = true\nto = \"alice\"\n");
    let (code, complaint) = both.refused(&["send", "both"]);
    assert!(code == 2 && complaint.contains("cannot be used with"), "{complaint}");
}

#[test]
fn another_file_can_be_named() {
    let sandbox = with_file("database = \"sqlite:here.db\"\n");
    std::fs::write(sandbox.path("other.toml"), "database = \"sqlite:there.db\"\n").unwrap();
    sandbox.ok(&["migrate", "--config", "other.toml"]);
    assert!(sandbox.path("there.db").exists() && !sandbox.path("here.db").exists());
    std::fs::remove_file(sandbox.path("there.db")).unwrap();
    let mut command = sandbox.command(&["migrate"]);
    assert_eq!(outcome_of(command.env("RESTANTE_CONFIG", "other.toml")), 0);
    assert!(sandbox.path("there.db").exists() && !sandbox.path("here.db").exists());
    let (code, complaint) = sandbox.refused(&["migrate", "--config", "none.toml"]);
    assert_eq!(code, 1);
    assert!(complaint.contains("cannot read none.toml"), "{complaint}");
}

#[test]
fn a_file_that_is_not_in_order_is_refused_with_what_there_is() {
    for (file, named) in [
        ("lisen = \"x\"", &["`lisen`", "`listen`", "`database`", "[send]"][..]),
        ("[send]\nlevle = 1", &["`send.levle`", "`level`", "`expires`"]),
        ("[sned]\nlevel = 1", &["`sned`", "[send]"]),
        ("send = 1", &["`send` is a table"]),
        ("config = \"x\"", &["`config`"]),
        ("json = \"yes\"", &["`json`", "true or false"]),
        ("database = true", &["`database`", "must be a string"]),
        ("database = \"pg:x\"", &["`database`", "`redis+cluster://…` or `memory:`"]),
        ("[send]\nlevel = \"loud\"", &["`send.level`", "warning"]),
        ("[send]\ntag = [1.5, {}]", &["`send.tag`", "list"]),
        ("[key.create]\nscope = \"send,admin\"", &["`key.create.scope`", "list"]),
        ("[key.make]\nscope = \"send\"", &["`key.make`", "[key.create]"]),
        ("[inbox]\nlimit = \"few\"", &["`inbox.limit`"]),
        ("a = 1\nb = = 2", &["line 2", "TOML"]),
    ] {
        let sandbox = with_file(file);
        let (code, complaint) = sandbox.refused(&["sent"]);
        assert_eq!(code, 1, "{complaint}");
        assert!(complaint.starts_with("restante: restante.toml: "), "{complaint}");
        assert_eq!(complaint.lines().count(), 1, "{complaint}");
        for part in named {
            assert!(complaint.contains(part), "{part}: {complaint}");
        }
        // Help is there for whoever has to mend it.
        sandbox.ok(&["send", "--help"]);
    }
}

#[test]
fn a_bad_variable_is_named() {
    let sandbox = Sandbox::new();
    for (name, value, verb) in [
        ("RESTANTE_SENT_LIMIT", "few", &["sent"][..]),
        ("RESTANTE_JSON", "perhaps", &["sent"]),
        ("RESTANTE_DATABASE", "pg:x", &["sent"]),
        ("RESTANTE_USER_HEADER", "a b", &["serve"]),
        ("RESTANTE_LOG", "restante=loud", &["serve"]),
    ] {
        let mut command = sandbox.command(verb);
        command.env(name, value);
        let (code, _, complaint) = outcome(command);
        assert_eq!(code, 1, "{complaint}");
        assert!(complaint.starts_with(&format!("restante: {name}: ")), "{complaint}");
    }
    // What a flag decides is not looked at.
    let mut command = sandbox.command(&["migrate", "--database", "sqlite:a.db"]);
    assert_eq!(outcome_of(command.env("RESTANTE_DATABASE", "pg:x")), 0);
}

#[test]
fn help_names_the_variables_and_shows_no_values() {
    let sandbox = with_file("database = \"sqlite:secret.db\"\n");
    let mut command = sandbox.command(&["serve", "--help"]);
    command.env("RESTANTE_DATABASE", "sqlite:secret.db");
    let (_, help, _) = outcome(command);
    for part in ["RESTANTE_LISTEN", "RESTANTE_DATABASE", "--config"] {
        assert!(help.contains(part), "{help}");
    }
    assert!(!help.contains("secret.db"), "{help}");
}

#[test]
fn a_verb_of_two_words_has_its_own_names() {
    let sandbox = with_file("[key.create]\nname = \"by file\"\nscope = [\"send\", \"tokens\"]\n");
    let by_file = sandbox.json(&["key", "create"]);
    assert_eq!((&by_file["name"], &by_file["scopes"][1]), (&"by file".into(), &"tokens".into()));
    let mut command = sandbox.command(&["key", "create", "--name", "by flag", "--json"]);
    command.env("RESTANTE_KEY_CREATE_SCOPE", "tokens,admin");
    let by_variable = outcome(command).1;
    assert!(by_variable.contains("[\"tokens\",\"admin\"]"), "{by_variable}");
}
