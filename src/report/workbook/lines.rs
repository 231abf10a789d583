//! The ledger as a table that the other sheets sum over.

use std::collections::BTreeMap;

use rust_xlsxwriter::{Table, TableColumn, TableStyle};

use super::sheet::{Kind, Sheet};
use super::{Books, BudgetView};
use crate::calendar::Month;
use crate::cost::ledger::{Category, Ledger};
use crate::ids::{Arena, Id, Named};
use crate::money::{Decimal, to_f64};
use crate::plan::{CheckedPlan, Team};
use crate::report::chart::stacked;
use crate::report::format;
use crate::report::view::Money;

/// With more rows than this a workbook is slow to open and to calculate; then rows are summed by month, team
/// and category, which every formula still finds.
const ROWS_MAX: usize = 100_000;

/// The row of the table's headings.
const HEAD: u32 = 3;

const HEADS: [&str; 14] = [
    "Month",
    "Period",
    "Team",
    "Workload",
    "Pool",
    "Provider",
    "Category",
    "Purchase",
    "Quantity",
    "Unit",
    "Amortised",
    "Cash",
    "Capex",
    "Plan line",
];

/// The rows of the table.
pub(super) struct Lines {
    rows: Vec<Line>,
    /// The name of every team, as the workbook writes it: each once.
    pub(super) teams: Vec<String>,
    summed: bool,
}

struct Line {
    month: Month,
    period: String,
    team: Option<Id<Team>>,
    workload: String,
    pool: String,
    provider: String,
    category: Category,
    purchase: &'static str,
    quantity: Option<(Decimal, &'static str)>,
    amortised: Decimal,
    cash: Decimal,
    capex: Decimal,
    place: String,
}

impl Lines {
    /// The ledger's rows, with names for ids and the report's periods.
    pub(super) fn of(plan: &CheckedPlan, ledger: &Ledger, view: &BudgetView) -> Self {
        let base = &plan.base;
        let periods: Vec<String> = periods_by_month(view);
        let summed = ledger.rows.len() > ROWS_MAX;
        let rows = if summed {
            sums(plan, ledger, &periods)
        } else {
            ledger
                .rows
                .iter()
                .map(|row| Line {
                    month: base.horizon.month(row.t),
                    period: periods.get(row.t).cloned().unwrap_or_default(),
                    team: row.team,
                    workload: name(&base.workloads, row.workload),
                    pool: name(&base.pools, row.pool),
                    provider: name(&base.providers, row.provider),
                    category: row.category,
                    purchase: row.purchase.map_or("", |purchase| purchase.word()),
                    quantity: Some((row.quantity, row.unit)),
                    amortised: row.amortised,
                    cash: row.cash,
                    capex: row.capex,
                    place: plan.sources.place(row.origin),
                })
                .collect()
        };
        let teams = base.teams.items().iter().map(|team| format::plain(&team.name));
        Self { rows, teams: distinct(teams), summed }
    }

    /// What the amortised amounts of some rows come to.
    pub(super) fn amortised(&self, which: impl Fn(Month, &str, Category) -> bool) -> Money {
        let rows = self.rows.iter().filter(|row| which(row.month, &row.period, row.category));
        rows.map(|row| Money::new(row.amortised)).sum()
    }

    /// What a team's own rows come to, amortised.
    pub(super) fn of_team(&self, team: usize) -> Money {
        let rows = self.rows.iter().filter(|row| row.team.is_some_and(|id| id.index() == team));
        rows.map(|row| Money::new(row.amortised)).sum()
    }

    /// What is paid, in one month or in all.
    pub(super) fn cash(&self, month: Option<Month>) -> Money {
        let rows = self.rows.iter().filter(|row| month.is_none_or(|month| row.month == month));
        rows.map(|row| Money::new(row.cash)).sum()
    }

    /// What is paid for what is owned.
    pub(super) fn capex(&self) -> Money {
        self.rows.iter().map(|row| Money::new(row.capex)).sum()
    }

