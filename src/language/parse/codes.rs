//! The codes of the parser.

use crate::diagnostic::{Code, Family, Severity};

/// Every code of this module.
pub static CODES: &[&Code] = &[
    &UNQUOTED_QUANTITY,
    &BARE_KEYWORD,
    &INVALID_NUMBER,
    &ASSIGNMENT,
    &COMMA_OR_LIST,
    &MISSING_SPACE,
    &NODE_ANNOTATION,
    &SYNTAX,
];

/// A quantity or a date is not quoted.
pub static UNQUOTED_QUANTITY: Code = Code {
    id: "unquoted_quantity",
    family: Family::Syntax,
    severity: Severity::Error,
    title: "a quantity or a date is not quoted",
    page: "\
A bare number is a count. Everything with a unit, a percent sign or a scale is a quantity, and a quantity is
one quoted string, so that the number cannot lose its unit. Dates and months are quoted too.

Wrong:

    memory 32GiB
    hit-ratio 35%
    run \"v2\" at=2027-12-01

Right:

    memory \"32 GiB\"
    hit-ratio \"35%\"
    run \"v2\" at=\"2027-12-01\"
",
};

/// True, false and null are written with a hash.
pub static BARE_KEYWORD: Code = Code {
    id: "bare_keyword",
    family: Family::Syntax,
    severity: Severity::Error,
    title: "true, false and null are written with a hash",
    page: "\
KDL writes `#true`, `#false` and `#null`, so that a bare `true` can never be taken for a name, nor a name for
a truth value. capplan knows no infinite and no undefined numbers.

Wrong:

    interruptible true

Right:

    interruptible #true
",
};

/// A number is none that a plan can use.
pub static INVALID_NUMBER: Code = Code {
    id: "invalid_number",
    family: Family::Syntax,
    severity: Severity::Error,
    title: "a number is none that a plan can use",
    page: "\
Numbers are decimal: `8`, `-0.5`, `1_000`, `1.6e24`. Hexadecimal and the like, infinities and numbers beyond
what a computer holds are errors, because each would become something else on the way.

Wrong:

    limit 0x10
    seed 1e400
    draws #inf

Right:

    limit 16
    seed 7
    draws 2000
",
};

/// A setting is written with an equals sign or a colon.
pub static ASSIGNMENT: Code = Code {
    id: "assignment",
    family: Family::Syntax,
    severity: Severity::Error,
    title: "a setting is written with an equals sign or a colon",
    page: "\
A setting is a node: its name, a space, its value. `=` belongs to properties, which stand after a value and
qualify it. `name: value` is YAML, `name = value` is TOML; neither is KDL.

Wrong:

    cost-center: \"CC-1\"
    memory = \"32 GiB\"

Right:

    cost-center \"CC-1\"
    memory \"32 GiB\"
    price spot \"20 USD/hour\" as-of=\"2026-11-20\"
",
};

/// Values are separated by commas or put in brackets.
pub static COMMA_OR_LIST: Code = Code {
    id: "comma_or_list",
    family: Family::Syntax,
    severity: Severity::Error,
    title: "values are separated by commas or put in brackets",
    page: "\
Several values of one node stand side by side with spaces between. There are no commas and no brackets.

Wrong:

    team \"fraud\", \"credit\"
    buy [spot, on-demand]

Right:

    team \"fraud\" \"credit\"
    buy spot on-demand
",
};

/// Two values stand together without a space.
pub static MISSING_SPACE: Code = Code {
    id: "missing_space",
    family: Family::Syntax,
    severity: Severity::Error,
    title: "two values stand together without a space",
    page: "\
A space separates a name from its value and values from each other; `;` or a line end separates nodes.

Wrong:

    team \"fraud\"\"credit\"
    pool \"a\" { limit 4 } pool \"b\" { limit 2 }

Right:

    team \"fraud\" \"credit\"
    pool \"a\" { limit 4; }; pool \"b\" { limit 2; }
",
};

/// A node has a type annotation.
pub static NODE_ANNOTATION: Code = Code {
    id: "node_annotation",
    family: Family::Syntax,
    severity: Severity::Error,
    title: "a node has a type annotation",
    page: "\
An annotation changes what a value means: `(ref)organic-growth`, `(p10-p90)\"100 to 160 req/s\"`. It stands
directly before a value, never before a node or a property's name.

Wrong:

    (ref)growth compound organic-growth

Right:

    growth compound (ref)organic-growth
",
};

/// The text is no KDL.
pub static SYNTAX: Code = Code {
    id: "syntax",
    family: Family::Syntax,
    severity: Severity::Error,
    title: "the text is no KDL",
    page: "\
A plan is KDL, version 2: every node is a name, then values and `name=value` properties, then perhaps a
block in braces, and a line end or `;`. What is marked fits nowhere in that.

Wrong:

    { limit 4 }
    pool \"serving\" count=

Right:

    pool \"serving\" { limit 4; }
",
};
