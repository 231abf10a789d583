//! One sheet, written cell by cell; formats; and what text, dates and figures become in a spreadsheet.

use rust_xlsxwriter::{
    Color, ExcelDateTime, Format, FormatAlign, FormatBorder, Formula, Table, Worksheet,
    column_number_to_name,
};

use super::super::format as words;
use super::super::prose::or_bug;
use super::super::view::{BudgetView, Money};
use crate::calendar::Date;
use crate::money::to_f64;

/// How many characters a cell holds at most; the format allows 32,767.
const TEXT_MAX: usize = 32_000;

/// How cells look.
pub(super) struct Formats {
    title: Format,
    caption: Format,
    head: Format,
    head_number: Format,
    under: Format,
    plain: Format,
    wrapped: Format,
    total_text: Format,
    link: Format,
}

/// What a figure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Whole units of the currency.
    Amount,
    /// To the cent.
    Cents,
    /// A price: as many places as it has, up to twelve.
    Price,
    /// How many of something.
    Quantity,
    /// A share of 1.
    Share,
}

/// Where a figure comes from, and what row it stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// A figure of the plan.
    Stated,
    /// A formula.
    Made,
    /// A formula of a total.
    Total,
}

const ZERO_IS_A_DASH: &str = "#,##0_);(#,##0);\"–\"_)";

impl Kind {
    fn number_format(self) -> &'static str {
        match self {
            Self::Amount => ZERO_IS_A_DASH,
            Self::Cents => "#,##0.00_);(#,##0.00);\"–\"_)",
            Self::Price => "#,##0.00##########_);(#,##0.00##########);\"–\"_)",
            Self::Quantity => "#,##0.##_);(#,##0.##);\"–\"_)",
            Self::Share => "0.0%_);(0.0%);\"–\"_)",
        }
    }

    fn format(self, look: Look) -> Format {
        let format = Format::new().set_num_format(self.number_format());
        match look {
            Look::Stated => format.set_font_color(Color::RGB(0x00_00C0)),
            Look::Made => format,
            Look::Total => total(format),
        }
    }
}

fn total(format: Format) -> Format {
    format.set_bold().set_border_top(FormatBorder::Thin).set_border_bottom(FormatBorder::Double)
}

impl Formats {
    pub(super) fn new() -> Self {
        let mute = Color::RGB(0x55_606C);
        let head = || Format::new().set_bold().set_border_bottom(FormatBorder::Thin);
        Self {
            title: Format::new().set_bold().set_font_size(14),
            caption: Format::new().set_italic().set_font_color(mute),
            head: head().set_text_wrap(),
            head_number: head().set_text_wrap().set_align(FormatAlign::Right),
            under: Format::new()
                .set_font_size(8)
                .set_font_color(mute)
                .set_align(FormatAlign::Right),
            plain: Format::new().set_align(FormatAlign::Top),
            wrapped: Format::new().set_text_wrap().set_align(FormatAlign::Top),
            total_text: total(Format::new()),
            link: Format::new()
                .set_font_color(Color::RGB(0x0A_58A6))
                .set_underline(rust_xlsxwriter::FormatUnderline::Single),
        }
    }
}

/// A sheet that is being written.
pub(super) struct Sheet<'a> {
    pub(super) name: &'static str,
    worksheet: Worksheet,
    formats: &'a Formats,
}

impl<'a> Sheet<'a> {
    /// A sheet with its title and what holds for all of it in the first two rows.
    pub(super) fn new(
        name: &'static str,
        title: &str,
        caption: &str,
        formats: &'a Formats,
    ) -> Self {
        let mut sheet = Worksheet::new();
        or_bug(sheet.set_name(name));
        sheet.set_screen_gridlines(false);
        let mut made = Self { name, worksheet: sheet, formats };
        made.styled(0, 0, title, &formats.title);
        made.styled(1, 0, caption, &formats.caption);
        made
    }

    fn styled(&mut self, row: u32, column: u16, text: &str, format: &Format) {
        or_bug(self.worksheet.write_string_with_format(row, column, cell_text(text), format));
    }

    /// Text of the plan or of ours.
    pub(super) fn text(&mut self, row: u32, column: u16, text: &str) {
        self.styled(row, column, text, &self.formats.plain);
    }

    /// Text over several lines.
    pub(super) fn wrapped(&mut self, row: u32, column: u16, text: &str) {
        self.styled(row, column, text, &self.formats.wrapped);
    }

    /// Text over several columns and lines.
    pub(super) fn block(&mut self, row: u32, columns: (u16, u16), height: u32, text: &str) {
        let format = &self.formats.wrapped;
        or_bug(self.worksheet.merge_range(
            row,
            columns.0,
            row,
            columns.1,
            &cell_text(text),
            format,
        ));
        or_bug(self.worksheet.set_row_height(row, f64::from(height)));
    }

    /// A caption of a part of the sheet.
    pub(super) fn part(&mut self, row: u32, text: &str, caption: &str) {
        self.styled(row, 0, text, &self.formats.head);
        if !caption.is_empty() {
            self.styled(row, 1, caption, &self.formats.caption);
        }
    }

    /// Headings of columns, from the first: those of text, then those of figures.
    pub(super) fn heads(&mut self, row: u32, text: &[&str], figures: &[&str]) {
        let mut column = 0;
        for (heads, format) in [(text, &self.formats.head), (figures, &self.formats.head_number)] {
            for head in heads {
                self.styled(row, column, head, format);
                column += 1;
            }
        }
    }

