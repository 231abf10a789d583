//! From budget to forecast as a bridge, with the figures behind it.

use super::{Align, Cell, Figure, RowKind, Table, Tone, amount, cell};
use crate::report::chart::Naming;
use crate::report::chart::bridge::{self, Bar, Kind};
use crate::report::foot;
use crate::report::format::{self, MoneyFormat};
use crate::report::view::{BridgeBy, BridgeStep, BridgeView, BudgetView, Money, StepOf};

/// More steps than this are drawn together; the table has all.
const DRAWN: usize = 9;

/// One step in whole units of the scale, as printed.
struct Printed {
    name: String,
    budget: i64,
    forecast: i64,
}

impl Printed {
    fn change(&self) -> i64 {
        self.forecast - self.budget
    }
}

/// The bridge; absent where there is no budget.
pub(super) fn figure(view: &BudgetView, format: MoneyFormat) -> Option<Figure> {
    let bridge = view.bridge.as_ref()?;
    let steps = printed(bridge, format);
    let finding = finding(bridge, &steps, format);
    let title = "From budget to forecast";
    let summary = format!(
        "The budget of {} leads to a forecast of {} over {}.",
        format.sentence(bridge.budget),
        format.sentence(bridge.covered),
        format::counted(bridge.steps.len() as f64, "step"),
    );
    let description = format!("{finding}. {summary}");
    let naming = Naming { id: "bridge", title, description: &description };
    let of = match bridge.by {
        BridgeBy::Budget => "a step for each budget",
        BridgeBy::Team => "a step for each team with a budget of its own",
        BridgeBy::Period => "a step for each period",
    };
    Some(Figure {
        caption: format!(
            "{}; {of}: forecast less budget, + adds cost, parentheses take it away",
            format.words()
        ),
        chart: bridge::draw(&bars(bridge, &steps, format), &format.words(), &tick, naming),
        data: data(bridge, &steps, format),
        finding,
        summary,
    })
}

/// What a step is called.
pub(in crate::report) fn step_name(of: &StepOf) -> String {
    match of {
        StepOf::Budget(name) | StepOf::Team(name) => format::plain(name),
        StepOf::Period(period) => format::period(period).0,
        StepOf::Month(month) => format::month(*month),
        StepOf::Rest => "everything else".to_owned(),
    }
}

fn printed(bridge: &BridgeView, format: MoneyFormat) -> Vec<Printed> {
    let side = |of: fn(&BridgeStep) -> Money, total: Money| {
        let amounts: Vec<Money> = bridge.steps.iter().map(of).collect();
        foot::foot_to(format, &amounts, format.whole(total))
    };
    let budgets = side(|step| step.budget, bridge.budget);
    let forecasts = side(|step| step.forecast, bridge.covered);
    let names = bridge.steps.iter().map(|step| step_name(&step.of));
    let amounts = budgets.into_iter().zip(forecasts);
    names
        .zip(amounts)
        .map(|(name, (budget, forecast))| Printed { name, budget, forecast })
        .collect()
}

fn bars(bridge: &BridgeView, steps: &[Printed], format: MoneyFormat) -> Vec<Bar> {
    let level = |name: &str, whole: i64| Bar {
        kind: Kind::Level,
        name: name.to_owned(),
        value: whole as f64,
        label: format::accounting(whole),
    };
    let step = |name: &str, whole: i64| Bar {
        kind: Kind::Step,
        label: format::signed(whole),
        ..level(name, whole)
    };
    let mut bars = vec![level("Budget", format.whole(bridge.budget))];
    let drawn = if steps.len() > DRAWN { DRAWN - 1 } else { steps.len() };
    bars.extend(steps[..drawn].iter().map(|printed| step(&printed.name, printed.change())));
    if drawn < steps.len() {
        let rest = steps[drawn..].iter().map(Printed::change).sum();
        bars.push(step(&format!("{} others", steps.len() - drawn), rest));
    }
    let (covered, all) = (format.whole(bridge.covered), format.whole(bridge.forecast));
    if bridge.unbudgeted != Money::default() {
        bars.push(level("Forecast of what has a budget", covered));
        bars.push(step("Forecast without a budget", all - covered));
    }
    bars.push(level("Forecast", all));
    bars
}

fn tick(value: f64) -> String {
    if value == 0.0 { "0".to_owned() } else { format::count(value) }
}

