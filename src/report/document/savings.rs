//! What is saved against running everything on demand, and by what.

use super::{Align, Block, RowKind, Section, Table, amount, cell, plain};
use crate::report::foot;
use crate::report::format::{self, MoneyFormat, NONE};
use crate::report::view::savings::{EffectiveSavingsView, SavedView};
use crate::report::view::{BudgetView, Money};

pub(super) fn section(view: &BudgetView, format: MoneyFormat) -> Option<Section> {
    let savings = view.effective_savings.as_ref()?;
    let blocks =
        vec![Block::prose(sentence(view, savings, format)), Block::table(table(view, format))];
    Some(Section {
        id: "effective-savings",
        heading: "Savings against on-demand".to_owned(),
        blocks,
    })
}

fn sentence(view: &BudgetView, savings: &EffectiveSavingsView, format: MoneyFormat) -> String {
    let (cost, total) = (&view.cost, &savings.total);
    let had = total.at_peak - total.not_had;
    let saved = had - total.costs;
    let amount = |money: Money| format.sentence(Money::new(money.decimal().abs()));
    let against = match total.rate {
        Some(rate) if saved > Money::default() => {
            let rate = format::percent(rate);
            format!("{} less, an effective savings rate of {rate}", amount(saved))
        }
        _ if saved < Money::default() => format!("{} more", amount(saved)),
        _ => "as much".to_owned(),
    };
    let unused = (savings.unused_spend > Money::default()).then(|| {
        format!(
            " Of what is committed, {} is spend that nothing runs for, in no pool.",
            format.sentence(savings.unused_spend)
        )
    });
    format!(
        "All that the plan pays for costs {} amortised and {} when it is paid; as much at list prices, nodes on demand, \
         would be {}. Nodes of providers cost {}. At every month's peak and all on demand, what is \
         had of them would cost {}: that is {against}.{}",
        format.sentence(cost.total.mean),
        format.sentence(cost.cash.mean),
        format.sentence(cost.list),
        format.sentence(total.costs),
        format.sentence(had),
        unused.unwrap_or_default()
    )
}

/// Every pool that has a price on demand.
fn table(view: &BudgetView, format: MoneyFormat) -> Table {
    let caption = format!(
        "{}; over the horizon, mean over the draws. At the peak: every month's busiest hour all month, on the dearest \
         type that fits, on demand at what is paid for it, past any limit; then less what each saves in turn: \
         nodes that follow the need, the type that is used, spot, commitments with orders; not had: what cannot be had, at its price \
         on demand; saved: of what is had",
        format.words()
    );
    let mut table = Table::new("effective-savings", "Savings against on-demand", caption)
        .columns(Align::Text, &["Pool"])
        .columns(
            Align::Number,
            &[
                "At the peak",
                "Autoscaling",
                "Right-sizing",
                "Spot",
                "Commitments",
                "Not had",
                "Costs",
                "Saved",
            ],
        );
    let Some(savings) = &view.effective_savings else { return table };
    let unused = savings.unused_spend;
    let has_unused = unused > Money::default();
    // The parts of a row come to its cost at the peak, as printed.
    let parts = |one: &SavedView| {
        vec![one.autoscaling, one.right_sizing, one.spot, one.commitments, one.not_had, one.costs]
    };
    let mut rows: Vec<Vec<Money>> = savings.pools.iter().map(|one| parts(&one.saved)).collect();
    rows.extend(has_unused.then(|| parts(&savings.of_unused())));
    let footed = foot::foot_table(format, &rows);
    let figures = |at: usize| {
        std::iter::once(&footed.row_totals[at]).chain(&footed.cells[at]).map(|cell| amount(*cell))
    };
    let percent = |rate: Option<f64>| cell(rate.map_or_else(|| NONE.to_owned(), format::percent));
    for (at, pool) in savings.pools.iter().enumerate() {
        let mut row = vec![plain(&pool.pool)];
        row.extend(figures(at));
        row.push(percent(pool.saved.rate));
        table.push(RowKind::Body, row);
    }
    if has_unused {
        let mut row = vec![cell("spend that nothing runs for")];
        row.extend(figures(savings.pools.len()));
        row.push(cell(""));
        table.push(RowKind::Body, row);
    }
    if savings.pools.len() > 1 || has_unused {
        let mut row = vec![cell("Total")];
        let totals = std::iter::once(&footed.total).chain(&footed.column_totals);
        row.extend(totals.map(|total| amount(*total)));
        row.push(percent(savings.total.rate));
        table.push(RowKind::Total, row);
    }
    table
}
