//! What people put into text, and the same places with harmless words.

use std::fmt::Write;

/// What people put into text to see what happens.
pub const HOSTILE: [&str; 48] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "</title></style></td></details></svg>",
    "<!-- --> <!--",
    "' onmouseover='alert(1)",
    "javascript:alert(1)",
    "[a](javascript:alert(1))",
    "![i](https://evil.example/i.png)",
    "[x]: https://evil.example",
    "https://evil.example/a?b=c",
    "www.evil.example me@evil.example",
    "@team @org/team cc @all",
    "closes #12, GH-1, !34",
    "a | b | c",
    "\\| \\",
    "`code` ``` ~~~",
    "**bold** _it_ ~~s~~",
    "# heading",
    "a\n\n# heading\n\n| a | b |\n|---|---|\n| 1 | 2 |",
    "a\n```\nb\n~~~",
    "- item",
    "1. one",
    "> quote",
    "[^1] [^1]: note",
    "- [ ] task",
    "---",
    "$x$ $$y$$",
    "<details><summary>x",
    "&lt;b&gt; &#x3C;script&#62; &amp;",
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=cmd|'/c calc'!A0",
    "=HYPERLINK(\"https://evil.example\")",
    "a\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nSUMMARY:x",
    "a\n::error file=x::y\n::set-output name=z::w",
    "##vso[task.setvariable variable=x]y",
    "{{title}} {{{verdict}}} {{#each a}}",
    "${HOME} $(id) `id`",
    "]]> <![CDATA[ x",
    "} body { display: none } \\7d \"; }",
    "x\u{202e}gpj.exe\u{202c}",
    "a\u{200b}b\u{2066}c\u{feff}d\u{2028}e",
    "x\u{1b}[31mred\u{1b}]0;t\u{7}",
    "\"quoted\", 'single', \\escaped\\",
    "{\"json\": [1, 2]}",
    "```mermaid\ngraph TD; a-->b\n```",
];

/// Harmless words that are as many.
pub fn calm(place: usize) -> String {
    format!("words number {place} of the plan")
}

/// A string as KDL writes it, every mark escaped.
pub fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        if c.is_ascii_alphanumeric() || c == ' ' {
            quoted.push(c);
        } else {
            let _ = write!(quoted, "\\u{{{:x}}}", u32::from(c));
        }
    }
    quoted + "\""
}