    /// Writes the table.
    pub(super) fn sheet<'a>(&self, books: &Books<'a>) -> Sheet<'a> {
        let mut caption = format!(
            "{}, means over the draws; one row a month, workload, pool, category and purchase",
            format::symbol(books.view.currency)
        );
        if self.summed {
            caption.push_str(
                ". Summed by month, team and category, because there are too many rows for a workbook; \
                 ledger.csv has all of them",
            );
        }
        let mut sheet = Sheet::new("Lines", "The ledger: every cost", &caption, books.formats);
        for (row, line) in (HEAD + 1..).zip(&self.rows) {
            self.line(&mut sheet, row, line);
        }
        let columns: Vec<TableColumn> =
            HEADS.iter().map(|head| TableColumn::new().set_header(*head)).collect();
        let table = Table::new()
            .set_name("Lines")
            .set_style(TableStyle::Light1)
            .set_banded_rows(false)
            .set_columns(&columns);
        let rows = u32::try_from(self.rows.len().max(1)).unwrap_or(1);
        sheet.table((HEAD, 0), (HEAD + rows, 13), &table);
        sheet.widths(&[10, 10, 16, 20, 16, 12, 18, 11, 14, 11, 14, 14, 14, 22]);
        sheet.freeze(HEAD + 1, 0);
        sheet
    }

    fn line(&self, sheet: &mut Sheet<'_>, row: u32, line: &Line) {
        sheet.day(row, 0, line.month.named_after(), "mmm yyyy");
        let team = line.team.map_or("", |id| &self.teams[id.index()]);
        let texts = [
            (1, line.period.as_str()),
            (2, team),
            (3, &line.workload),
            (4, &line.pool),
            (5, &line.provider),
            (6, stacked::words(line.category)),
            (7, line.purchase),
            (9, line.quantity.map_or("", |(_, unit)| unit)),
            (13, &line.place),
        ];
        for (column, text) in texts.into_iter().filter(|(_, text)| !text.is_empty()) {
            sheet.text(row, column, text);
        }
        if let Some((quantity, _)) = line.quantity {
            sheet.figure(row, 8, to_f64(quantity), Kind::Quantity);
        }
        sheet.amount(row, 10, Money::new(line.amortised));
        sheet.amount(row, 11, Money::new(line.cash));
        sheet.amount(row, 12, Money::new(line.capex));
    }
}

/// Rows of a large ledger, by month, team and category.
fn sums(plan: &CheckedPlan, ledger: &Ledger, periods: &[String]) -> Vec<Line> {
    type Kind = (usize, Option<Id<Team>>, Category);
    let mut sums: BTreeMap<Kind, [Decimal; 3]> = BTreeMap::new();
    for row in &ledger.rows {
        let sum = sums.entry((row.t, row.team, row.category)).or_default();
        for (sum, amount) in sum.iter_mut().zip([row.amortised, row.cash, row.capex]) {
            *sum += amount;
        }
    }
    let line = |((t, team, category), [amortised, cash, capex]): (_, [Decimal; 3])| Line {
        month: plan.base.horizon.month(t),
        period: periods.get(t).cloned().unwrap_or_default(),
        team,
        workload: String::new(),
        pool: String::new(),
        provider: String::new(),
        category,
        purchase: "",
        quantity: None,
        amortised,
        cash,
        capex,
        place: String::new(),
    };
    sums.into_iter().map(line).collect()
}

/// The label of the period that each month lies in.
fn periods_by_month(view: &BudgetView) -> Vec<String> {
    view.periods
        .iter()
        .flat_map(|period| std::iter::repeat_n(format::period(period).0, period.months))
        .collect()
}

fn name<T: Named>(arena: &Arena<T>, id: Option<Id<T>>) -> String {
    id.map_or_else(String::new, |id| arena[id].name().to_owned())
}

/// Names of which each is once: a later one that looks the same has a number.
fn distinct(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut taken = std::collections::BTreeSet::new();
    names
        .map(|name| {
            let mut distinct = name.clone();
            let mut number = 1;
            while !taken.insert(distinct.clone()) {
                number += 1;
                distinct = format!("{name} ({number})");
            }
            distinct
        })
        .collect()
}
