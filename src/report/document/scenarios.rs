//! Scenarios side by side, the base always among them.

use super::{Align, Block, Cell, Figure, RowKind, Section, Table, Tone, cell, scenario_name};
use crate::report::chart::{Naming, ranges};
use crate::report::format::{self, MoneyFormat};
use crate::report::prose;
use crate::report::view::{BudgetView, Money, ScenarioView, Spread};

pub(super) fn section(view: &BudgetView, format: MoneyFormat) -> Option<Section> {
    if view.scenarios.len() < 2 {
        return None;
    }
    let figure = figure(view, format);
    Some(Section {
        id: "scenarios",
        heading: "Scenarios side by side".to_owned(),
        blocks: vec![
            Block::prose(prose::render("scenarios", &())),
            Block::table(table(view, format)),
            Block::figure(figure),
        ],
    })
}

fn figure(view: &BudgetView, format: MoneyFormat) -> Figure {
    let rows: Vec<ranges::Range> = view
        .scenarios
        .iter()
        .map(|scenario| ranges::Range { name: scenario_name(scenario), cost: scenario.cost.total })
        .collect();
    let budget = view.cost.comparison.as_ref();
    let budget = budget.filter(|c| c.all_cost && c.months == view.months.len()).map(|c| c.budget);
    let dearest = view.scenarios.iter().max_by_key(|scenario| scenario.cost.total.mean);
    let finding = match dearest {
        Some(scenario) if scenario.delta > Money::default() => format!(
            "“{}” costs most, {} more than the base",
            scenario_name(scenario),
            format.sentence(scenario.delta)
        ),
        _ => "no scenario costs more than the base".to_owned(),
    };
    let title = "Cost of each scenario over the horizon";
    let summary = "Ranges of cost from p10 to p90, with median and mean.".to_owned();
    let description = format!("{finding}. {summary}");
    let naming = Naming { id: "scenario-ranges", title, description: &description };
    Figure {
        finding,
        summary,
        caption: format!(
            "{}; bar p10–p90, tick the median, dot the mean; the axis does not start at zero",
            format.words()
        ),
        chart: ranges::draw(&rows, budget, format, naming),
        data: ranges_data(view, format),
    }
}

fn ranges_data(view: &BudgetView, format: MoneyFormat) -> Table {
    let mut table = Table::new("scenario-ranges-data", "Cost of each scenario", format.words())
        .columns(Align::Text, &["Scenario"])
        .columns(Align::Number, &["Mean", "p10", "p50", "p90"]);
    for scenario in &view.scenarios {
        let Spread { mean, p10, p50, p90 } = scenario.cost.total;
        let mut row = vec![cell(scenario_name(scenario))];
        row.extend([mean, p10, p50, p90].map(|amount| cell(format.cell(amount))));
        table.push(RowKind::Body, row);
    }
    table
}

pub(super) fn table(view: &BudgetView, format: MoneyFormat) -> Table {
    let gpus = view.scenarios.iter().any(|scenario| scenario.peak_gpus.is_some());
    let caption =
        format!("{} over the horizon; Δ is to the base, parentheses are cheaper", format.words());
    let mut table = Table::new("scenario-table", "Scenarios", caption)
        .columns(Align::Text, &["Scenario"])
        .columns(Align::Number, &["Probability", "Mean", "Δ to base", "Δ %", "p10", "p50", "p90"])
        .columns(Align::Number, &[if gpus { "Peak GPUs, p50" } else { "Peak nodes, p50" }])
        .columns(Align::Number, &["Chance short"])
        .columns(Align::Wrapped, &["First at risk", "Fails"]);
    let base = view.scenarios.first().map_or(0, |base| format.whole(base.cost.total.mean));
    for (index, scenario) in view.scenarios.iter().enumerate() {
        let kind = if index == 0 { RowKind::Apart } else { RowKind::Body };
        table.push(kind, row(scenario, base, gpus, format));
    }
    table
}

fn row(scenario: &ScenarioView, base: i64, gpus: bool, format: MoneyFormat) -> Vec<Cell> {
    let cost = &scenario.cost.total;
    let mean = format.whole(cost.mean);
    let delta = mean - base;
    let share = if base == 0 { 0.0 } else { delta as f64 / base as f64 };
    let first = scenario.first_short.as_ref().map_or_else(
        || format::NONE.to_owned(),
        |first| format!("{}, {}", format::month(first.month), format::plain(&first.pool)),
    );
    let failures: Vec<String> =
        scenario.failures.iter().map(|failure| format::plain(failure)).collect();
    let peak = if gpus { scenario.peak_gpus.unwrap_or(0.0) } else { scenario.peak_nodes };
    let tone = |bad: bool| bad.then_some(Tone::Bad);
    vec![
        cell(scenario_name(scenario)),
        cell(scenario.probability.map_or_else(|| format::NONE.to_owned(), format::stated_percent)),
        cell(format::accounting(mean)),
        cell(format::accounting(delta)),
        cell(format::percent(share)),
        cell(format.cell(cost.p10)),
        cell(format.cell(cost.p50)),
        cell(format.cell(cost.p90)),
        cell(format::count(peak)),
        Cell {
            tone: tone(scenario.short_chance >= 0.5),
            ..cell(format::chance(scenario.short_chance))
        },
        cell(first),
        if failures.is_empty() {
            cell("nothing")
        } else {
            Cell { tone: Some(Tone::Bad), ..cell(failures.join(", ")) }
        },
    ]
}
