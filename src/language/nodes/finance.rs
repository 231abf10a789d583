//! Budgets, shared costs and policies.

use super::plan::TEXT;
use super::{
    CERTAIN_SHARE, Certainty, Kind, NodeSpec, Noun, Range, certain, node, one, prop, quantity,
    several,
};

const POSITIVE_SHARE: Kind = Kind::Quantity("%", Range::PositiveShare, Certainty::Certain);

pub(super) const BUDGET: NodeSpec = node(
    "budget",
    "How much may be spent, over which months, how surely. Whose cost counts once even where two \
     selectors match; nested budgets are not added.",
)
.args(&[one("name", Kind::Declares(Noun::Budget))])
.children(&[
    node("team", "Teams whose cost counts.")
        .args(&[several("name", Kind::Refers(Noun::Team))])
        .example(r#"team "search" "ads""#),
    node("department", "Departments whose teams' cost counts.")
        .args(&[several("name", Kind::Refers(Noun::Department))])
        .example(r#"department "product-ai""#),
    node("project", "Projects whose workloads' cost counts.")
        .args(&[several("name", Kind::Refers(Noun::Project))])
        .example(r#"project "assistant-v2""#),
    node("cost-center", "Cost centres whose cost counts.")
        .args(&[several("code", Kind::Text)])
        .example(r#"cost-center "US-2201""#),
    node("period", "A fiscal year, a fiscal quarter, or so many months from one on.")
        .props(&[
            prop("fiscal-year", Kind::Year),
            prop("fiscal-quarter", Kind::Quarter),
            prop("from", Kind::Month),
            prop("months", Kind::Count(1)),
        ])
        .required()
        .example("period fiscal-year=2027"),
    node("amount", "Money for the whole period, and what of it is for operating cost and for assets.")
        .args(&[one("amount", Kind::Quantity("$", Range::Positive, Certainty::Certain))])
        .props(&[prop("from", Kind::Month).later("a budget has one amount for its period until amounts may change inside it")])
        .children(&[
            node("opex", "The part for operating cost.")
                .args(&[one("amount", certain("$"))])
                .later("a budget is held against its whole amount until its parts are compared")
                .example(r#"opex "44M USD""#),
            node("capex", "The part for assets.")
                .args(&[one("amount", certain("$"))])
                .later("a budget is held against its whole amount until its parts are compared")
                .example(r#"capex "14M USD""#),
        ])
        .required()
        .example(r#"amount "2.4M USD""#),
    node("basis", "What is compared: cost spread over the time it serves, cash when it is paid, or list prices.")
        .args(&[one("word", Kind::Word(&["amortised", "cash", "list"]))])
        .default("amortised")
        .example("basis cash"),
    node("confidence", "In which share of draws it must hold.")
        .args(&[one("share", POSITIVE_SHARE)])
        .default("50%")
        .example(r#"confidence "80%""#),
    node("phasing", "How it spreads over its months.")
        .args(&[one("word", Kind::Word(&["even", "days"]))])
        .default("even")
        .example("phasing even"),
    node("warn-at", "Shares of the amount, spent or forecast, at which to warn. It never fails.")
        .args(&[several("share", Kind::Quantity("%", Range::Positive, Certainty::Certain))])
        .example(r#"warn-at "80%" "95%""#),
])
.keyed()
.example(r#"budget "search-fy27" { team "search"; period fiscal-year=2027; amount "2.4M USD"; }"#);

pub(super) const SHARED_COST: NodeSpec = node(
    "shared-cost",
    "Spreads a cost that no team asked for. Rules apply once, on direct cost, never on each other.",
)
.args(&[one("name", Kind::Declares(Noun::SharedCost))])
.children(&[
    node(
        "from",
        "What is spread: the idle cost of a pool, a workload, a team, or an amount a month.",
    )
    .args(&[super::optional("idle", Kind::Word(&["idle"]))])
    .props(&[
        prop("pool", Kind::Refers(Noun::Pool)),
        prop("workload", Kind::Refers(Noun::Workload)),
        prop("team", Kind::Refers(Noun::Team)),
        prop("amount", quantity("$/month")),
    ])
    .required()
    .example(r#"from idle pool="serving""#),
    node("split", "In proportion to a measure, averaged over trailing months.")
        .form("proportional")
        .props(&[
            prop("by", Kind::Word(&["usage", "allocation", "direct-cost"])).required(),
            prop("over", certain("month")),
        ])
        .required()
        .example(r#"split proportional by=usage over="3 months""#),
    node("split", "Every team that has direct cost bears the same.")
        .form("even")
        .required()
        .example("split even"),
    node("split", "Stated shares. Under 100% a `rest` is needed.")
        .form("fixed")
        .children(&[node("team", "A team and its share.")
            .args(&[one("name", Kind::Refers(Noun::Team)), one("share", CERTAIN_SHARE)])
            .keyed()
            .required()
            .example(r#"team "search" "20%""#)])
        .required()
        .example(r#"split fixed { team "search" "20%"; team "ads" "80%"; }"#),
    node("cap", "The most a team bears, as a share of its direct cost.")
        .args(&[one("share", CERTAIN_SHARE)])
        .props(&[prop("of", Kind::Word(&["direct-cost"]))])
        .example(r#"cap "15%" of=direct-cost"#),
    node("rest", "Who bears what the split leaves over.")
        .args(&[one("team", Kind::Refers(Noun::Team))])
        .example(r#"rest "ml-platform""#),
])
.keyed()
.example(r#"shared-cost "idle" { from idle pool="serving"; split proportional by=usage; }"#);

const METRICS: &[&str] = &[
    "cash",
    "commitment-uncovered",
    "cost",
    "order-slack",
    "price-age",
    "queue-wait",
    "shortfall",
    "spot-share",
    "utilization",
];

pub(super) const POLICY: NodeSpec = node("policy", "What must hold, how surely, and why.")
    .args(&[one("name", Kind::Declares(Noun::Policy))])
    .props(&[prop("severity", Kind::Word(&["error", "warn"])).required()])
    .children(&[
        node(
            "require",
            "The requirement: what it applies to (patterns on names), the metric, a ceiling or a floor \
             with its unit, and in which share of draws it must hold, in every month separately.",
        )
        .props(&[
            prop("pool", Kind::Pattern),
            prop("workload", Kind::Pattern),
            prop("priority", Kind::Pattern),
            prop("environment", Kind::Pattern),
            prop("team", Kind::Pattern),
            prop("metric", Kind::Word(METRICS)).required(),
            prop("at-most", Kind::Contextual("the metric's unit")),
            prop("at-least", Kind::Contextual("the metric's unit")),
            prop("over", certain("month")),
            prop("confidence", POSITIVE_SHARE),
        ])
        .required()
        .example(r#"require pool="serve-*" metric=shortfall at-most="0 node" confidence="95%""#),
        node("because", "Why.").args(TEXT).example(r#"because "SLO review 2026-09""#),
        node("waive", "It is shown but does not fail, until a day, by someone's leave.")
            .props(&[
                prop("until", Kind::Day).required(),
                prop("by", Kind::Text).required(),
            ])
            .children(&[node("because", "Why.").args(TEXT).example(r#"because "ramp-up""#)])
            .example(r#"waive until="2027-02-28" by="ml-platform" { because "ramp-up"; }"#),
    ])
    .keyed()
    .example(r#"policy "no-shortfall" severity=error { require pool="serving" metric=shortfall at-most="0 node"; }"#);
