//! Which days the months of a retail plan have.

use super::{Align, RowKind, Table, cell};
use crate::report::format;
use crate::report::view::{BudgetView, CalendarView};

/// One row a month of the horizon; a note on every fiscal year. Nothing for calendar months.
pub(super) fn table(view: &BudgetView) -> Option<Table> {
    let calendar = view.calendar.as_ref()?;
    let mut table = Table::new("fiscal-months", "Fiscal months", rule(view, calendar))
        .columns(Align::Text, &["Month", "First day", "Last day"])
        .columns(Align::Number, &["Weeks", "Hours"]);
    for month in &calendar.months {
        table.push(
            RowKind::Body,
            vec![
                cell(format::month(month.month)),
                cell(format::day(month.first_day)),
                cell(format::day(month.last_day)),
                cell(month.weeks.to_string()),
                cell((month.weeks * 168).to_string()),
            ],
        );
    }
    for year in &calendar.years {
        let (first, last) = (year.first_day.0, year.last_day.0);
        let longer = if year.weeks == 53 { "; the last month has the 53rd" } else { "" };
        table.notes.push(format!(
            "{}: {}, {} weeks{longer}.",
            format::fiscal_year(year.fiscal_year),
            format::days(first, last),
            year.weeks
        ));
    }
    Some(table)
}

/// `Retail calendar 4-5-4: weeks from Sunday, years end on the Saturday nearest the end of January`.
fn rule(view: &BudgetView, calendar: &CalendarView) -> String {
    let before = super::opening::month_name((view.fiscal_year_starts + 10).rem_euclid(12) + 1);
    let ends = match calendar.year_ends {
        "last" => format!("on the last {} of {before}", calendar.year_ends_on),
        _ => format!("on the {} nearest the end of {before}", calendar.year_ends_on),
    };
    format!(
        "Retail calendar {}: weeks from {}, years end {ends}",
        calendar.pattern, calendar.weeks_begin
    )
}

/// The same for the line above all figures, with a year of 53 weeks said.
pub(in crate::report) fn sentence(view: &BudgetView) -> Option<String> {
    let calendar = view.calendar.as_ref()?;
    let long = calendar.years.iter().filter(|year| year.weeks == 53);
    let long: Vec<String> = long.map(|year| format::fiscal_year(year.fiscal_year)).collect();
    let long = match &long[..] {
        [] => String::new(),
        years => format!("; {} has 53 weeks", years.join(" and ")),
    };
    Some(format!("{}{long}.", rule(view, calendar)))
}
