//! The codes of the scanner.

use crate::diagnostic::{Code, Family, Severity};

/// Every code of this module.
pub static CODES: &[&Code] = &[
    &FILE_TOO_LARGE,
    &INVALID_UTF8,
    &INVALID_CHARACTER,
    &UNCLOSED_STRING,
    &INVALID_ESCAPE,
    &INVALID_MULTILINE,
    &UNCLOSED_COMMENT,
    &MISPLACED_BACKSLASH,
    &UNCLOSED_BLOCK,
    &STRAY_BRACE,
    &NESTING_TOO_DEEP,
    &DANGLING_SLASHDASH,
    &SLASHDASH_TOO_DEEP,
];

/// A plan file has more than 1 MB.
pub static FILE_TOO_LARGE: Code = Code {
    id: "file_too_large",
    family: Family::Syntax,
    severity: Severity::Error,
    title: "a plan file has more than 1 MB",
    page: "\
A plan file has at most 1 MB, a plan 2,000 files and 16 MB. Plans are read by people in reviews; what
is larger is data. Usage history and long price lists stay in CSV or Parquet files, which the plan names.

Wrong: a generated `demand.kdl` with one `growth table` line for every hour of the year.

Right:

    demand \"5200 req/s\" at=peak {
        history \"data/rerank.csv\" column=\"rps\"
    }
",
};

/// A plan file is no UTF-8 text.
pub static INVALID_UTF8: Code = Code {
    id: "invalid_utf8",
    family: Family::Syntax,
    severity: Severity::Error,
    title: "a plan file is no UTF-8 text",
    page: "\
Plan files are UTF-8. A byte that cannot be read as such mostly comes from an editor that saved the file
as Latin-1 or UTF-16. capplan guesses no encoding: a misread currency sign would be a wrong plan.

Wrong: a file saved as \"Windows-1252\" with an `é` in a note.

Right: the same file saved as UTF-8; a byte order mark at its start is accepted.
",
};

/// An invisible or text-turning character stands in a plan.
pub static INVALID_CHARACTER: Code = Code {
    id: "invalid_character",
    family: Family::Syntax,
    severity: Severity::Error,
    title: "an invisible or text-turning character stands in a plan",
    page: "\
Control characters and marks that turn the direction of text can make a line read otherwise in a review
than the program reads it. So they may stand nowhere in a plan, not even in comments.

Wrong: a zero-width no-break space, pasted from a web page, inside of `team \"search\"`.

Right: the same line typed anew. In a string such a character may be written as an escape:

    note \"a mark: \\u{200E}\"
",
};

/// A string is never closed.
pub static UNCLOSED_STRING: Code = Code {
    id: "unclosed_string",
    family: Family::Syntax,
    severity: Severity::Error,
    title: "a string is never closed",
    page: "\
A string begins and ends with `\"` on one line; `\"\"\"` begins one of several lines, and `#\"` a raw one,
which `\"#` ends. Without its end the rest of the line would become part of the text.

Wrong:

    team \"search
    pool \"serving\"

Right:

    team \"search\"
    pool \"serving\"
",
};

/// A backslash in a string begins no known escape.
pub static INVALID_ESCAPE: Code = Code {
    id: "invalid_escape",
    family: Family::Syntax,
    severity: Severity::Error,
    title: "a backslash in a string begins no known escape",
    page: "\
In a quoted string `\\` begins an escape: `\\\\ \\\" \\n \\r \\t \\s \\b \\f` and `\\u{1F600}`. Any other is an
error, because it would silently become something else. In a raw string nothing is escaped.

Wrong:

    history \"data\\rps.csv\" column=\"^\\d+$\"

Right:

    history \"data/rps.csv\" column=#\"^\\d+$\"#
",
};

/// A string of several lines is laid out wrongly.
pub static INVALID_MULTILINE: Code = Code {
    id: "invalid_multiline",
    family: Family::Syntax,
    severity: Severity::Error,
    title: "a string of several lines is laid out wrongly",
    page: "\
After the opening `\"\"\"` comes a line break, the closing `\"\"\"` stands on a line of its own, and what stands
before it is the indentation that every line begins with and that is taken off.

Wrong:

    query \"\"\"SELECT ts, rps
      FROM traffic\"\"\"

Right:

    query \"\"\"
        SELECT ts, rps
          FROM traffic
        \"\"\"
",
};

