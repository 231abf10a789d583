//! The codes of quantities.

use crate::diagnostic::{Code, Family, Severity};

/// Every code of this module.
pub static CODES: &[&Code] = &[&INVALID_QUANTITY, &UNKNOWN_UNIT, &REVERSED_INTERVAL];

/// A text that does not read as a quantity.
pub static INVALID_QUANTITY: Code = Code {
    id: "invalid_quantity",
    family: Family::Quantities,
    severity: Severity::Error,
    title: "a text does not read as a number with a unit",
    page: "\
A quantity is one quoted string: a number, or two joined by `to`, and a unit. Digits stand together,
the decimal sign is a point, and `k M B T` mean 10³ 10⁶ 10⁹ 10¹² — `MM`, `K`, `bn` and Kubernetes'
`m` are read differently by different people, so capplan takes none of them. Money has its ISO code.

Wrong:

    demand \"1,200 req/s\" at=peak
    amount \"$2.4MM\"
    replica { cpu \"100m\"; }

Right:

    demand \"1200 req/s\" at=peak
    amount \"2.4M USD\"
    replica { cpu \"0.1 core\"; }
",
};

/// A unit that is neither built in nor declared.
pub static UNKNOWN_UNIT: Code = Code {
    id: "unknown_unit",
    family: Family::Quantities,
    severity: Severity::Error,
    title: "a unit is neither built in nor declared",
    page: "\
Units are checked like names, because a wrong one is a wrong factor. Case matters: `MB` is a megabyte,
`Mbit` an eighth of it. Bytes are decimal (kB MB GB TB PB) or binary (KiB MiB GiB TiB PiB), time is s
ms second minute hour day week month year, machines are core gpu node, and money is an ISO 4217 code.
Counted are req token prediction document session user image job; whatever else a plan counts is
declared once, at the top level.

Wrong:

    memory \"32 Gi\"
    demand \"2M chat/day\"

Right:

    memory \"32 GiB\"
    unit \"chat\"
    demand \"2M chat/day\"
",
};

/// An interval whose lower end is above the upper.
pub static REVERSED_INTERVAL: Code = Code {
    id: "reversed_interval",
    family: Family::Quantities,
    severity: Severity::Error,
    title: "the lower end of an interval is above the upper",
    page: "\
`\"a to b\"` is a 90% interval: the value is below a in one case of twenty, and above b in one of
twenty. So a is never above b. A price that falls from 5 to 3 is a `price-trend`, not an interval.

Wrong:

    growth compound \"6% to 3% / month\"

Right:

    growth compound \"3% to 6% / month\"
",
};
