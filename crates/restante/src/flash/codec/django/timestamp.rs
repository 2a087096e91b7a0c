//! Seconds in base 62, as Django's signer writes them.

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The seconds since 1970 in digits, capitals and small letters.
pub(super) fn written(seconds: i64) -> String {
    let mut rest = seconds.unsigned_abs();
    let mut reversed = Vec::new();
    while rest > 0 || reversed.is_empty() {
        let digit = usize::try_from(rest % 62).unwrap_or(0);
        reversed.push(char::from(DIGITS[digit]));
        rest /= 62;
    }
    if seconds < 0 {
        reversed.push('-');
    }
    reversed.iter().rev().collect()
}

/// Whether Django can read it. It asks for no more: messages do not age.
pub(super) fn is_readable(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !text.is_empty() && digits.bytes().all(|digit| digit.is_ascii_alphanumeric())
}
