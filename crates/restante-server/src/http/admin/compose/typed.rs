/// The form as it was filled in: shown again as it is, whatever is wrong with it.
#[derive(Clone, Debug, Default)]
pub(super) struct Typed {
    /// The idempotency key of the page, so that a form that is sent twice sends once.
    pub(super) key: String,
    /// `users`, `list` or `everyone`.
    pub(super) to: String,
    pub(super) users: String,
    /// A long list that was pasted.
    pub(super) list: String,
    pub(super) newcomers: bool,
    pub(super) message: String,
    /// A level's name, or `custom`.
    pub(super) level: String,
    pub(super) level_number: String,
    pub(super) url: String,
    pub(super) tags: String,
    /// `default`, `in`, `at` or `never`.
    pub(super) expires: String,
    pub(super) expires_in: String,
    pub(super) expires_at: String,
    pub(super) data: String,
    /// Which button was pressed.
    pub(super) action: String,
}

impl Typed {
    /// An empty form.
    pub(super) fn fresh(key: String) -> Self {
        Self {
            key,
            to: "users".to_owned(),
            level: "info".to_owned(),
            expires: "default".to_owned(),
            ..Self::default()
        }
    }

    /// Takes a field of the form; those that it does not know are passed over.
    pub(super) fn set(&mut self, name: &str, value: String) {
        if name == "newcomers" {
            self.newcomers = true;
        } else if let Some((_, field)) = self.texts_mut().into_iter().find(|(own, _)| *own == name)
        {
            *field = value;
        }
    }

    /// Every field that is a text, by its name in the form.
    fn texts_mut(&mut self) -> [(&'static str, &mut String); 14] {
        [
            ("key", &mut self.key),
            ("to", &mut self.to),
            ("users", &mut self.users),
            ("list", &mut self.list),
            ("message", &mut self.message),
            ("level", &mut self.level),
            ("level_number", &mut self.level_number),
            ("url", &mut self.url),
            ("tags", &mut self.tags),
            ("expires", &mut self.expires),
            ("expires_in", &mut self.expires_in),
            ("expires_at", &mut self.expires_at),
            ("data", &mut self.data),
            ("action", &mut self.action),
        ]
    }

    /// What a page that asks again carries along: all that was typed, with the names of the form.
    pub(super) fn carried(&self) -> Vec<(&'static str, String)> {
        let mut copy = self.clone();
        let texts = copy.texts_mut().map(|(name, value)| (name, std::mem::take(value)));
        let texts =
            texts.into_iter().filter(|(name, value)| *name != "action" && !value.is_empty());
        let newcomers = self.newcomers.then(|| ("newcomers", "on".to_owned()));
        texts.chain(newcomers).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_carried_along_is_what_was_typed() {
        let mut typed = Typed::fresh("k".to_owned());
        for (name, value) in [("message", "a\nb"), ("newcomers", "on"), ("other", "x")] {
            typed.set(name, value.to_owned());
        }
        typed.set("action", "send".to_owned());
        let mut again = Typed::default();
        for (name, value) in typed.carried() {
            assert_ne!(name, "action");
            again.set(name, value);
        }
        typed.action.clear();
        assert_eq!(format!("{again:?}"), format!("{typed:?}"));
        assert!(again.newcomers && again.message == "a\nb");
    }
}
