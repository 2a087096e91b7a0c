//! Load over HTTP, by wrk: as many requests as some connections get through.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::Result;

/// What each request is, taken by turns.
pub(crate) struct Requests {
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    /// `Authorization`, one for each user.
    pub(crate) bearers: Vec<String>,
    /// A body for each of them, where there is one.
    pub(crate) bodies: Vec<Value>,
    pub(crate) connections: usize,
}

impl Requests {
    /// Requests a second, for so many seconds. An answer other than 2xx is an error.
    pub(crate) fn per_second(&self, url: &str, script: &Path, seconds: usize) -> Result<f64> {
        std::fs::write(script, self.script()?)?;
        let output = Command::new("wrk")
            .args(["-t", "2", "-c", &self.connections.to_string()])
            .args(["-d", &format!("{seconds}s"), "-s"])
            .arg(script)
            .arg(format!("{url}{}", self.path))
            .output()
            .map_err(|error| format!("wrk, from Debian's package `wrk`: {error}"))?;
        let said = String::from_utf8_lossy(&output.stdout);
        if !output.status.success() || said.contains("Non-2xx") || said.contains("Socket errors") {
            return Err(format!("{} {url}{}: {said}", self.method, self.path).into());
        }
        let rate = said.lines().find_map(|line| line.trim().strip_prefix("Requests/sec:"));
        Ok(rate.ok_or("wrk gives no rate")?.trim().parse()?)
    }

    /// The requests are written out before the first is sent, so that both sides' load costs the
    /// same.
    fn script(&self) -> Result<String> {
        let mut script = String::from("local requests = {}\nfunction init()\n");
        for (at, bearer) in self.bearers.iter().enumerate() {
            let body = match self.bodies.get(at) {
                Some(body) => format!("[==[{}]==]", serde_json::to_string(body)?),
                None => "nil".to_owned(),
            };
            writeln!(
                script,
                "requests[{}] = wrk.format(\"{}\", nil, {{[\"Authorization\"]=\"Bearer {bearer}\", \
                 [\"Content-Type\"]=\"application/json\"}}, {body})",
                at + 1,
                self.method,
            )?;
        }
        script.push_str(
            "end\nlocal at = 0\nfunction request()\n at = at % #requests + 1\n return requests[at]\nend\n",
        );
        Ok(script)
    }
}
