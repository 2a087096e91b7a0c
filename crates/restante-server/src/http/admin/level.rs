use restante::Level;

/// A level's word, its style and icon.
#[derive(Clone, Debug)]
pub(super) struct LevelView {
    pub(super) word: String,
    pub(super) style: &'static str,
    pub(super) icon: &'static str,
}

impl From<Level> for LevelView {
    fn from(level: Level) -> Self {
        // A stored twin looks like its base: everything that was sent is stored.
        let (word, style) = match level.base().tag() {
            "debug" => ("Debug", "debug"),
            "info" => ("Info", "info"),
            "success" => ("Success", "success"),
            "warning" => ("Warning", "warning"),
            "error" => ("Error", "error"),
            _ => return Self { word: format!("Level {level}"), style: "custom", icon: "tag" },
        };
        Self { word: word.to_owned(), style, icon: style }
    }
}
