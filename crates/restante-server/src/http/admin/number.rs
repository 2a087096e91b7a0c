//! Numbers as people read them.

/// `622,986`.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 user`, `2 users`.
pub(super) fn counted(number: u64, one: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{} {one}{ending}", grouped(number))
}

/// How many of a hundred, rounded down: only all are all. Nothing of nothing is nothing.
pub(super) fn percent(part: u64, whole: u64) -> u64 {
    // A million times a hundred is far from the end of the type; what is past it counts as all.
    part.saturating_mul(100).checked_div(whole).unwrap_or(0).min(100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_cut_into_thousands() {
        let told = [0, 7, 999, 1_000, 622_986, 1_000_000].map(grouped);
        assert_eq!(told, ["0", "7", "999", "1,000", "622,986", "1,000,000"]);
        assert_eq!((counted(1, "user"), counted(3, "user")), ("1 user".into(), "3 users".into()));
    }

    #[test]
    fn only_all_are_a_hundred_of_a_hundred() {
        let shares = [(0, 0), (1, 3), (199, 200), (200, 200), (201, 200)];
        assert_eq!(shares.map(|(part, whole)| percent(part, whole)), [0, 33, 99, 100, 100]);
    }
}