fn finding(bridge: &BridgeView, steps: &[Printed], format: MoneyFormat) -> String {
    let whole = format.whole(bridge.covered) - format.whole(bridge.budget);
    let what =
        if bridge.unbudgeted == Money::default() { "The forecast" } else { "What has a budget" };
    let (change, side) = if whole < 0 {
        (bridge.budget - bridge.covered, "under")
    } else {
        (bridge.covered - bridge.budget, "over")
    };
    let exact = bridge.steps.iter().zip(steps);
    let same_way = exact.filter(|(_, printed)| printed.change().signum() == whole.signum());
    let largest = same_way.max_by_key(|(_, printed)| printed.change().abs());
    match largest {
        _ if whole == 0 => format!("{what} comes to its budget"),
        Some((step, printed)) if steps.len() > 1 => format!(
            "{what} comes out {} {side} its budget; most by {}, {}",
            format.sentence(change),
            printed.name,
            format.sentence(Money::new(step.change().decimal().abs())),
        ),
        _ => format!("{what} comes out {} {side} its budget", format.sentence(change)),
    }
}

fn data(bridge: &BridgeView, steps: &[Printed], format: MoneyFormat) -> Table {
    let caption = format!("{}; change = forecast less budget, + adds cost", format.words());
    let mut table = Table::new("bridge-data", "From budget to forecast", caption)
        .columns(Align::Text, &["Step"])
        .columns(Align::Number, &["Budget", "Forecast", "Change"]);
    for printed in steps {
        let name = cell(printed.name.clone());
        let change = change(printed.change());
        table.push(
            RowKind::Body,
            vec![name, amount(printed.budget), amount(printed.forecast), change],
        );
    }
    let (budget, covered) = (format.whole(bridge.budget), format.whole(bridge.covered));
    let forecast = format.whole(bridge.forecast);
    if bridge.unbudgeted == Money::default() {
        let row = vec![cell("Total"), amount(budget), amount(covered), change(covered - budget)];
        table.push(RowKind::Total, row);
    } else {
        let row = vec![
            cell("What has a budget"),
            amount(budget),
            amount(covered),
            change(covered - budget),
        ];
        table.push(RowKind::Apart, row);
        let rest = forecast - covered;
        let row = vec![cell("Without a budget"), cell(""), amount(rest), change(rest)];
        table.push(RowKind::Apart, row);
        let row = vec![cell("Total"), amount(budget), amount(forecast), change(forecast - budget)];
        table.push(RowKind::Total, row);
    }
    if bridge.steps.iter().any(|step| step.of == StepOf::Rest) {
        table.notes.push(
            "Everything else: what teams without a budget of their own cost and nobody bears, against what of the budget no team holds."
                .to_owned(),
        );
    }
    table
}

/// A change in whole units: more cost is bad news.
fn change(whole: i64) -> Cell {
    let tone = match whole.signum() {
        1 => Some(Tone::Bad),
        -1 => Some(Tone::Good),
        _ => None,
    };
    Cell { tone, ..cell(format::signed(whole)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture::{Words, report};

    #[test]
    fn what_is_drawn_foots_as_it_is_printed() {
        for months in [1, 12, 36] {
            let view = report(&Words { months, ..Words::default() });
            let Some(bridge) = &view.bridge else { continue };
            let format = MoneyFormat::of(&view);
            let mut level = 0.0;
            for bar in bars(bridge, &printed(bridge, format), format) {
                match bar.kind {
                    Kind::Level if level > 0.0 => assert!((bar.value - level).abs() < 1e-9),
                    _ => {}
                }
                level = if bar.kind == Kind::Level { bar.value } else { level + bar.value };
            }
            assert!((level - format.whole(view.cost.total.mean) as f64).abs() < 1e-9);
        }
    }

    #[test]
    fn many_steps_are_drawn_together_and_all_are_in_the_table() {
        let mut view = report(&Words::default());
        let bridge = view.bridge.as_mut().unwrap();
        let thousand = Money::new(crate::money::Decimal::from(1_000));
        bridge.steps = (0..30)
            .map(|number| BridgeStep {
                of: StepOf::Budget(format!("budget-{number}")),
                budget: thousand,
                forecast: thousand + thousand,
            })
            .collect();
        bridge.budget = bridge.steps.iter().map(|step| step.budget).sum();
        bridge.covered = bridge.budget + bridge.budget;
        bridge.unbudgeted = Money::default();
        bridge.forecast = bridge.covered;
        let figure = figure(&view, MoneyFormat::of(&view)).unwrap();
        assert!(figure.chart.wide.contains(">22 others<"), "{}", figure.chart.wide);
        assert_eq!(figure.data.rows.len(), 31);
    }
}