    /// A second line of a heading.
    pub(super) fn under(&mut self, row: u32, column: u16, text: &str) {
        self.styled(row, column, text, &self.formats.under);
    }

    /// The name of a row of totals, and the row's other cells without a figure.
    pub(super) fn total_text(&mut self, row: u32, columns: std::ops::Range<u16>, text: &str) {
        for column in columns.clone() {
            let text = if column == columns.start { text } else { "" };
            self.styled(row, column, text, &self.formats.total_text);
        }
    }

    /// A figure of the plan.
    pub(super) fn figure(&mut self, row: u32, column: u16, value: f64, kind: Kind) {
        if value.is_finite() {
            let format = kind.format(Look::Stated);
            or_bug(self.worksheet.write_number_with_format(row, column, value, &format));
        } else {
            self.text(row, column, words::NONE);
        }
    }

    /// An amount of the plan.
    pub(super) fn amount(&mut self, row: u32, column: u16, amount: Money) {
        self.figure(row, column, to_f64(amount.decimal()), Kind::Amount);
    }

    /// An amount that a formula gives, with what it gives.
    pub(super) fn made(&mut self, row: u32, column: u16, formula: &str, result: Money, look: Look) {
        let result = to_f64(result.decimal());
        self.formula(row, column, formula, &result.to_string(), &Kind::Amount.format(look));
    }

    /// Another figure that a formula gives, with what it gives.
    pub(super) fn made_figure(
        &mut self,
        (row, column): (u32, u16),
        formula: &str,
        result: f64,
        (kind, look): (Kind, Look),
    ) {
        self.formula(row, column, formula, &result.to_string(), &kind.format(look));
    }

    /// Words that a formula gives, with what it gives.
    pub(super) fn made_text(&mut self, row: u32, column: u16, formula: &str, result: &str) {
        self.formula(row, column, formula, result, &Format::new());
    }

    fn formula(&mut self, row: u32, column: u16, formula: &str, result: &str, format: &Format) {
        let formula = Formula::new(formula).set_result(result);
        or_bug(self.worksheet.write_formula_with_format(row, column, formula, format));
    }

    /// A day, in a spreadsheet's own terms where it has that day.
    pub(super) fn day(&mut self, row: u32, column: u16, day: Date, number_format: &str) {
        match excel_day(day) {
            Some(date) => {
                let format =
                    Format::new().set_num_format(number_format).set_align(FormatAlign::Left);
                or_bug(self.worksheet.write_datetime_with_format(row, column, &date, &format));
            }
            None => self.text(row, column, &day.to_string()),
        }
    }

    /// A way to another sheet.
    pub(super) fn link(&mut self, row: u32, column: u16, sheet: &str) {
        let url = rust_xlsxwriter::Url::new(format!("internal:{sheet}!A1")).set_text(sheet);
        or_bug(self.worksheet.write_url_with_format(row, column, url, &self.formats.link));
    }

    /// Makes rows a table with a name.
    pub(super) fn table(&mut self, first: (u32, u16), last: (u32, u16), table: &Table) {
        or_bug(self.worksheet.add_table(first.0, first.1, last.0, last.1, table));
    }

    /// A picture of figures.
    pub(super) fn chart(&mut self, row: u32, column: u16, chart: &rust_xlsxwriter::Chart) {
        or_bug(self.worksheet.insert_chart(row, column, chart));
    }

    /// Widths of columns, from the first, in characters.
    pub(super) fn widths(&mut self, widths: &[u16]) {
        for (column, width) in (0_u16..).zip(widths) {
            or_bug(self.worksheet.set_column_width(column, *width));
        }
    }

    /// Keeps the rows above, and the columns to the left, in sight and on every printed page.
    pub(super) fn freeze(&mut self, row: u32, column: u16) {
        or_bug(self.worksheet.set_freeze_panes(row, column));
        if row > 0 {
            or_bug(self.worksheet.set_repeat_rows(row - 1, row - 1));
        }
    }

    /// Where a cell is, seen from another sheet: `Summary!B5`.
    pub(super) fn place(&self, row: u32, column: u16) -> String {
        format!("{}!{}", self.name, at(row, column))
    }

    /// The sheet, ready to print: wide, one page across, with what it is of at the foot.
    pub(super) fn finish(mut self, view: &BudgetView) -> Worksheet {
        const A4: u8 = 9;
        let plan: String = words::plain(&view.plan).chars().take(80).collect();
        let plan = plan.replace('&', "&&");
        self.worksheet
            .set_landscape()
            .set_paper_size(A4)
            .set_print_fit_to_pages(1, 0)
            .set_footer(format!("&L{plan} · as of {}&R&A, page &P of &N", view.provenance.as_of));
        self.worksheet
    }
}

/// `B5`: rows and columns count from 0.
pub(super) fn at(row: u32, column: u16) -> String {
    format!("{}{}", column_number_to_name(column), row + 1)
}

/// `B5:B9`, down one column.
pub(super) fn down(rows: std::ops::Range<u32>, column: u16) -> String {
    format!("{}:{}", at(rows.start, column), at(rows.end - 1, column))
}

/// A day as spreadsheets count them, where they have it.
pub(super) fn excel_day(day: Date) -> Option<ExcelDateTime> {
    let part = |value: i8| u8::try_from(value).ok();
    let year = u16::try_from(day.year()).ok().filter(|year| (1900..=9999).contains(year))?;
    ExcelDateTime::from_ymd(year, part(day.month())?, part(day.day())?).ok()
}

/// Text on one line, no longer than a cell holds.
fn cell_text(text: &str) -> String {
    words::plain(text).chars().take(TEXT_MAX).collect()
}
