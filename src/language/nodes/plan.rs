//! The plan node, what is assumed, and the list of everything that may stand at the top of a file.

use super::{
    Arg, CERTAIN_SHARE, DIST, Kind, NodeSpec, Noun, Range, certain, finance, node, one,
    organisation, prop, quota, scenario, several, supply, workload,
};

/// Every node that may stand at the top of a file.
pub static TOP: &[NodeSpec] = &[
    PLAN,
    PROCUREMENT,
    LET,
    KNOB,
    INCLUDE,
    UNIT,
    organisation::DEPARTMENT,
    organisation::TEAM,
    organisation::PROJECT,
    organisation::ENVIRONMENT,
    organisation::SOURCE,
    supply::GPU,
    supply::PROVIDER,
    supply::PRICES,
    supply::OWNED,
    supply::POOL,
    supply::COMMITMENT,
    quota::PRIORITIES,
    quota::COHORT,
    quota::QUOTA,
    workload::TEMPLATE,
    workload::WORKLOAD,
    finance::BUDGET,
    finance::SHARED_COST,
    finance::POLICY,
    scenario::SCENARIO,
    scenario::COMPARE,
];

const MONTHS: &[&str] = &[
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

const WEEKDAYS: &[&str] =
    &["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// `fx`, in `plan` and in scenarios.
pub(super) const FX: NodeSpec = node(
    "fx",
    "A pinned exchange rate: what one unit of the foreign currency costs in the plan's. Every amount in \
     another currency needs one.",
)
.args(&[
    one("currency", Kind::Currency),
    one("rate", Kind::Quantity("$", Range::Positive, super::Certainty::Certain)),
])
.props(&[prop("as-of", Kind::Date), prop("source", Kind::Text)])
.keyed()
.example(r#"fx EUR "1.09 USD" as-of="2026-11-20" source="Treasury""#);

const PLAN: NodeSpec = node("plan", "The plan: once, in the file that `capplan` is given.")
    .args(&[one("name", Kind::Declares(Noun::Plan))])
    .children(&[
        node("version", "The version of the language; this is version 1.")
            .args(&[one("number", Kind::Count(1))])
            .required()
            .example("version 1"),
        node(
            "as-of",
            "The day from which late, stale and waived are measured. `--as-of` overrides it; without \
             both it is the date of the commit.",
        )
        .args(&[one("day", Kind::Date)])
        .example(r#"as-of "2026-11-23""#),
        node("horizon", "The months the plan looks ahead.")
            .props(&[
                prop("from", Kind::Month).required(),
                prop("months", Kind::Count(1)).required(),
            ])
            .required()
            .example(r#"horizon from="2027-02" months=12"#),
        node("currency", "The currency of every figure in reports.")
            .args(&[one("code", Kind::Currency)])
            .required()
            .example("currency USD"),
        FX,
        node(
            "fiscal-year",
            "The month in which fiscal years begin, and whether the year they start or end in names \
             them. `label` is required unless they begin in January.",
        )
        .props(&[
            prop("starts", Kind::Word(MONTHS)).required(),
            prop("label", Kind::Word(&["start-year", "end-year"])),
        ])
        .children(&[node(
            "pattern",
            "A retail calendar: every month of the plan has whole weeks, so many in the months of a quarter. \
             Months keep their names: `2027-02` is the first of a year that starts in February, whatever its \
             first day. Weeks begin on `weeks-begin` (Sunday). A year ends on the day before, the one `nearest` \
             the end of the month before `starts` (as the National Retail Federation has it), or the `last` in \
             that month. A 53rd week goes into the last month of its year.",
        )
        .args(&[one("weeks", Kind::Choice(&["4-4-5", "4-5-4", "5-4-4"]))])
        .props(&[
            prop("weeks-begin", Kind::Word(WEEKDAYS)),
            prop("year-ends", Kind::Word(&["nearest", "last"])),
        ])
        .default("calendar months")
        .example(r#"pattern "4-5-4" weeks-begin=sunday year-ends=nearest"#)])
        .default("calendar years")
        .example("fiscal-year starts=february label=start-year"),
        node("seed", "The seed of every draw: the same plan gives the same numbers on every machine.")
            .args(&[one("number", Kind::Count(0))])
            .default("0")
            .example("seed 7"),
        node("draws", "How many draws an uncertain plan is computed in.")
            .args(&[one("count", Kind::Count(1))])
            .default("1000")
            .example("draws 1000"),
    ])
    .required()
    .example(r#"plan "acme-ml-2027" { version 1; horizon from="2027-02" months=12; currency USD; }"#);

pub(super) const PROCUREMENT: NodeSpec = node(
    "procurement",
    "How purchases are planned: for which need, with which delays and limits. With it, the supply and the \
     cost of the plan follow the purchases that are recommended; without it, nothing is bought but by \
     the hour.",
)
.children(&[
    node(
        "plan-for",
        "The quantile of need, hour by hour, that is bought for; `cvar` for the least mean cost of the \
         worst twentieth of futures.",
    )
        .args(&[one("quantile", Kind::Word(&["p50", "p80", "p95", "cvar"]))])
        .default("p80")
        .example("plan-for p80"),
    node("approval", "How long an approval takes.")
        .args(&[one("time", certain("hour"))])
        .default("none")
        .example(r#"approval "15 days""#),
    node("buffer", "Days kept in hand before an order is late.")
        .args(&[one("time", certain("hour"))])
        .default("none")
        .example(r#"buffer "10 days""#),
    node(
        "tail",
        "Need after the horizon, for terms that reach beyond it: held, halved every twelve months, or \
         growing on as over the horizon.",
    )
        .args(&[one("shape", Kind::Word(&["flat", "decay", "growth"]))])
        .default("flat")
        .example("tail flat"),
    node("cost-of-capital", "The rate at which later money is worth less, a year.")
        .args(&[one("rate", CERTAIN_SHARE)])
        .example(r#"cost-of-capital "9%""#),
    node("cash-limit", "The most that purchases may take on their first day, in each period.")
        .args(&[one("amount", certain("$"))])
        .props(&[prop("per", Kind::Word(&["fiscal-quarter", "fiscal-year", "month"]))])
        .example(r#"cash-limit "20M USD" per=fiscal-quarter"#),
])
.example(r#"procurement { plan-for p80; approval "15 days"; }"#);

/// What says where a value comes from.
pub(super) const NOTES: &[NodeSpec] = &[
    node("title", "A title for people.").args(TEXT).example(r#"title "Organic growth""#),
    node("source", "Who says so.").args(TEXT).example(r#"source "Finance LRP v3""#),
    node("as-of", "The day it was stated.")
        .args(&[one("day", Kind::Date)])
        .example(r#"as-of "2026-10-15""#),
    node("review-by", "The day by which to look at it again; past it, the plan warns.")
        .args(&[one("day", Kind::Date)])
        .example(r#"review-by "2027-03-31""#),
    node("note", "A remark.").args(TEXT).example(r#"note "from the Q3 review""#),
];

pub(super) const TEXT: &[Arg] = &[one("text", Kind::Text)];

pub(super) const LET: NodeSpec = node(
    "let",
    "A shared assumption. Values that refer to it by `(ref)name` share its draw, which is how \
     correlation is written.",
)
.args(&[one("name", Kind::LetName), one("value", Kind::Anything)])
.props(&[DIST])
.children(NOTES)
.keyed()
.example(
    r#"let organic-growth "3% to 6% / month" { source "Finance LRP v3"; as-of "2026-10-15"; }"#,
);

const KNOB: NodeSpec =
    node("knob", "A slider over a shared assumption, for who plays with a plan.")
        .args(&[one("name", Kind::Declares(Noun::Knob))])
        .children(&[
            node("sets", "The assumption it moves.")
                .args(&[one("let", Kind::LetRef)])
                .required()
                .example("sets (ref)organic-growth"),
            node("from", "Its lowest value.")
                .args(&[one("value", Kind::Contextual("the assumption's unit"))])
                .example(r#"from "0%/month""#),
            node("to", "Its highest value.")
                .args(&[one("value", Kind::Contextual("the assumption's unit"))])
                .example(r#"to "12%/month""#),
            node("step", "How far one step moves it.")
                .args(&[one("value", Kind::Contextual("the assumption's unit"))])
                .example(r#"step "1%/month""#),
            node("title", "A title for people.").args(TEXT).example(r#"title "Growth""#),
        ])
        .keyed()
        .example(r#"knob "growth" { sets (ref)organic-growth; from "0%/month"; to "12%/month"; }"#)
        .later("nothing shows it yet, and it never changes a report");

const INCLUDE: NodeSpec = node(
    "include",
    "Loads another file, or every file a pattern matches, sorted. Includes only add; the path is \
     relative to the including file and stays inside the plan's folder.",
)
.args(&[several("path", Kind::Text)])
.many()
.example(r#"include "workloads/*.kdl""#);

const UNIT: NodeSpec = node("unit", "Declares something that is counted, such as a chat.")
    .args(&[one("name", Kind::Declares(Noun::CountedUnit))])
    .keyed()
    .example(r#"unit "chat""#);
