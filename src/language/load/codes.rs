//! The codes of files and includes.

use crate::diagnostic::{Code, Family, Severity};

/// Every code of this module.
pub static CODES: &[&Code] = &[
    &NO_PLAN,
    &SEVERAL_PLANS,
    &INCLUDE_NOT_FOUND,
    &INCLUDE_EMPTY_GLOB,
    &INCLUDE_OUTSIDE,
    &INCLUDE_CYCLE,
    &INCLUDE_FORM,
    &TOO_MANY_FILES,
    &UNREADABLE_FILE,
    &UNREACHED_FILE,
    &PRICE_LIST_UNREADABLE,
    &PRICE_ROWS_SKIPPED,
    &TEMPLATE_TOO_LARGE,
    &TEMPLATE_UNREADABLE,
];

/// A template, or all of them, are too large.
pub(super) static TEMPLATE_TOO_LARGE: Code = Code {
    id: "template_too_large",
    family: Family::Template,
    severity: Severity::Error,
    title: "a template is too large",
    page: "\
A template lays a report out; what a report shows comes from the plan. So a template has at most 1 MB, and a
plan at most 500 of them.

Wrong: a table of data, or a picture of several megabytes, inside of `templates/html/report.html.hbs`.

Right: the layout alone; a logo as a small `<svg>`.
",
};

/// A template cannot be read.
pub(super) static TEMPLATE_UNREADABLE: Code = Code {
    id: "template_unreadable",
    family: Family::Template,
    severity: Severity::Error,
    title: "a template cannot be read",
    page: "\
The files below `templates/html`, `templates/markdown` and `templates/prose` beside a plan are read as UTF-8.
One that cannot be read is an error, because the built-in template in its place would not be what was meant.

Wrong: `templates/prose/verdict.md.hbs` saved as Latin-1, or without permission to read it.

Right: the same file saved as UTF-8.
",
};

/// No file of the folder has a plan node.
pub static NO_PLAN: Code = Code {
    id: "no_plan",
    family: Family::Files,
    severity: Severity::Error,
    title: "no file of the folder has a plan node",
    page: "\
The entry of a plan is the file that has the `plan` node at its top level, directly in the folder. Nothing
else tells capplan where to begin, so that files may have any name.

Wrong: a folder with `pools.kdl` and `teams.kdl` alone, or one whose `plan` node is in a folder below.

Right: beside them `plan.kdl`:

    plan \"ml-2027\" { version 1; horizon from=\"2027-01\" months=12; currency USD; }
    include \"pools.kdl\"
    include \"teams.kdl\"
",
};

/// More than one file has a plan node.
pub static SEVERAL_PLANS: Code = Code {
    id: "several_plans",
    family: Family::Files,
    severity: Severity::Error,
    title: "more than one file has a plan node",
    page: "\
A plan has one `plan` node, in its entry file. Two in one folder are two plans, and capplan will not guess
which is meant. Give it the file, or put each plan into a folder of its own.

Wrong: `plan-2026.kdl` and `plan-2027.kdl`, each with a `plan` node, in one folder.

Right: `capplan check plan-2027.kdl`, or the folders `2026/` and `2027/`.
",
};

/// An included file does not exist.
pub static INCLUDE_NOT_FOUND: Code = Code {
    id: "include_not_found",
    family: Family::Files,
    severity: Severity::Error,
    title: "an included file does not exist",
    page: "\
`include` names a file relative to the file it stands in. A name that is not there is an error, because a
plan without its pools or teams would look valid and be wrong.

Wrong:

    include \"team.kdl\"          // the file is called teams.kdl

Right:

    include \"teams.kdl\"
",
};

/// An include pattern matches no file.
pub static INCLUDE_EMPTY_GLOB: Code = Code {
    id: "include_empty_glob",
    family: Family::Files,
    severity: Severity::Error,
    title: "an include pattern matches no file",
    page: "\
A pattern with `*`, `?` or `[…]` includes every `.kdl` file that it matches, in the order of their names. A
pattern that matches none is mostly a spelling mistake, and silence would drop a part of the plan.

Wrong:

    include \"workload/*.kdl\"    // the folder is called workloads

Right:

    include \"workloads/*.kdl\"
",
};

