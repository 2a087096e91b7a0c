use restante::Level;

/// A level's word, its style and icon.
#[derive(Clone, Debug)]
pub(super) struct LevelView {
    pub(super) word: String,
    pub(super) style: &'static str,
    pub(super) icon: &'static str,
}

impl LevelView {
    pub(super) fn new(level: Level) -> Self {
        // A stored twin looks like its base: everything in an inbox is stored.
        let (word, style, icon) = match level.base().tag() {
            "debug" => ("Debug", "debug", "i-debug"),
            "info" => ("Info", "info", "i-info"),
            "success" => ("Success", "success", "i-success"),
            "warning" => ("Warning", "warning", "i-warning"),
            "error" => ("Error", "error", "i-error"),
            _ => {
                return Self { word: format!("Level {level}"), style: "custom", icon: "i-tag" };
            }
        };
        Self { word: word.to_owned(), style, icon }
    }
}
