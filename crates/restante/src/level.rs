//! Message levels: an integer that says how urgent a message is, with a tag for stylesheets.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Error;

/// How urgent a message is: an integer, any integer, as in Django's messages framework.
///
/// The five usual levels are 10, 20, 25, 30 and 40. Each has a *stored twin*, one higher, whose
/// tag is `persisted x` as in django-stored-messages: in a flash it means "keep this one until it
/// is read".
///
/// ```
/// use restante::Level;
///
/// assert_eq!(Level::INFO.value(), 20);
/// assert_eq!(Level::INFO.stored(), Level::STORED_INFO);
/// assert_eq!(Level::STORED_INFO.tag(), "persisted info");
/// assert_eq!("warning".parse::<Level>()?, Level::WARNING);
/// assert_eq!(Level::new(-7).tag(), "");
/// # Ok::<(), restante::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Level(i32);

impl Level {
    /// 10, for developers.
    pub const DEBUG: Self = Self(10);
    /// 20, something the user may want to know.
    pub const INFO: Self = Self(20);
    /// 25, what the user asked for was done.
    pub const SUCCESS: Self = Self(25);
    /// 30, something may go wrong.
    pub const WARNING: Self = Self(30);
    /// 40, something went wrong.
    pub const ERROR: Self = Self(40);
    /// 11, the stored twin of [`DEBUG`](Self::DEBUG).
    pub const STORED_DEBUG: Self = Self(11);
    /// 21, the stored twin of [`INFO`](Self::INFO).
    pub const STORED_INFO: Self = Self(21);
    /// 26, the stored twin of [`SUCCESS`](Self::SUCCESS).
    pub const STORED_SUCCESS: Self = Self(26);
    /// 31, the stored twin of [`WARNING`](Self::WARNING).
    pub const STORED_WARNING: Self = Self(31);
    /// 41, the stored twin of [`ERROR`](Self::ERROR).
    pub const STORED_ERROR: Self = Self(41);

    /// A level of the app's own. Every integer is allowed.
    pub const fn new(value: i32) -> Self {
        Self(value)
    }

    /// The level's number.
    pub const fn value(self) -> i32 {
        self.0
    }

    /// The stored twin of one of the five usual levels; every other level is its own.
    pub const fn stored(self) -> Self {
        match self.0 {
            10 | 20 | 25 | 30 | 40 => Self(self.0 + 1),
            _ => self,
        }
    }

    /// The level of which this one is the stored twin; every other level is its own.
    pub const fn base(self) -> Self {
        match self.0 {
            11 | 21 | 26 | 31 | 41 => Self(self.0 - 1),
            _ => self,
        }
    }

    /// The usual tag: `debug`, `info`, `success`, `warning`, `error`, the same with `persisted `
    /// in front for the stored twins, and nothing for every other level.
    pub const fn tag(self) -> &'static str {
        match self.0 {
            10 => "debug",
            11 => "persisted debug",
            20 => "info",
            21 => "persisted info",
            25 => "success",
            26 => "persisted success",
            30 => "warning",
            31 => "persisted warning",
            40 => "error",
            41 => "persisted error",
            _ => "",
        }
    }
}

impl fmt::Display for Level {
    /// The tag with `_` for a space, or the number of a level without one; [`FromStr`] reads it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.tag() {
            "" => write!(f, "{}", self.0),
            tag => match tag.strip_prefix("persisted ") {
                Some(base) => write!(f, "stored_{base}"),
                None => f.write_str(tag),
            },
        }
    }
}

impl FromStr for Level {
    type Err = Error;

    /// Reads `info`, `stored_info` (in any case) or a number.
    fn from_str(text: &str) -> Result<Self, Error> {
        if let Ok(value) = text.parse() {
            return Ok(Self(value));
        }
        let name = text.to_ascii_lowercase();
        let (base, is_stored) = match name.strip_prefix("stored_") {
            Some(base) => (base, true),
            None => (name.as_str(), false),
        };
        let level = match base {
            "debug" => Self::DEBUG,
            "info" => Self::INFO,
            "success" => Self::SUCCESS,
            "warning" => Self::WARNING,
            "error" => Self::ERROR,
            _ => {
                return Err(Error::invalid(
                    "level",
                    "must be debug, info, success, warning, error, one of these with `stored_` in \
                     front, or an integer",
                ));
            }
        };
        Ok(if is_stored { level.stored() } else { level })
    }
}
