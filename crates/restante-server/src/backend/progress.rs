use indicatif::{ProgressBar, ProgressStyle};

/// A bar that counts users. It draws on standard error, and only if that is a terminal.
pub(super) fn bar(what: &str, users: u64) -> ProgressBar {
    let bar = ProgressBar::new(users);
    let template = format!("{what:9} {{bar:32}} {{human_pos}} of {{human_len}} users");
    if let Ok(style) = ProgressStyle::with_template(&template) {
        bar.set_style(style);
    }
    bar
}
