use std::fmt::Write as _;

use restante::{Error, Filter, ItemId, View};
use serde::Deserialize;

/// Which page of which list: the query of `/inbox`, and the fields by which a form finds its way
/// back to it.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct ListQuery {
    #[serde(default)]
    pub(super) view: String,
    #[serde(default)]
    pub(super) after: String,
    #[serde(default)]
    pub(super) level: String,
    #[serde(default)]
    pub(super) tag: String,
    #[serde(default)]
    pub(super) q: String,
}

impl ListQuery {
    /// What to ask the inbox for. A part that is empty asks for nothing.
    ///
    /// # Errors
    /// `Invalid` for the field `view`, `after` or `level`.
    pub(super) fn filter(&self) -> Result<Filter, Error> {
        let mut filter = Filter::default();
        if !self.view.is_empty() {
            filter.view = self.view.parse()?;
        }
        if !self.after.is_empty() {
            filter.after = Some(self.after.parse()?);
        }
        if !self.level.is_empty() {
            filter.level = Some(self.level.parse()?);
        }
        if !self.tag.is_empty() {
            filter.tag = Some(self.tag.clone());
        }
        if !self.q.is_empty() {
            filter.q = Some(self.q.clone());
        }
        Ok(filter)
    }

    /// Whether only some of the messages are asked for.
    pub(super) fn is_filtered(&self) -> bool {
        [&self.level, &self.tag, &self.q].iter().any(|part| !part.is_empty())
    }

    /// The same from its newest page.
    pub(super) fn newest(&self) -> Self {
        self.after(String::new())
    }

    /// The same list after this cursor.
    pub(super) fn after(&self, after: String) -> Self {
        Self { after, ..self.clone() }
    }

    /// The newest page of the same filter in another view.
    pub(super) fn view(&self, view: View) -> Self {
        let view = match view {
            View::Unread => String::new(),
            View::Archive => "archive".to_owned(),
        };
        Self { view, ..self.newest() }
    }

    /// The newest page of the same view with another level, or every level.
    pub(super) fn level(&self, level: &str) -> Self {
        Self { level: level.to_owned(), ..self.newest() }
    }

    /// The newest page of the same view with another tag, or every tag.
    pub(super) fn tag(&self, tag: &str) -> Self {
        Self { tag: tag.to_owned(), ..self.newest() }
    }

    /// The newest page of the same view with another text to look for, or none.
    pub(super) fn search(&self, q: &str) -> Self {
        Self { q: q.to_owned(), ..self.newest() }
    }

    /// The field of a form that has this name, if it is a part of the list's address.
    pub(super) fn field(&mut self, name: &str) -> Option<&mut String> {
        match name {
            "view" => Some(&mut self.view),
            "after" => Some(&mut self.after),
            "level" => Some(&mut self.level),
            "tag" => Some(&mut self.tag),
            "q" => Some(&mut self.q),
            _ => None,
        }
    }

    /// Where it is.
    pub(super) fn path(&self) -> String {
        self.at("/inbox".to_owned())
    }

    /// Where one of its items is shown, beside the same list.
    pub(super) fn item_path(&self, id: ItemId) -> String {
        self.at(format!("/inbox/{id}"))
    }

    fn at(&self, mut path: String) -> String {
        let parts = [
            ("view", &self.view),
            ("after", &self.after),
            ("level", &self.level),
            ("tag", &self.tag),
            ("q", &self.q),
        ];
        for (name, value) in parts {
            if !value.is_empty() {
                path.push(if path.contains('?') { '&' } else { '?' });
                path.push_str(name);
                path.push('=');
                percent_encode(value, &mut path);
            }
        }
        path
    }
}

fn percent_encode(value: &str, out: &mut String) {
    for byte in value.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(byte));
            }
            byte => {
                // Writing to a string cannot fail.
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_back_to_the_same_list_and_nowhere_else() {
        let query = ListQuery {
            view: "archive".into(),
            after: "1f-20".into(),
            level: "-7".into(),
            tag: "a&b=é\r\n".into(),
            q: String::new(),
        };
        assert_eq!(
            query.path(),
            "/inbox?view=archive&after=1f-20&level=-7&tag=a%26b%3D%C3%A9%0D%0A"
        );
        assert_eq!(query.tag("").level("").view(View::Unread).path(), "/inbox");
        assert_eq!(ListQuery::default().path(), "/inbox");
        let search = query.tag("").level("").search("50 % off?");
        assert_eq!(search.path(), "/inbox?view=archive&q=50%20%25%20off%3F");
        assert_eq!(
            search.view(View::Unread).item_path(ItemId::new(7)),
            "/inbox/7?q=50%20%25%20off%3F",
            "a search goes along to the other view and to an item"
        );
    }

    #[test]
    fn a_bad_part_is_named() {
        let field = |query: ListQuery| query.filter().unwrap_err().field();
        assert_eq!(field(ListQuery { view: "x".into(), ..ListQuery::default() }), Some("view"));
        assert_eq!(field(ListQuery { after: "x".into(), ..ListQuery::default() }), Some("after"));
        assert_eq!(field(ListQuery { level: "x".into(), ..ListQuery::default() }), Some("level"));
    }
}
