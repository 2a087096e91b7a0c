//! What there is to watch, and what happens to it. Kept in memory: the messages are what lasts.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::people::Person;

/// A repository.
#[derive(Clone, Debug)]
pub(crate) struct Repository {
    pub(crate) name: &'static str,
    pub(crate) owner: Person,
    pub(crate) watchers: BTreeSet<&'static str>,
    pub(crate) issues: Vec<Issue>,
    pub(crate) releases: usize,
}

/// Something that somebody found.
#[derive(Clone, Debug)]
pub(crate) struct Issue {
    pub(crate) title: String,
    pub(crate) author: Person,
    pub(crate) is_open: bool,
    pub(crate) comments: Vec<(Person, String)>,
}

/// What somebody does to a repository.
#[derive(Clone, Debug)]
pub(crate) enum Action {
    Watch,
    Open { title: String },
    Comment { issue: usize, text: String },
    Close { issue: usize },
    Release,
}

/// All of them.
#[derive(Debug)]
pub(crate) struct Repositories(Mutex<Vec<Repository>>);

impl Default for Repositories {
    fn default() -> Self {
        let repository = |name, owner: &'static str| Repository {
            name,
            owner: Person(owner),
            watchers: BTreeSet::from([owner]),
            issues: Vec::new(),
            releases: 0,
        };
        Self(Mutex::new(vec![repository("ledger", "mona"), repository("lantern", "hubert")]))
    }
}

impl Repositories {
    pub(crate) fn all(&self) -> Vec<Repository> {
        self.lock().clone()
    }

    pub(crate) fn named(&self, name: &str) -> Option<Repository> {
        self.lock().iter().find(|repository| repository.name == name).cloned()
    }

    /// Does it, and gives the repository as it then is; nothing where there is no such thing.
    pub(crate) fn act(&self, name: &str, person: &Person, action: &Action) -> Option<Repository> {
        let mut all = self.lock();
        let repository = all.iter_mut().find(|repository| repository.name == name)?;
        match action {
            Action::Watch => {
                if !repository.watchers.remove(person.0) {
                    repository.watchers.insert(person.0);
                }
            }
            Action::Open { title } => repository.issues.push(Issue {
                title: title.clone(),
                author: person.clone(),
                is_open: true,
                comments: Vec::new(),
            }),
            Action::Comment { issue, text } => {
                let comment = (person.clone(), text.clone());
                repository.issues.get_mut(*issue)?.comments.push(comment);
            }
            Action::Close { issue } => repository.issues.get_mut(*issue)?.is_open = false,
            Action::Release if *person == repository.owner => repository.releases += 1,
            Action::Release => return None,
        }
        Some(repository.clone())
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Repository>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
