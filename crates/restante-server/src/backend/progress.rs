use indicatif::{ProgressBar, ProgressStyle};

/// A bar that counts users, or other things. It draws on standard error, and only if that is a
/// terminal.
pub(crate) fn bar(what: &str, number: u64, things: &str) -> ProgressBar {
    let bar = ProgressBar::new(number);
    let template = format!("{what:9} {{bar:32}} {{human_pos}} of {{human_len}} {things}");
    if let Ok(style) = ProgressStyle::with_template(&template) {
        bar.set_style(style);
    }
    bar
}
