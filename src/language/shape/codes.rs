//! The codes of the shape check.

use crate::diagnostic::{Code, Family};
use crate::language::report::{error, note};

/// A node that the language does not know.
pub(super) static UNKNOWN_SETTING: Code = error(
    "unknown_node",
    Family::Shape,
    "a node that the language does not know",
    "Every word of a plan is a word of the language: what is unknown is an error, never ignored, because a \
misspelled setting would change figures silently. Nodes for other tools begin with `x-`.\n\nWrong:\n\n```kdl\n\
pool \"serving\" { limti 40; }\n```\n\nRight:\n\n```kdl\npool \"serving\" { limit 40; }\n```\n",
);

/// A property that the language does not know.
pub(super) static UNKNOWN_PROPERTY: Code = error(
    "unknown_property",
    Family::Shape,
    "a property that the language does not know",
    "A property says when, where, per what or from what source. Each node takes its own.\n\nWrong:\n\n```kdl\n\
price on-demand \"55.04 USD/hour\" asof=\"2026-09-06\"\n```\n\nRight:\n\n```kdl\nprice on-demand \"55.04 \
USD/hour\" as-of=\"2026-09-06\"\n```\n",
);

/// A node in the wrong block.
pub(super) static MISPLACED: Code = error(
    "misplaced_node",
    Family::Shape,
    "a node stands in the wrong block",
    "The word is known, but it says something of another thing.\n\nWrong:\n\n```kdl\nworkload \"chat\" { \
target-utilization \"65%\"; }\n```\n\nRight:\n\n```kdl\npool \"serving\" { target-utilization \"65%\"; }\n```\n",
);

/// A setting written as a property.
pub(super) static SETTING_AS_PROPERTY: Code = error(
    "setting_as_property",
    Family::Shape,
    "a setting is written as a property",
    "There is one spelling for everything: a setting is a child node, a property only qualifies its own \
node.\n\nWrong:\n\n```kdl\nteam \"search\" owner=\"ml@acme.example\"\n```\n\nRight:\n\n```kdl\nteam \"search\" { \
owner \"ml@acme.example\"; }\n```\n",
);

/// A property written as a setting.
pub(super) static PROPERTY_AS_SETTING: Code = error(
    "property_as_setting",
    Family::Shape,
    "a property is written as a setting",
    "There is one spelling for everything: what qualifies a node (when, where, per what) is a property of \
it.\n\nWrong:\n\n```kdl\nevent \"launch\" { at \"2027-05-01\"; multiply 1.2; }\n```\n\nRight:\n\n```kdl\nevent \
\"launch\" at=\"2027-05-01\" { multiply 1.2; }\n```\n",
);

/// A value is missing.
pub static MISSING_VALUE: Code = error(
    "missing_value",
    Family::Shape,
    "a node lacks a value",
    "Wrong:\n\n```kdl\npool \"serving\" { start on-demand; }\n```\n\nRight:\n\n```kdl\npool \"serving\" { start \
on-demand 4; }\n```\n",
);

/// A value too many.
pub(super) static EXTRA_VALUE: Code = error(
    "extra_value",
    Family::Shape,
    "a node has a value too many",
    "One setting a node: several stand on lines of their own, or with `;` between them.\n\nWrong:\n\n```kdl\n\
pool \"serving\" { limit 40 start on-demand 4; }\n```\n\nRight:\n\n```kdl\npool \"serving\" { limit 40; start \
on-demand 4; }\n```\n",
);

/// A required property is missing.
pub static MISSING_PROPERTY: Code = error(
    "missing_property",
    Family::Shape,
    "a node lacks a property",
    "Wrong:\n\n```kdl\nhorizon months=12\n```\n\nRight:\n\n```kdl\nhorizon from=\"2027-02\" months=12\n```\n",
);

/// A required setting is missing.
pub static MISSING_SETTING: Code = error(
    "missing_setting",
    Family::Shape,
    "a node lacks a setting",
    "Nothing that decides a figure is guessed: what has no default must be said.\n\nWrong:\n\n```kdl\nbudget \
\"search\" { team \"search\"; amount \"2M USD\"; }\n```\n\nRight:\n\n```kdl\nbudget \"search\" { team \"search\"; \
amount \"2M USD\"; period fiscal-year=2027; }\n```\n",
);

/// A setting twice.
pub static DUPLICATE_SETTING: Code = error(
    "duplicate_setting",
    Family::Shape,
    "a setting stands twice",
    "The last one never wins silently: a setting, and a keyed setting for one key, stands once.\n\nWrong:\n\n\
```kdl\npool \"serving\" { limit 40; limit 60; }\n```\n\nRight:\n\n```kdl\npool \"serving\" { limit on-demand 40; \
limit reserved 60; }\n```\n",
);

/// A property twice.
pub(super) static DUPLICATE_PROPERTY: Code = error(
    "duplicate_property",
    Family::Shape,
    "a property stands twice",
    "KDL lets the last property win; a plan does not.\n\nWrong:\n\n```kdl\nhorizon from=\"2027-01\" \
from=\"2027-02\" months=12\n```\n\nRight:\n\n```kdl\nhorizon from=\"2027-02\" months=12\n```\n",
);

/// A value of the wrong type.
pub(super) static WRONG_TYPE: Code = error(
    "wrong_type",
    Family::Shape,
    "a value is of the wrong type",
    "Counts are bare numbers, quantities and names are quoted, words of the language are bare, truth values \
are `#true` and `#false`.\n\nWrong:\n\n```kdl\npool \"serving\" { limit \"40\"; }\n```\n\nRight:\n\n```kdl\npool \
\"serving\" { limit 40; }\n```\n",
);

