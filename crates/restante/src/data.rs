use serde_json::Value;
use serde_json::value::RawValue;

use crate::{Error, limits};

/// Whether a message may carry this JSON: not too long and not too deep.
///
/// # Errors
/// `TooLarge` for the field `data`.
pub(crate) fn check_size(json: &RawValue) -> Result<(), Error> {
    if json.get().len() > limits::DATA_BYTES {
        return Err(Error::too_large("data", "the JSON is at most 8 KiB"));
    }
    // It is read as a part of a whole page, and readers give up on a page that is nested deeper than
    // they like: one message would keep its user from all the others.
    if depth(json.get()) > limits::DATA_DEPTH {
        return Err(Error::too_large("data", "the JSON is nested at most 32 deep"));
    }
    Ok(())
}

/// Whether programs can read this JSON. Grammar alone lets more pass, such as `1e999` or half of a
/// surrogate pair, on which the page that holds it would be lost, too. Of no use on what is too
/// deep.
///
/// # Errors
/// `Invalid` for the field `data`.
pub(crate) fn check_readable(json: &RawValue) -> Result<(), Error> {
    match serde_json::from_str::<Value>(json.get()) {
        Ok(_) => Ok(()),
        Err(error) => Err(invalid(error)),
    }
}

pub(crate) fn invalid(error: serde_json::Error) -> Error {
    Error::invalid("data", format!("must be JSON: {error}")).with_source(error)
}

/// How many lists and objects are inside each other.
fn depth(json: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    let (mut is_text, mut is_escaped) = (false, false);
    for byte in json.bytes() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => is_text = !is_text,
            b'[' | b'{' if !is_text => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' if !is_text => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::depth;

    #[test]
    fn brackets_in_texts_are_no_depth() {
        for (json, expected) in
            [("1", 0), ("[]", 1), (r#"[{"a":[1]},[2]]"#, 3), (r#"["[[\"[[", {"{\\":"["}]"#, 2)]
        {
            assert_eq!(depth(json), expected, "{json}");
        }
    }
}