/// An include leaves the plan's folder.
pub static INCLUDE_OUTSIDE: Code = Code {
    id: "include_outside",
    family: Family::Files,
    severity: Severity::Error,
    title: "an include leaves the plan's folder",
    page: "\
Everything a plan says is inside of its folder, so that a review of the folder is a review of the plan, and
no plan can read another file of the machine. Links are followed first, then the place is judged.

Wrong:

    include \"../shared/prices.kdl\"
    include \"/etc/capplan/teams.kdl\"

Right: the file copied into the folder, and

    include \"prices.kdl\"
",
};

/// Files include each other in a circle.
pub static INCLUDE_CYCLE: Code = Code {
    id: "include_cycle",
    family: Family::Files,
    severity: Severity::Error,
    title: "files include each other in a circle",
    page: "\
An included file may include others, but never one that it was included from. capplan shows the chain.
Order never matters in a plan, so a file needs no include to use what another declares: one include, from
the entry, is enough.

Wrong: `teams.kdl` says `include \"pools.kdl\"`, and `pools.kdl` says `include \"teams.kdl\"`.

Right: `plan.kdl` says

    include \"teams.kdl\"
    include \"pools.kdl\"
",
};

/// An include names no kdl file.
pub static INCLUDE_FORM: Code = Code {
    id: "include_form",
    family: Family::Files,
    severity: Severity::Error,
    title: "an include names no kdl file",
    page: "\
`include` has one argument or several, each the quoted path of a `.kdl` file with forward slashes, or a
pattern of such paths. Data files are named where they are used: `history \"data/rps.csv\"`.

Wrong:

    include teams.kdl
    include \"data/rps.csv\"

Right:

    include \"teams.kdl\" \"workloads/*.kdl\"
",
};

/// A plan has more than 2,000 files or 16 MB.
pub static TOO_MANY_FILES: Code = Code {
    id: "too_many_files",
    family: Family::Files,
    severity: Severity::Error,
    title: "a plan has more than 2,000 files or 16 MB",
    page: "\
A plan has at most 2,000 files and 16 MB in all. The limits keep a wrong pattern, which reaches into a
folder of another kind, from taking minutes and all memory.

Wrong:

    include \"**/*.kdl\"          // in a folder with a copy of every past plan

Right:

    include \"workloads/*.kdl\"
",
};

/// An included file cannot be read.
pub static UNREADABLE_FILE: Code = Code {
    id: "unreadable_file",
    family: Family::Files,
    severity: Severity::Error,
    title: "an included file cannot be read",
    page: "\
The file is there, but the system did not let capplan read it: mostly its permissions, or a broken link.
The plan is not judged without it.

Wrong: `teams.kdl` is a link to a file that was deleted.

Right: the file itself, readable by who runs capplan.
",
};

/// A kdl file in the plan's folder is never included.
pub static UNREACHED_FILE: Code = Code {
    id: "unreached_file",
    family: Family::Files,
    severity: Severity::Warning,
    title: "a kdl file in the plan's folder is never included",
    page: "\
Only what the entry includes, directly or through others, belongs to the plan. A `.kdl` file beside it that
nothing includes is mostly one that was forgotten: its workloads are missing from every report. This is a
warning, the plan is used without the file.

Wrong: a new `workloads/ads.kdl`, while `plan.kdl` says `include \"workloads/search.kdl\"`.

Right:

    include \"workloads/*.kdl\"
",
};

/// A price list that cannot be read.
pub static PRICE_LIST_UNREADABLE: Code = Code {
    id: "price_list_unreadable",
    family: Family::Files,
    severity: Severity::Error,
    title: "a price list is missing, or is of no known form",
    page: "\
`prices` names a file inside the plan's folder: a CSV or JSON in one of the forms of `capplan prices`. Its form is
told from its text, or given with `format=`.

Wrong: `prices \"aws.csv\"`, where there is no such file, or where its columns are none of those known.

Right:

    prices \"aws_vms_2026-09-06.csv\" format=skypilot provider=\"aws\"
",
};

/// Rows of a price list that do not read.
pub static PRICE_ROWS_SKIPPED: Code = Code {
    id: "price_rows_skipped",
    family: Family::Files,
    severity: Severity::Warning,
    title: "rows of a price list do not read",
    page: "\
A row without a type, with a price or an amount that is no number, a way to buy, a term, a share paid upfront, a
currency or a date that is none. The other rows are used. So is a column whose head is one letter away from one that
is read, and a file of `providers` whose day or currency does not read: it then has no prices.

Wrong: `m5.large,us-east-1,free` in the column of prices.

Right: `m5.large,us-east-1,0.096`.
",
};
