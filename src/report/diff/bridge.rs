//! What the plan cost before, what each cause adds or takes, what it costs after: a bridge over the rows of
//! why, in whole units as they are printed.

use super::amounts::Print;
use super::layout::cause_words;
use super::view::DiffView;
use crate::money::{Decimal, to_f64};
use crate::report::chart::Naming;
use crate::report::chart::bridge::{self, Bar, Kind};
use crate::report::format;
use crate::report::page::Drawing;

/// The bridge; absent where the plan is new or nothing moves.
pub(super) fn drawing(view: &DiffView, print: Print) -> Option<Drawing> {
    let bars = bars(view, print);
    if view.diff.is_new || bars.len() < 3 {
        return None;
    }
    let (before, after) = (print.round(view.diff.total.before), print.round(view.diff.total.after));
    let description = format!(
        "Cost goes from {} to {}, {}.",
        print.in_words(before),
        print.in_words(after),
        print.change_in_words(after - before)
    );
    let naming = Naming {
        id: "why",
        title: "From the cost before to the cost after, by cause",
        description: &description,
    };
    let chart = bridge::draw(&bars, &print.symbol(), &tick, naming);
    Some(Drawing { wide: chart.wide, narrow: chart.narrow })
}

/// Before, every cause that moves something, after: they foot as printed.
fn bars(view: &DiffView, print: Print) -> Vec<Bar> {
    let (before, after) = (print.round(view.diff.total.before), print.round(view.diff.total.after));
    let exact: Vec<Decimal> = view.diff.why.iter().map(|row| row.amount).collect();
    let printed = print.parts(&exact, after - before);
    let level = |name: &str, amount: Decimal| Bar {
        kind: Kind::Level,
        name: name.to_owned(),
        value: to_f64(amount),
        label: print.amount(amount),
    };
    let steps = view.diff.why.iter().zip(printed).filter(|(_, amount)| !amount.is_zero());
    let steps = steps.map(|(because, amount)| Bar {
        kind: Kind::Step,
        label: print.change(amount),
        ..level(&cause_words(&because.causes), amount)
    });
    std::iter::once(level("before", before)).chain(steps).chain([level("after", after)]).collect()
}

fn tick(value: f64) -> String {
    if value == 0.0 { "0".to_owned() } else { format::count(value) }
}
