use std::fmt;
use std::str::FromStr;

/// What an API key may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Send, and see and retract what it sent.
    Send,
    /// Make and end tokens of users.
    Tokens,
    /// Everything.
    Admin,
}

impl Scope {
    pub(crate) const ALL: [Self; 3] = [Self::Send, Self::Tokens, Self::Admin];

    /// Its name, as it is kept and shown.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Send => "send",
            Self::Tokens => "tokens",
            Self::Admin => "admin",
        }
    }

    /// Whether a key with these scopes may do what takes this one.
    pub(crate) fn is_held(self, scopes: &[String]) -> bool {
        scopes.iter().any(|held| held == self.name() || held == Self::Admin.name())
    }
}

impl FromStr for Scope {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|scope| scope.name() == name);
        found.ok_or_else(|| "must be `send`, `tokens` or `admin`".to_owned())
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn admin_may_do_everything_and_the_others_their_own() {
        for held in Scope::ALL {
            for wanted in Scope::ALL {
                let may = held == wanted || held == Scope::Admin;
                assert_eq!(wanted.is_held(&[held.to_string()]), may, "{held} for {wanted}");
            }
            assert_eq!(held.name().parse(), Ok(held));
            assert!(!held.is_held(&[]));
        }
        assert!("root".parse::<Scope>().is_err());
    }
}
