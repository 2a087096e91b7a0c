/// A piece of a sentence.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) text: String,
    /// Whether it stood between backticks.
    pub(super) is_code: bool,
}

/// The paragraphs of a description, with what stands between backticks told apart. Line breaks
/// inside a paragraph are those of the source code and mean nothing.
pub(super) fn paragraphs(text: &str) -> Vec<Vec<Piece>> {
    let paragraphs = text.split("\n\n").filter(|paragraph| !paragraph.trim().is_empty());
    paragraphs.map(pieces).collect()
}

/// One paragraph.
pub(super) fn pieces(text: &str) -> Vec<Piece> {
    let text = text.replace('\n', " ");
    let pieces = text.split('`').enumerate().filter(|(_, text)| !text.is_empty());
    pieces.map(|(at, text)| Piece { text: text.to_owned(), is_code: at % 2 == 1 }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backticks_are_code_and_empty_lines_paragraphs() {
        let told = paragraphs("Give `to`,\nor both.\n\n`202` is good");
        let shown: Vec<Vec<_>> = told
            .iter()
            .map(|pieces| pieces.iter().map(|piece| (piece.text.as_str(), piece.is_code)).collect())
            .collect();
        let first = vec![("Give ", false), ("to", true), (", or both.", false)];
        assert_eq!(shown, [first, vec![("202", true), (" is good", false)]]);
        assert!(paragraphs("").is_empty());
    }
}
