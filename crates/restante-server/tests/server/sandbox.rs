//! A folder, the binary in it, and a server that ends with its test.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

const ANY_PORT: &str = "127.0.0.1:0";

/// A folder of its own for one test.
pub(crate) struct Sandbox {
    folder: TempDir,
}

impl Sandbox {
    pub(crate) fn new() -> Self {
        Self { folder: TempDir::new().unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The binary in this folder, untouched by the environment of whoever runs the tests.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_restante"));
        command.args(arguments).current_dir(self.folder.path()).env("TZ", "UTC");
        let ours = std::env::vars_os().map(|(name, _)| name);
        for name in ours.filter(|name| name.to_string_lossy().starts_with("RESTANTE_")) {
            command.env_remove(name);
        }
        command.stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    pub(crate) fn run_with_input(&self, arguments: &[&str], input: &[u8]) -> Output {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        child.wait_with_output().unwrap()
    }

    /// What a verb that must succeed prints.
    pub(crate) fn ok(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        assert!(output.stderr.is_empty(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let text = self.ok(&[arguments, &["--json"]].concat());
        serde_json::from_str(&text).unwrap()
    }

    /// The code and the complaint of a verb that must fail.
    pub(crate) fn refused(&self, arguments: &[&str]) -> (i32, String) {
        let output = self.run(arguments);
        assert!(output.stdout.is_empty(), "{arguments:?}: {output:?}");
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    }

    /// An API key with these scopes, made on the database.
    pub(crate) fn key(&self, scopes: &[&str]) -> String {
        let scopes = scopes.iter().flat_map(|scope| ["--scope", scope]);
        let create: Vec<_> =
            ["key", "create", "--name", "test"].into_iter().chain(scopes).collect();
        self.json(&create)["key"].as_str().unwrap().to_owned()
    }

    /// A server on a free port, with these arguments added.
    pub(crate) fn serve(&self, arguments: &[&str]) -> Server {
        self.start(ANY_PORT, arguments, Stdio::null())
    }

    /// A server at this address: what has to be known before it listens names it.
    pub(crate) fn serve_at(&self, address: &str, arguments: &[&str]) -> Server {
        self.start(address, arguments, Stdio::null())
    }

    /// A server that may have nothing to serve yet, so that it does not say where it is.
    pub(crate) fn serve_before_its_store(&self, arguments: &[&str]) -> Server {
        let port = TcpListener::bind(ANY_PORT).unwrap().local_addr().unwrap().port();
        let address = format!("127.0.0.1:{port}");
        let mut server = self.spawn(&address, arguments, Stdio::null());
        server.url = format!("http://{address}");
        server
    }

    fn spawn(&self, address: &str, arguments: &[&str], log: Stdio) -> Server {
        let mut command = self.command(&["serve", "--listen", address, "--json"]);
        command.args(arguments).stdout(Stdio::piped()).stderr(log);
        Server { child: command.spawn().unwrap(), url: String::new(), links: Value::Null }
    }

    fn start(&self, address: &str, arguments: &[&str], log: Stdio) -> Server {
        let mut server = self.spawn(address, arguments, log);
        let mut line = String::new();
        let mut stdout = BufReader::new(server.child.stdout.take().unwrap());
        stdout.read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line).unwrap();
        ready["url"].as_str().unwrap().clone_into(&mut server.url);
        server.links = ready["links"].clone();
        server
    }

    /// A server whose log goes to this file.
    pub(crate) fn serve_logging(&self, arguments: &[&str], log: &Path) -> Server {
        let log = std::fs::File::create(log).unwrap();
        self.start(ANY_PORT, arguments, Stdio::from(log))
    }

    /// A server whose proxy names the user in `x-user`.
    pub(crate) fn serve_behind_proxy(&self) -> Server {
        self.serve(&["--user-header", "X-User"])
    }
}

/// A running server, killed when it is dropped.
pub(crate) struct Server {
    child: Child,
    url: String,
    links: Value,
}

/// What the server answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: ureq::http::HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The value of a form's hidden field.
    pub(crate) fn field(&self, name: &str) -> String {
        let start = format!("name=\"{name}\" value=\"");
        let (_, rest) = self.body.split_once(&start).unwrap_or_else(|| panic!("{name}: {self:?}"));
        rest.split_once('"').unwrap().0.to_owned()
    }

    /// The session's cookie as a browser would send it back.
    pub(crate) fn cookie(&self) -> String {
        self.header("set-cookie").split(';').next().unwrap().to_owned()
    }
}

/// The command line where there is no database, only the way to a server.
pub(crate) struct Afar {
    sandbox: Sandbox,
    url: String,
    key: String,
}

impl Afar {
    pub(crate) fn new(server: &Server, key: &str) -> Self {
        Self { sandbox: Sandbox::new(), url: server.url.clone(), key: key.to_owned() }
    }

    fn with<'a>(&'a self, arguments: &[&'a str]) -> Vec<&'a str> {
        // The options go where nothing is a text any more.
        [arguments, &["--server", &self.url, "--api-key", &self.key]].concat()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.sandbox.path(name)
    }

    pub(crate) fn run_with_input(&self, arguments: &[&str], input: &[u8]) -> Output {
        self.sandbox.run_with_input(&self.with(arguments), input)
    }

    pub(crate) fn ok(&self, arguments: &[&str]) -> String {
        self.sandbox.ok(&self.with(arguments))
    }

    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        self.sandbox.json(&self.with(arguments))
    }

    pub(crate) fn refused(&self, arguments: &[&str]) -> (i32, String) {
        self.sandbox.refused(&self.with(arguments))
    }
}

impl Server {
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Whether it takes connections at all.
    pub(crate) fn listens(&self) -> bool {
        TcpStream::connect(self.host()).is_ok()
    }

    pub(crate) fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = agent().get(self.address(path));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        read(request.call().unwrap())
    }

    /// Host and port.
    pub(crate) fn host(&self) -> String {
        self.url.strip_prefix("http://").unwrap().to_owned()
    }

    pub(crate) fn options(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = agent().options(self.address(path));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        read(request.call().unwrap())
    }

    pub(crate) fn head(&self, path: &str) -> Answer {
        read(agent().head(self.address(path)).call().unwrap())
    }

    pub(crate) fn post(&self, path: &str, headers: &[(&str, &str)], form: &str) -> Answer {
        let mut request = agent()
            .post(self.address(path))
            .header("content-type", "application/x-www-form-urlencoded");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        read(request.send(form).unwrap())
    }

    /// The path of a demo user's one-use link.
    pub(crate) fn link(&self, user: &str) -> String {
        let links = self.links.as_array().unwrap();
        let link = links.iter().find(|link| link["user"] == user).unwrap();
        link["url"].as_str().unwrap().strip_prefix(&self.url).unwrap().to_owned()
    }

    /// SIGKILL: nothing is flushed, nothing is told.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM, as a service manager sends it; whether the server then ended as it should.
    #[cfg(unix)]
    pub(crate) fn stop(mut self) -> bool {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        self.child.wait().unwrap().success()
    }

    fn address(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Every status is an answer, and redirects are looked at, not followed.
fn agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .timeout_global(Some(std::time::Duration::from_secs(10)))
        .build()
        .into()
}

pub(crate) fn read(mut response: ureq::http::Response<ureq::Body>) -> Answer {
    let headers = response.headers().clone();
    // One that never ends is looked at in `streams`.
    let is_endless = headers.get("content-type").is_some_and(|is| is == "text/event-stream");
    let mut body = || response.body_mut().read_to_string().unwrap();
    let body = if is_endless { String::new() } else { body() };
    Answer { status: response.status().as_u16(), headers, body }
}
