//! What is saved against running everything on demand, and by what.

use super::{Align, Block, RowKind, Section, Table, amount, cell, plain};
use crate::report::foot;
use crate::report::format::{self, MoneyFormat, NONE};
use crate::report::view::savings::{EffectiveSavingsView, SavedView};
use crate::report::view::{BudgetView, Money};

pub(super) fn section(view: &BudgetView, format: MoneyFormat) -> Option<Section> {
    let savings = view.effective_savings.as_ref()?;
    let blocks = vec![Block::prose(sentence(savings, format)), Block::table(table(view, format))];
    Some(Section {
        id: "effective-savings",
        heading: "Savings against on-demand".to_owned(),
        blocks,
    })
}

fn sentence(savings: &EffectiveSavingsView, format: MoneyFormat) -> String {
    let total = &savings.total;
    let had = total.at_peak - total.not_had;
    let saved = had - total.costs;
    let rate = total.rate.map_or_else(|| NONE.to_owned(), format::percent);
    let unused = (savings.unused_spend > Money::default()).then(|| {
        format!(
            " Of what is committed, {} is spend that nothing runs for, in no pool.",
            format.sentence(savings.unused_spend)
        )
    });
    format!(
        "Nodes of providers cost {}. Kept at every month's peak and all on demand they would cost {}: {} less, an \
         effective savings rate of {rate}.{}",
        format.sentence(total.costs),
        format.sentence(had),
        format.sentence(saved),
        unused.unwrap_or_default()
    )
}

/// Every pool that has a price on demand.
fn table(view: &BudgetView, format: MoneyFormat) -> Table {
    let caption = format!(
        "{}; over the horizon, mean over the draws. At the peak: every month's busiest hour all month, on the first type \
         listed that fits, on demand at what is paid for it, past any limit; then less what each saves in turn: \
         autoscalers, the type that is used, spot, commitments with orders; not had: what limits leave short, at its price \
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
    let parts: [fn(&SavedView) -> Money; 7] = [
        |one| one.at_peak,
        |one| one.autoscaling,
        |one| one.right_sizing,
        |one| one.spot,
        |one| one.commitments,
        |one| one.not_had,
        |one| one.costs,
    ];
    let columns = parts.map(|part| {
        let mut each: Vec<Money> = savings.pools.iter().map(|one| part(&one.saved)).collect();
        if has_unused {
            each.push(part(&savings.of_unused()));
        }
        foot::foot(format, &each)
    });
    let percent = |rate: Option<f64>| cell(rate.map_or_else(|| NONE.to_owned(), format::percent));
    for (at, pool) in savings.pools.iter().enumerate() {
        let mut row = vec![plain(&pool.pool)];
        row.extend(columns.iter().map(|(each, _)| amount(each[at])));
        row.push(percent(pool.saved.rate));
        table.push(RowKind::Body, row);
    }
    if has_unused {
        let mut row = vec![cell("spend that nothing runs for")];
        row.extend(columns.iter().map(|(each, _)| amount(each[savings.pools.len()])));
        row.push(cell(""));
        table.push(RowKind::Body, row);
    }
    if savings.pools.len() > 1 || has_unused {
        let mut row = vec![cell("Total")];
        row.extend(columns.iter().map(|(_, all)| amount(*all)));
        row.push(percent(savings.total.rate));
        table.push(RowKind::Total, row);
    }
    table
}
