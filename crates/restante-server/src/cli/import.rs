//! What another system kept, brought into the store.

use std::sync::Arc;
use std::time::SystemTime;

use clap::{Args, Subcommand};
use restante::Expires;

use super::listing::counted;
use super::{Common, Output};
use crate::dates::parse_expires;
use crate::failure::Failure;
use crate::import::{self, App, ExpireFrom, Line, Plan, Report, Source, Times, Zone};

/// Bring in what another system kept
#[derive(Args, Debug)]
#[command(arg_required_else_help = true)]
pub(super) struct Import {
    #[command(subcommand)]
    from: From,
}

#[derive(Debug, Subcommand)]
enum From {
    Django(Box<Django>),
}

/// Import the messages of django-stored-messages and django-dbmessages
///
/// The source is only read. Run it as often as you like: a message is imported once, also when an
/// import was broken off. See docs/import-django.md.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  restante import django --source sqlite:db.sqlite3 --dry-run
  restante import django --source postgres://site@localhost/site --database sqlite:restante.db
  restante import django --source redis://localhost/0 --expire-from original")]
struct Django {
    /// The site's database, or where stored-messages keeps its lists: `sqlite:FILE`,
    /// `postgres://…`, `mysql://…` or `redis://…`
    #[arg(long, value_name = "URL")]
    source: Source,
    /// Import what this app kept [default: both, if they are there]
    #[arg(long, value_enum, value_name = "APP")]
    app: Option<App>,
    /// The time zone in which dates were written that name none: the site's `TIME_ZONE` if it had
    /// `USE_TZ = False` [default: UTC]
    #[arg(long, value_name = "ZONE")]
    naive_timezone: Option<Zone>,
    /// From when on messages are kept for their time: from the import, or from their own date, so
    /// that older ones are left out
    #[arg(long, value_enum, value_name = "WHEN", default_value = "import")]
    expire_from: ExpireFrom,
    /// When they leave inbox and archive, such as `90d`, `never`, or a time [default: unread ones
    /// the inbox after 30 days, all the archive after 120]
    #[arg(long, value_parser = parse_expires, allow_hyphen_values = true)]
    expires: Option<Expires>,
    /// Write nothing, and print what would be imported
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    common: Common,
}

impl Import {
    pub(super) async fn run(self, output: &mut Output) -> Result<(), Failure> {
        let From::Django(django) = self.from;
        django.run(output).await
    }
}

impl Django {
    async fn run(self, output: &mut Output) -> Result<(), Failure> {
        self.common.refuse_server("import")?;
        let now = SystemTime::now();
        let expires = self.expires.unwrap_or_default();
        if matches!(expires, Expires::At(time) if time <= now) {
            return Err(Failure::said("--expires must lie in the future"));
        }
        let plan = Plan {
            source: self.source,
            app: self.app,
            zone: self.naive_timezone.unwrap_or(Zone::UTC),
            times: Times::new(now, self.expire_from, expires),
        };
        let store = if self.dry_run {
            None
        } else {
            let database = self.common.database.clone().unwrap_or_default();
            Some(Arc::clone(database.open_to_fill().await?.store()))
        };
        let (report, done) = import::run(&plan, store).await;
        if let Err(failure) = done {
            if report.found > 0 && !self.dry_run {
                output.note(format_args!(
                    "Broken off after {} of what was read; run it again to import the rest, nothing \
                     will be there twice",
                    counted(report.found, "message"),
                ))?;
            }
            return Err(failure);
        }
        if self.common.json {
            return output.json(&report);
        }
        tell(&report, output)
    }
}

/// The report in words.
fn tell(report: &Report, output: &mut Output) -> Result<(), Failure> {
    let apps: Vec<_> = report.apps.iter().map(|app| format!("django-{}", app.name())).collect();
    output.line(format_args!(
        "Found {} of {}",
        counted(report.found, "message"),
        apps.join(" and "),
    ))?;
    let imported = report.imported;
    output.line(format_args!(
        "{} {}: unread for {}, read by {}",
        if report.dry_run { "Would import" } else { "Imported" },
        counted(imported.messages, "message"),
        counted(imported.unread, "recipient"),
        counted(imported.read, "recipient"),
    ))?;
    if report.already_imported > 0 {
        output.line(format_args!(
            "Left alone {} that an earlier import had brought",
            counted(report.already_imported, "message"),
        ))?;
    }
    for line in report.skipped.lines() {
        output.line(told("Left out", &line))?;
    }
    for line in report.changed.lines() {
        output.line(told("Imported", &line))?;
    }
    Ok(())
}

fn told<T>(verb: &str, line: &Line<'_, T>) -> String {
    let (count, places) = (counted(line.count, line.what), line.places.join(", "));
    let others = if line.count > line.places.len() as u64 { ", …" } else { "" };
    format!("{verb} {count} {}: {places}{others}", line.why)
}
