//! Which assumptions move the total most, as a tornado and a table.

use super::{Align, Block, Figure, RowKind, Section, Table, cell, optional, plain};
use crate::report::chart::Naming;
use crate::report::chart::tornado::{self, Row};
use crate::report::format::{self, MoneyFormat};
use crate::report::view::{BudgetView, Money, UncertaintyView};

pub(super) fn section(view: &BudgetView, format: MoneyFormat) -> Option<Section> {
    let uncertainty = view.uncertainty.as_ref()?;
    let mut blocks = vec![Block::prose(words(uncertainty))];
    blocks.extend(figure(uncertainty, format).map(Block::figure));
    Some(Section { id: "uncertainty", heading: "What drives the uncertainty".to_owned(), blocks })
}

/// How it is measured, and of how many; no word of the plan is in it.
fn words(uncertainty: &UncertaintyView) -> String {
    let all = uncertainty.assumptions;
    let values =
        if all == 1 { "uncertain value or chance" } else { "uncertain values and chances" };
    let moved = match uncertainty.movers.len() {
        0 => format!(
            "None of the {all} {values} of the plan moves the total more than chance would show."
        ),
        shown => format!(
            "Of the {all} {values} of the plan the {shown} strongest are shown, as far as they move the total more than \
             chance would show."
        ),
    };
    format!(
        "{moved} Low and high are estimates from the draws there are: the median of the total over the draws in which an assumption lies in its \
         lowest fifth (around its p10), and over those in its highest fifth (around its p90), while all else varies; of a \
         chance, low is where it does not come true, high where it does. `capplan explain cost` runs the plan again with each held at its \
         p10 and at its p90, and is exact. What histories leave open is no assumption, and not among them."
    )
}

fn figure(uncertainty: &UncertaintyView, format: MoneyFormat) -> Option<Figure> {
    let strongest = uncertainty.movers.iter().max_by_key(|mover| mover.swing())?;
    let (low, high) =
        if strongest.is_chance { ("does not come true", "does") } else { ("is low", "is high") };
    let finding = format!(
        "{} moves the total most: {} where it {low}, {} where it {high}",
        format::plain(&strongest.name),
        format.sentence(strongest.low),
        format.sentence(strongest.high),
    );
    let total = uncertainty.total;
    let summary = format!(
        "The total over the draws: median {}, p10–p90 {}.",
        format.sentence(total.p50),
        format.sentence_range(total.p10, total.p90)
    );
    let title = "What moves the total";
    let description = format!("{finding}. {summary}");
    let naming = Naming { id: "uncertainty", title, description: &description };
    let of = |amount: Money| (format.position(amount), format.cell(amount));
    let mut rows: Vec<Row> = uncertainty
        .movers
        .iter()
        .map(|mover| Row {
            name: format::plain(&mover.name),
            low: of(mover.low),
            high: of(mover.high),
        })
        .collect();
    let swing = |row: &Row| (row.high.0 - row.low.0).abs();
    rows.sort_by(|a, b| swing(b).total_cmp(&swing(a)));
    let tick = |value: f64| if value == 0.0 { "0".to_owned() } else { format::count(value) };
    let middle = format!("median {}", format.cell(total.p50));
    Some(Figure {
        caption: format!(
            "{}; estimated from the draws: median of the total where each assumption lies in its lowest and in its highest fifth; the axis does not start at zero",
            format.words()
        ),
        chart: tornado::draw(
            &rows,
            (format.position(total.p50), &middle),
            &format.words(),
            &tick,
            naming,
        ),
        data: data(uncertainty, format),
        finding,
        summary,
    })
}

fn data(uncertainty: &UncertaintyView, format: MoneyFormat) -> Table {
    let caption = format!(
        "{}; median of the total in the draws of each fifth; rank correlation from −1 to 1",
        format.words()
    );
    let mut table = Table::new("uncertainty-data", "What moves the total", caption)
        .columns(Align::Text, &["Assumption"])
        .columns(Align::Number, &["Lowest fifth", "Highest fifth", "Swing", "Correlation"])
        .columns(Align::Text, &["As written", "Line of the plan"]);
    for mover in &uncertainty.movers {
        let (low, high) = (format.whole(mover.low), format.whole(mover.high));
        table.push(
            RowKind::Body,
            vec![
                plain(&mover.name),
                super::amount(low),
                super::amount(high),
                super::amount((high - low).abs()),
                cell(format!("{:+.2}", mover.correlation).replace('-', "−")),
                optional(mover.value.as_deref()),
                plain(&mover.place),
            ],
        );
    }
    table
}