/// A name or quantity without quotes.
pub(super) static UNQUOTED: Code = error(
    "unquoted",
    Family::Shape,
    "a name or a quantity is not quoted",
    "What a user invents (names, texts, quantities, dates) is quoted; words of the language are \
bare.\n\nWrong:\n\n```kdl\nteam search\n```\n\nRight:\n\n```kdl\nteam \"search\"\n```\n",
);

/// A word of the language in quotes.
pub(super) static QUOTED_WORD: Code = error(
    "quoted_word",
    Family::Shape,
    "a word of the language is quoted",
    "Words of the language are bare, so that they are told from names at a glance.\n\nWrong:\n\n```kdl\nkind \
\"inference\"\n```\n\nRight:\n\n```kdl\nkind inference\n```\n",
);

/// A word that is not on the list.
pub(super) static UNKNOWN_WORD: Code = error(
    "unknown_word",
    Family::Shape,
    "a word that its node does not know",
    "Some settings take one word of a closed list; the reference shows it.\n\nWrong:\n\n```kdl\nbasis \
amortized\n```\n\nRight:\n\n```kdl\nbasis amortised\n```\n",
);

/// An annotation that the language does not know.
pub(super) static UNKNOWN_ANNOTATION: Code = error(
    "unknown_annotation",
    Family::Shape,
    "an annotation that the language does not know",
    "Annotations only change what a value means: `(ref)name` refers to a shared assumption, `(p10-p90)` says \
that an interval is p10 to p90.\n\nWrong:\n\n```kdl\ndemand (rps)\"120 to 180 req/s\"\n```\n\nRight:\n\n```kdl\n\
demand (p10-p90)\"120 to 180 req/s\"\n```\n",
);

/// A reference or interval where none may be.
pub(super) static MISPLACED_REF: Code = error(
    "misplaced_annotation",
    Family::Shape,
    "a reference or an interval stands where none may be",
    "`(ref)` stands for a quantity or a day, never for a name, a word or a count.\n\nWrong:\n\n```kdl\nteam \
(ref)search\n```\n\nRight:\n\n```kdl\nteam \"search\"\n```\n",
);

/// An edit that does not say what it does.
pub(super) static NEEDS_VERB: Code = error(
    "needs_verb",
    Family::Scenario,
    "an edit does not say whether it adds, changes or removes",
    "In `change`, a setting replaces the one of its name. What has a name of its own, of which there may be \
several, says `add`, `change` or `remove`.\n\nWrong:\n\n```kdl\nscenario \"late\" { change owned \"ashburn\" { lot \
\"2027-06\" { slip \"10 weeks\"; }; }; }\n```\n\nRight:\n\n```kdl\nscenario \"late\" { change owned \"ashburn\" { \
change lot \"2027-06\" { slip \"10 weeks\"; }; }; }\n```\n",
);

/// A scenario edits what is the same in all of them.
pub(super) static NOT_EDITABLE: Code = error(
    "not_editable",
    Family::Scenario,
    "a scenario edits what it cannot",
    "Includes, price lists, units, sources, knobs, comparisons and scenarios themselves are the same in every scenario; an \
assumption is given another value by `let`.\n\nWrong:\n\n```kdl\nscenario \"fast\" { change let growth \"9%/month\"; \
}\n```\n\nRight:\n\n```kdl\nscenario \"fast\" { let growth \"9%/month\"; }\n```\n",
);

/// A scenario called `base`.
pub(super) static BASE_IS_RESERVED: Code = error(
    "base_is_reserved",
    Family::Scenario,
    "a scenario is called `base`",
    "`base` is the plan without a scenario, in comparisons and in reports.\n\nWrong:\n\n```kdl\nscenario \
\"base\" { title \"As planned\"; }\n```\n\nRight:\n\n```kdl\nscenario \"as-planned\" { title \"As planned\"; }\n```\n",
);

/// A word that changes nothing yet.
pub static CHANGES_NOTHING_YET: Code = note(
    "changes_nothing_yet",
    Family::Model,
    "a word that is checked but changes no figure yet",
    "Nothing is silently ignored: a word whose figures come later is read, checked, and said in a note once a \
plan. It is safe to keep: no figure depends on it today, and a later version will use it as the language reference \
says.\n\nShown for:\n\n```kdl\npool \"serving\" { instance \"p5.48xlarge\"; lead-time reserved \"3 to 6 weeks\"; }\n\
```\n",
);

/// The codes of the shape check.
pub static CODES: &[&Code] = &[
    &UNKNOWN_SETTING,
    &UNKNOWN_PROPERTY,
    &MISPLACED,
    &SETTING_AS_PROPERTY,
    &PROPERTY_AS_SETTING,
    &MISSING_VALUE,
    &EXTRA_VALUE,
    &MISSING_PROPERTY,
    &MISSING_SETTING,
    &DUPLICATE_SETTING,
    &DUPLICATE_PROPERTY,
    &WRONG_TYPE,
    &UNQUOTED,
    &QUOTED_WORD,
    &UNKNOWN_WORD,
    &UNKNOWN_ANNOTATION,
    &MISPLACED_REF,
    &NEEDS_VERB,
    &NOT_EDITABLE,
    &BASE_IS_RESERVED,
    &CHANGES_NOTHING_YET,
];
