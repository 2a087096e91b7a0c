//! Turns what happened into messages, for everybody whom it concerns but who did it.

use std::collections::BTreeSet;

use restante::{Error, Message, Restante, To};

use crate::people::Person;
use crate::repositories::{Action, Repository};

/// Leaves the messages. They are kept until read, and ring the bell of who is there.
pub(crate) async fn send(
    restante: &Restante,
    person: &Person,
    action: &Action,
    repository: &Repository,
) -> Result<(), Error> {
    let Some((message, issue)) = message(person, action, repository) else {
        return Ok(());
    };
    if matches!(action, Action::Release) {
        // One row, however many people there are.
        restante.send(message, To::everyone()).await?;
        return Ok(());
    }
    let mut concerned: BTreeSet<_> = repository.watchers.clone();
    if let Some(issue) = issue.and_then(|issue| repository.issues.get(issue)) {
        concerned.insert(issue.author.0);
        concerned.extend(issue.comments.iter().map(|(person, _)| person.0));
    }
    concerned.remove(person.0);
    if !concerned.is_empty() {
        restante.send(message, To::users(concerned)).await?;
    }
    Ok(())
}

/// What is said, and which issue it is about.
fn message(
    person: &Person,
    action: &Action,
    repository: &Repository,
) -> Option<(Message, Option<usize>)> {
    let (name, who) = (repository.name, person.0);
    let title = |issue: usize| repository.issues.get(issue).map(|issue| issue.title.as_str());
    let page = |issue: usize| format!("/{name}#issue-{issue}");
    let (message, issue) = match action {
        Action::Watch => return None,
        Action::Open { title } => {
            let issue = repository.issues.len() - 1;
            (Message::info(format!("{who} opened “{title}” in {name}")), Some(issue))
        }
        Action::Comment { issue, text } => {
            let said = format!("{who} on “{}”: {text}", title(*issue)?);
            (Message::info(said).tag("comment"), Some(*issue))
        }
        Action::Close { issue } => {
            (Message::success(format!("{who} closed “{}”", title(*issue)?)), Some(*issue))
        }
        Action::Release => {
            let version = repository.releases;
            (Message::success(format!("{name} {version}.0 is out")).tag("release"), None)
        }
    };
    let url = issue.map_or_else(|| format!("/{name}"), page);
    Some((message.tag("repository").url(url), issue))
}
