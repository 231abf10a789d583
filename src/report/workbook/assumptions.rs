//! What the figures rest on: assumptions, exchange rates and prices.

use super::Books;
use super::sheet::{Kind, Sheet};
use crate::money::to_f64;
use crate::report::format;
use crate::report::view::Day;

const HEAD: u32 = 3;
const ISO: &str = "yyyy-mm-dd";

pub(super) fn sheet<'a>(books: &Books<'a>) -> Sheet<'a> {
    let view = books.view;
    let caption = "Numbered as in the budget report; a value “a to b” runs from p5 to p95";
    let mut sheet = Sheet::new("Assumptions", "Assumptions and prices", caption, books.formats);
    sheet.heads(
        HEAD,
        &["No.", "Assumption", "Value", "Source", "As of", "Review by", "Review", "Where", "Note"],
        &[],
    );
    let mut row = HEAD;
    for one in &view.assumptions {
        row += 1;
        let title = one.title.as_deref().unwrap_or_default();
        let name =
            if title.is_empty() { one.name.clone() } else { format!("{title} ({})", one.name) };
        sheet.text(row, 0, &one.number.to_string());
        sheet.wrapped(row, 1, &name);
        sheet.wrapped(row, 2, &one.value);
        sheet.wrapped(row, 3, one.source.as_deref().unwrap_or_default());
        days(&mut sheet, row, [(4, one.as_of), (5, one.review_by)]);
        sheet.text(row, 6, if one.overdue { "overdue" } else { "" });
        sheet.text(row, 7, &one.place);
        sheet.wrapped(row, 8, one.note.as_deref().unwrap_or_default());
    }
    row += 2;
    let price = format!("{} for a node and hour", format::symbol(view.currency));
    sheet.heads(
        row,
        &["", "Instance type", "Purchase", "Source", "As of", "Region", "Term, months"],
        &[&price],
    );
    for one in &view.prices {
        row += 1;
        sheet.text(row, 1, &one.instance);
        sheet.text(row, 2, one.purchase);
        sheet.wrapped(row, 3, one.source.as_deref().unwrap_or_default());
        days(&mut sheet, row, [(4, one.as_of), (4, None)]);
        sheet.text(row, 5, one.region.as_deref().unwrap_or_default());
        if let Some(months) = one.term_months {
            sheet.figure(row, 6, f64::from(months), Kind::Quantity);
        }
        sheet.figure(row, 7, to_f64(one.per_hour.decimal()), Kind::Price);
        sheet.text(row, 8, if one.uncertain { "median of an uncertain price" } else { "" });
    }
    sheet.widths(&[6, 34, 26, 34, 12, 12, 12, 22, 34]);
    sheet.freeze(HEAD + 1, 0);
    sheet
}

fn days(sheet: &mut Sheet<'_>, row: u32, days: [(u16, Option<Day>); 2]) {
    for (column, day) in days {
        if let Some(day) = day {
            sheet.day(row, column, day.0, ISO);
        }
    }
}
