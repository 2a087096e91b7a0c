//! To whom a message goes.

use std::collections::{BTreeSet, HashSet};

use crate::{Error, UserId, limits};

/// The recipients of a message as the app names them: one user, several, or everyone.
///
/// Anything that looks like one user id or a collection of them turns into it. The ids are checked,
/// sorted and deduplicated when the message is sent.
///
/// ```
/// use restante::To;
///
/// let one: To = "alice".into();
/// let by_number: To = 7.into();
/// let several: To = ["alice", "bob", "alice"].into();
/// let any_iterator = To::users((1..=3).map(|id: i64| id.to_string()));
/// let all = To::everyone();
/// # let _ = (one, by_number, several, any_iterator, all);
/// ```
#[derive(Clone, Debug)]
pub struct To(Named);

#[derive(Clone, Debug)]
enum Named {
    Users(Vec<String>),
    Everyone,
}

impl To {
    /// These users, at most a million. The iterator is used up once, here.
    pub fn users<I>(users: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        Self(Named::Users(users.into_iter().map(Into::into).collect()))
    }

    /// Everyone who calls before the message expires, except users known to have joined later.
    pub fn everyone() -> Self {
        Self(Named::Everyone)
    }

    /// `None` is everyone.
    pub(crate) fn resolve(self) -> Result<Option<Recipients>, Error> {
        match self.0 {
            Named::Everyone => Ok(None),
            Named::Users(users) => Recipients::new(users).map(Some),
        }
    }
}

/// A checked list of recipients: at least one, at most a million, sorted bytewise, none twice.
///
/// Stores rely on the order: all of them take locks by it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipients(Vec<UserId>);

impl Recipients {
    /// Checks, sorts and deduplicates.
    ///
    /// # Errors
    /// `Invalid` for the field `to` when the list is empty or an id breaks a rule, `TooLarge` when
    /// the list is past a million.
    pub fn new<I>(users: I) -> Result<Self, Error>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let mut list = Vec::new();
        for user in users {
            let id = UserId::new(user.as_ref()).map_err(|error| {
                let shown: String = user.as_ref().chars().take(40).collect();
                let (number, detail) = (list.len() + 1, error.detail());
                Error::invalid("to", format!("{detail} (number {number}: {shown:?})"))
                    .with_source(error)
            })?;
            list.push(id);
            if list.len() > limits::RECIPIENTS {
                return Err(Error::too_large("to", "a list is at most 1,000,000 recipients"));
            }
        }
        if list.is_empty() {
            return Err(Error::invalid("to", "at least one recipient is needed"));
        }
        list.sort_unstable();
        list.dedup();
        Ok(Self(list))
    }

    /// The users, sorted.
    pub fn as_slice(&self) -> &[UserId] {
        &self.0
    }
}

impl From<UserId> for Recipients {
    fn from(user: UserId) -> Self {
        Self(vec![user])
    }
}

impl From<&str> for To {
    fn from(user: &str) -> Self {
        Self::users([user])
    }
}

impl From<String> for To {
    fn from(user: String) -> Self {
        Self::users([user])
    }
}

impl From<&String> for To {
    fn from(user: &String) -> Self {
        Self::users([user])
    }
}

impl From<i64> for To {
    fn from(user: i64) -> Self {
        Self::users([user.to_string()])
    }
}

impl From<UserId> for To {
    fn from(user: UserId) -> Self {
        Self::users([user.as_str()])
    }
}

impl From<&UserId> for To {
    fn from(user: &UserId) -> Self {
        Self::users([user.as_str()])
    }
}

impl<T: AsRef<str>> From<Vec<T>> for To {
    fn from(users: Vec<T>) -> Self {
        Self::users(users.iter().map(AsRef::as_ref))
    }
}

impl<T: AsRef<str>> From<&[T]> for To {
    fn from(users: &[T]) -> Self {
        Self::users(users.iter().map(AsRef::as_ref))
    }
}

impl<T: AsRef<str>> From<&Vec<T>> for To {
    fn from(users: &Vec<T>) -> Self {
        users.as_slice().into()
    }
}

impl<T: AsRef<str>, const N: usize> From<[T; N]> for To {
    fn from(users: [T; N]) -> Self {
        users.as_slice().into()
    }
}

impl<T: AsRef<str>, S> From<HashSet<T, S>> for To {
    fn from(users: HashSet<T, S>) -> Self {
        Self::users(users.iter().map(AsRef::as_ref))
    }
}

impl<T: AsRef<str>> From<BTreeSet<T>> for To {
    fn from(users: BTreeSet<T>) -> Self {
        Self::users(users.iter().map(AsRef::as_ref))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_sorted_and_holds_nobody_twice() {
        let list = Recipients::new(["b", "a", "B", "b"]).unwrap();
        let names: Vec<_> = list.as_slice().iter().map(UserId::as_str).collect();
        assert_eq!(names, ["B", "a", "b"]);
    }

    #[test]
    fn a_bad_id_names_the_list_and_its_place() {
        let error = Recipients::new(["a", "*"]).unwrap_err();
        assert_eq!(error.field(), Some("to"));
        assert!(error.to_string().contains("number 2"), "{error}");
        assert_eq!(Recipients::new::<[&str; 0]>([]).unwrap_err().field(), Some("to"));
        let many = (0..=limits::RECIPIENTS).map(|n| n.to_string());
        assert!(Recipients::new(many).unwrap_err().is_too_large());
    }
}
