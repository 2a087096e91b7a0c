//! What scripts answer, taken apart.

use redis::Value;

use super::NAME;
use crate::Error;

fn unexpected() -> Error {
    Error::internal(NAME, "the server answered what none of our scripts answers")
}

/// The members of an array; none of nothing.
pub(super) fn array(value: Value) -> Result<Vec<Value>, Error> {
    match value {
        Value::Array(members) => Ok(members),
        Value::Nil => Ok(Vec::new()),
        _ => Err(unexpected()),
    }
}

/// An array of a known length.
pub(super) fn members<const N: usize>(value: Value) -> Result<[Value; N], Error> {
    array(value)?.try_into().map_err(|_| unexpected())
}

/// A whole number, as such or written down.
pub(super) fn number(value: &Value) -> Result<i64, Error> {
    optional_number(value)?.ok_or_else(unexpected)
}

/// The same, where nothing may be there.
pub(super) fn optional_number(value: &Value) -> Result<Option<i64>, Error> {
    match value {
        Value::Int(number) => Ok(Some(*number)),
        Value::Nil => Ok(None),
        Value::BulkString(text) if text.is_empty() => Ok(None),
        Value::BulkString(text) => digits(text).map(Some).ok_or_else(unexpected),
        Value::SimpleString(text) => digits(text.as_bytes()).map(Some).ok_or_else(unexpected),
        _ => Err(unexpected()),
    }
}

/// A count.
pub(super) fn count(value: &Value) -> Result<u64, Error> {
    number(value)?.try_into().map_err(|_| unexpected())
}

/// Text, or nothing.
pub(super) fn optional_text(value: Value) -> Result<Option<String>, Error> {
    match value {
        Value::BulkString(bytes) => String::from_utf8(bytes).map(Some).map_err(|_| unexpected()),
        Value::SimpleString(text) => Ok(Some(text)),
        Value::Nil => Ok(None),
        _ => Err(unexpected()),
    }
}

/// Text.
pub(super) fn text(value: Value) -> Result<String, Error> {
    optional_text(value)?.ok_or_else(unexpected)
}

/// The bytes of text, or of nothing.
pub(super) fn bytes(value: &Value) -> &[u8] {
    match value {
        Value::BulkString(bytes) => bytes,
        Value::SimpleString(text) => text.as_bytes(),
        _ => &[],
    }
}

/// A whole number in decimal digits.
pub(super) fn digits(text: &[u8]) -> Option<i64> {
    std::str::from_utf8(text).ok()?.parse().ok()
}
