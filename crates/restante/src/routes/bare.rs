//! A module as it is served: without what only people read.
//!
//! Comments and blanks are more than half of the bell, and it goes to every visitor. What is left
//! out is certain to mean nothing: names, strings and the order of all else stay as written.

/// A character of which a blank beside another one keeps two words apart.
fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$' | '#')
}

/// The same code in fewer characters.
pub(super) fn bare(source: &str) -> String {
    let mut code = String::with_capacity(source.len() / 2);
    let mut rest = source;
    // Whether something was left out since the last character, and whether a line ended in it.
    let (mut blank, mut line) = (false, false);
    while let Some(next) = rest.chars().next() {
        let last = code.chars().next_back().unwrap_or(';');
        let left_out = left_out(rest);
        if left_out > 0 {
            blank = true;
            line |= rest[..left_out].contains('\n');
            rest = &rest[left_out..];
            continue;
        }
        let is_inside = "{([,;:=&|?".contains(last) || "})].?:&|,".contains(next);
        if line && !is_inside {
            code.push('\n');
        } else if blank && (is_word(last) && is_word(next) || last == next && "+-".contains(last)) {
            code.push(' ');
        }
        (blank, line) = (false, false);
        let length = match next {
            '\'' | '"' => quoted(rest, next),
            '`' => template(rest),
            // After a value a slash divides.
            '/' if "(,=:[!&|?{};>".contains(last) => pattern(rest),
            _ => next.len_utf8(),
        };
        code.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    code
}

/// The length of the comment or the blanks at the beginning.
fn left_out(rest: &str) -> usize {
    if rest.starts_with("//") {
        return rest.find('\n').unwrap_or(rest.len());
    }
    if rest.starts_with("/*") {
        return rest.find("*/").map_or(rest.len(), |end| end + 2);
    }
    rest.len() - rest.trim_start().len()
}

/// The length of a string.
fn quoted(rest: &str, quote: char) -> usize {
    until(rest, |c, _| c == quote)
}

/// The length of a regular expression, in which a slash may stand between brackets.
fn pattern(rest: &str) -> usize {
    until(rest, |c, inside| c == '/' && inside.rfind('[') <= inside.rfind(']'))
}

/// The length of a template, in whose holes others may be.
fn template(rest: &str) -> usize {
    let mut at = 1;
    while let Some(next) = rest[at..].chars().next() {
        if rest[at..].starts_with("${") {
            at += 2;
            let mut depth = 1;
            while depth > 0
                && let Some(inside) = rest[at..].chars().next()
            {
                depth += i32::from(inside == '{') - i32::from(inside == '}');
                at += match inside {
                    '`' => template(&rest[at..]),
                    '\'' | '"' => quoted(&rest[at..], inside),
                    _ => inside.len_utf8(),
                };
            }
            continue;
        }
        at += next.len_utf8();
        match next {
            '`' => return at,
            '\\' => at += rest[at..].chars().next().map_or(0, char::len_utf8),
            _ => {}
        }
    }
    at
}

/// The length up to and with the character that ends it, which no backslash stands before. It is
/// asked with what stands between.
fn until(rest: &str, ends: impl Fn(char, &str) -> bool) -> usize {
    let mut is_escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        if is_escaped {
            is_escaped = false;
        } else if c == '\\' {
            is_escaped = true;
        } else if ends(c, &rest[1..at]) {
            return at + c.len_utf8();
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::bare;

    #[test]
    fn comments_and_blanks_are_left_out() {
        for (source, served) in [
            (
                "// Says.\n\n/** @param {A} a */\nexport function say( /** @type {A} */ a ) {\n  return a;\n}\n",
                "export function say(a){return a;}",
            ),
            ("const a = b / c; // d\nlet e\n", "const a=b/c;let e"),
            ("a()\nb()", "a()\nb()"),
            ("x = a\n  .b()\n  ?? c;", "x=a.b()??c;"),
            ("static #a = 1;\nasync #b() {}", "static #a=1;async #b(){}"),
            ("a + +b - -c", "a+ +b- -c"),
            ("f(async (a) => a)", "f(async(a)=>a)"),
        ] {
            assert_eq!(bare(source), served);
        }
    }

    #[test]
    fn strings_templates_and_patterns_stay_as_they_are() {
        for kept in [
            "'a  // b'",
            "\"a \\\" /* b */ c\"",
            "`a  b ${ c( ` d  ${ '}' } ` ) }  // e`",
            "a=/ [/ ] '  \\/ x/g",
            "x(/^: ?'/)",
        ] {
            assert_eq!(bare(kept), kept);
        }
        assert_eq!(bare("a = '  ' + `  ` ;"), "a='  '+`  `;");
    }
}