/// A comment is never closed.
pub static UNCLOSED_COMMENT: Code = Code {
    id: "unclosed_comment",
    family: Family::Syntax,
    severity: Severity::Error,
    title: "a comment is never closed",
    page: "\
`/*` begins a comment and `*/` ends it. They nest, so that a part with comments in it can be commented out:
every `/*` needs its own `*/`.

Wrong:

    /* pool \"old\" { /* until June */ limit 4 }

Right:

    /* pool \"old\" { /* until June */ limit 4 } */
",
};

/// A backslash stands inside a line.
pub static MISPLACED_BACKSLASH: Code = Code {
    id: "misplaced_backslash",
    family: Family::Syntax,
    severity: Severity::Error,
    title: "a backslash stands inside a line",
    page: "\
`\\` at the end of a line continues the node on the next one. Elsewhere it means nothing outside of strings.

Wrong:

    price reserved \"33.50 USD/hour\" \\ term=\"12 months\"

Right:

    price reserved \"33.50 USD/hour\" \\
        term=\"12 months\" upfront=\"0%\"
",
};

/// A block is never closed.
pub static UNCLOSED_BLOCK: Code = Code {
    id: "unclosed_block",
    family: Family::Syntax,
    severity: Severity::Error,
    title: "a block is never closed",
    page: "\
Every `{` needs its `}`. The missing one shows only at the end of the file, so capplan looks at the
indentation and blames the block that by it has ended already; the second place is the line that gives
it away.

Wrong:

    pool \"serving\" {
        spot { risk-tolerance low
    }

Right:

    pool \"serving\" {
        spot { risk-tolerance low; }
    }
",
};

/// A closing brace closes nothing.
pub static STRAY_BRACE: Code = Code {
    id: "stray_brace",
    family: Family::Syntax,
    severity: Severity::Error,
    title: "a closing brace closes nothing",
    page: "\
There are more `}` than `{`. The one that is marked stands further right than the block it closes, or is
the one that was left over.

Wrong:

    pool \"serving\" {
        spot { risk-tolerance low; } }
    }

Right:

    pool \"serving\" {
        spot { risk-tolerance low; }
    }
",
};

/// Blocks are nested more than 64 deep.
pub static NESTING_TOO_DEEP: Code = Code {
    id: "nesting_too_deep",
    family: Family::Syntax,
    severity: Severity::Error,
    title: "blocks are nested more than 64 deep",
    page: "\
The deepest block of the language is six levels in. More than 64 are an accident or an attack, and a parser
that followed them would run out of stack.

Wrong: a generated file in which the closing braces were lost.

Right:

    scenario \"late\" { change owned \"dc\" { change lot \"june\" { slip \"10 weeks\"; }; }; }
",
};

/// Nothing follows a slashdash.
pub static DANGLING_SLASHDASH: Code = Code {
    id: "dangling_slashdash",
    family: Family::Syntax,
    severity: Severity::Error,
    title: "nothing follows a slashdash",
    page: "\
`/-` comments out the node, the argument, the property or the block that comes next. At the end of a block,
or before another `/-`, there is none.

Wrong:

    pool \"serving\" { limit 4; /- }

Right:

    pool \"serving\" { limit 4; /-floor reserved \"70%\"; }
",
};

/// Slashdashes are nested more than four deep.
pub static SLASHDASH_TOO_DEEP: Code = Code {
    id: "slashdash_too_deep",
    family: Family::Syntax,
    severity: Severity::Error,
    title: "slashdashes are nested more than four deep",
    page: "\
`/-` inside of what `/-` already comments out changes nothing. A few come about by editing; more than four
inside each other are an accident or an attack on the parser.

Wrong:

    /-a { /-b { /-c { /-d { /-e; } } } }

Right:

    /-a { b { c { d { e; } } } }
",
};
