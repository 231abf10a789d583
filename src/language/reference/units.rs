//! The units, as people write them.

use std::fmt::Write as _;

use crate::language::unit::COUNTED;

/// What is measured, and the units of it.
const UNITS: &[(&str, &str, &str)] = &[
    ("Share", "%", "never the same as a bare number: `\"5%\"`, not `0.05`"),
    ("Time", "s second ms minute hour day week", "a week is 168 hours"),
    ("Calendar time", "month year", "a year is 12 months; beside hours, a month counts as 730"),
    ("Data, decimal", "byte kB MB GB TB PB EB", "powers of 1,000"),
    ("Data, binary", "KiB MiB GiB TiB PiB EiB", "powers of 1,024"),
    ("Bits", "bit kbit Mbit Gbit Tbit", "an eighth of a byte; for network"),
    ("Machines", "core gpu node", ""),
    ("Arithmetic", "flop FLOP MFLOP GFLOP TFLOP PFLOP EFLOP", ""),
    ("Power", "W watt kW MW", ""),
    ("Energy", "Wh kWh MWh", ""),
    ("People", "fte", "full-time equivalents"),
];

pub(super) fn write(page: &mut String) {
    page.push_str(
        "\n## Units\n\n\
         A unit is built from names: `req/s`, `USD/GB-month` (money over gigabytes times months), \
         `USD/1M token`, `%/month`. Case matters. A trailing s is read as a plural: `3 days`. Directly \
         before a unit `k`, `M`, `B` and `T` mean 10³, 10⁶, 10⁹ and 10¹²: `\"2.4M USD\"`. What measures \
         different things never mixes; what measures the same converts exactly.\n\n\
         | What | Units | |\n|---|---|---|\n",
    );
    for (what, units, note) in UNITS {
        let units: Vec<String> = units.split(' ').map(|unit| format!("`{unit}`")).collect();
        let _ = writeln!(page, "| {what} | {} | {note} |", units.join(" "));
    }
    let counted: Vec<String> = COUNTED.iter().map(|unit| format!("`{unit}`")).collect();
    let _ = writeln!(
        page,
        "| What is counted | {} | `request` is `req`; declare others by [`unit`](#unit) |",
        counted.join(" ")
    );
    page.push_str(
        "| Money | `USD` `EUR` `GBP` … | ISO 4217 codes; another currency than the plan's needs `fx` |\n",
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::unit::Unit;

    #[test]
    fn every_unit_of_the_page_is_one() {
        for (_, units, _) in UNITS {
            for unit in units.split(' ') {
                assert!(Unit::parse(unit, &|_| false).is_ok(), "{unit}");
            }
        }
    }
}
