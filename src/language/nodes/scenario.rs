//! Scenarios and comparisons.

use super::plan::{FX, LET, PROCUREMENT, TEXT};
use super::{CERTAIN_SHARE, Kind, NodeSpec, Noun, Range, node, one, prop, several};

const EDITED: Kind = Kind::Anything;

pub(super) const SCENARIO: NodeSpec = node(
    "scenario",
    "The plan under other assumptions: `let` gives an assumption another value, `add` declares what is \
     new, `change` and `remove` name what is there. In `change`, a setting replaces the one of its name \
     (and key); what has a name of its own needs `add`, `change` or `remove` again. `change demand { … }` \
     edits the demand, `demand …` replaces it.",
)
.args(&[one("name", Kind::Declares(Noun::Scenario))])
.props(&[prop("extends", Kind::Refers(Noun::Scenario))])
.children(&[
    node("title", "A title for people.").args(TEXT).example(r#"title "Slow growth""#),
    node("probability", "How likely it is held to be.")
        .args(&[one("share", CERTAIN_SHARE)])
        .example(r#"probability "35%""#),
    LET,
    node("add", "Declares something new: the rest of the line is the node itself.")
        .args(&[several("node", EDITED)])
        .many()
        .example(r#"add team "agents" { department "product-ai"; }"#),
    node("change", "Edits what is there: its kind, its name, and a block of new settings.")
        .args(&[several("node", EDITED)])
        .many()
        .example(r#"change pool "serving" { limit on-demand 60; }"#),
    node("remove", "Takes away what is there: its kind and its name.")
        .args(&[several("node", EDITED)])
        .many()
        .example(r#"remove workload "ads-ranker""#),
])
.keyed()
.example(r#"scenario "agents" { let organic-growth "8% to 12% / month"; change pool "serving" { limit 60; }; }"#);

/// What only a scenario can change, beside what stands at the top of a file.
pub static SCENARIO_EDITS: &[NodeSpec] = &[
    node("prices", "Every price of every provider; what is signed or owned keeps its price.")
        .children(&[node("multiply", "Multiplies them.")
            .args(&[one("factor", Kind::Factor(Range::Positive))])
            .required()
            .example("multiply 1.1")])
        .example("change prices { multiply 1.1; }"),
    FX,
    PROCUREMENT,
];

pub(super) const COMPARE: NodeSpec =
    node("compare", "Scenarios to show side by side; `base` is the plan itself.")
        .args(&[several("scenario", Kind::Refers(Noun::Scenario))])
        .children(&[node("show", "What to show of them.")
            .args(&[several(
                "metric",
                Kind::Word(&[
                    "cost",
                    "cash",
                    "shortfall",
                    "gpu-peak",
                    "order-dates",
                    "utilization",
                    "spot-share",
                ]),
            )])
            .example("show cost shortfall gpu-peak order-dates")])
        .many()
        .example(r#"compare "base" "downside" { show cost shortfall; }"#);
