//! Steps of a price reach all volumes.

use crate::diagnostic::{Code, Diagnostic, Family};
use crate::language::lower::Draft;
use crate::language::report::{Report, warning};
use crate::plan::price::TieredPrice;

pub(super) fn check(draft: &Draft, report: &mut Report) {
    for (_, provider) in draft.providers.iter() {
        for (kind, steps) in &provider.egress {
            open_ended(steps, &format!("egress {}", kind.word()), report);
        }
    }
    for (_, tier) in draft.storage_tiers.iter() {
        open_ended(&tier.prices, &tier.name, report);
    }
}

fn open_ended(steps: &[TieredPrice], what: &str, report: &mut Report) {
    if let Some(last) = steps.last()
        && last.up_to_bytes.is_some()
    {
        report.push(
            Diagnostic::new(&PRICE_STEPS, format!("`{what}` has no price for the largest volumes"))
                .at(last.origin, "beyond this, the last price is used")
                .help("add a step without `up-to`"),
        );
    }
}

/// Steps that end.
pub static PRICE_STEPS: Code = warning(
    "price_steps",
    Family::Model,
    "the steps of a price end somewhere",
    "Steps rise by volume; the last one has no `up-to`, so that every volume has a price.\n\nWrong:\n\n```kdl\negress \
internet \"0.09 USD/GB\" up-to=\"10 TB\"\n```\n\nRight:\n\n```kdl\negress internet \"0.09 USD/GB\" up-to=\"10 TB\"\n\
egress internet \"0.05 USD/GB\"\n```\n",
);
