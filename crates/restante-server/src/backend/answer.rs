use std::fmt;
use std::marker::PhantomData;

use serde::Serialize;
use serde::de::{DeserializeOwned, IgnoredAny};

use crate::failure::Failure;

/// What a verb is answered: JSON as HTTP has it, and the shape in which it is read to be told.
///
/// Whichever backend it came from, the same code prints it.
pub(crate) struct Answer<T> {
    json: String,
    shape: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned> Answer<T> {
    /// What was done here, as the server would answer it.
    pub(super) fn of(value: &impl Serialize) -> Result<Self, Failure> {
        let json = serde_json::to_string(value)
            .map_err(|error| Failure::said(format!("cannot write JSON: {error}")))?;
        Ok(Self { json, shape: PhantomData })
    }

    /// What a server answered; `None` if it is not JSON.
    pub(super) fn received(json: String) -> Option<Self> {
        serde_json::from_str::<IgnoredAny>(&json).ok()?;
        Some(Self { json, shape: PhantomData })
    }

    /// For `--json`: unchanged.
    pub(crate) fn json(&self) -> &str {
        &self.json
    }

    /// For the terminal.
    pub(crate) fn read(&self) -> Result<T, Failure> {
        serde_json::from_str(&self.json).map_err(|error| {
            Failure::said(format!(
                "the answer cannot be understood ({error}); is it a Restante server, and as new \
                 as this program?"
            ))
        })
    }
}

impl<T> fmt::Debug for Answer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Answer").field(&self.json).finish()
    }
}
