//! Who bears what along any label, as one table.

use super::{Align, RowKind, Table, amount, cell, plain};
use crate::report::allocation_view::AllocationView;
use crate::report::foot;
use crate::report::format::{self, MoneyFormat};
use crate::report::view::Money;

/// One row a group; idle cost and what nobody bears stand apart.
pub(in crate::report) fn table(view: &AllocationView, format: MoneyFormat) -> Table {
    let by = view.by.join(", ");
    let months = format::months(view.first, view.last);
    let filter = view.filter.as_ref().map_or(String::new(), |f| format!(", {}", format::plain(f)));
    let title = format!("Cost by {by}, {months}{filter}");
    let caption = format!("{}, amortised means; {}", format.words(), view.method);
    let heads: Vec<String> = view.by.iter().map(|by| head(by)).collect();
    let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
    let mut table = Table::new("allocation", title, caption)
        .columns(Align::Text, &heads)
        .columns(Align::Number, &["Direct", "Idle", "Shared", "Total", "Share", "Efficiency"]);
    let amounts: Vec<Vec<Money>> =
        view.rows.iter().map(|row| vec![row.direct, row.idle, row.shared]).collect();
    let mut footed = foot::foot_table(format, &amounts);
    // A plan that costs nothing has no row.
    footed.column_totals.resize(3, 0);
    let share = |part: i64| cell(format::percent(part as f64 / footed.total.max(1) as f64));
    for (index, row) in view.rows.iter().enumerate() {
        let mut cells: Vec<_> = (0..view.by.len())
            .map(|place| match (row.kind, row.group.get(place)) {
                ("group", Some(Some(name))) => plain(name),
                ("group", _) => cell("unallocated"),
                ("idle", Some(Some(pool))) => cell(format!("Idle in {}", format::plain(pool))),
                ("idle", _) if place == 0 => cell("Idle, borne by nobody"),
                (_, _) if place == 0 => cell("Shared, borne by nobody"),
                _ => cell(""),
            })
            .collect();
        cells.extend(footed.cells[index].iter().copied().map(amount));
        cells.extend([amount(footed.row_totals[index]), share(footed.row_totals[index])]);
        cells.push(cell(row.efficiency.map_or(format::NONE.to_owned(), format::percent)));
        let kind = if row.kind == "group" { RowKind::Body } else { RowKind::Apart };
        table.push(kind, cells);
    }
    let mut cells = vec![cell(""); view.by.len()];
    cells[0] = cell("Total");
    cells.extend(footed.column_totals.iter().copied().map(amount));
    cells.extend([amount(footed.total), cell("100.0%"), cell("")]);
    table.push(RowKind::Total, cells);
    table
}

/// `cost-center` → `Cost center`.
fn head(label: &str) -> String {
    let words = label.replace('-', " ");
    let mut letters = words.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}
