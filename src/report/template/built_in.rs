//! The templates that this program brings along: the one list of their names.

/// What a template is rendered into. Each output has its own escape and its own partials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Output {
    /// Pages.
    Html,
    /// Markdown.
    Markdown,
    /// Sentences, as Markdown, that every output shows.
    Prose,
    /// Style sheets of pages.
    Style,
}

impl Output {
    /// Every output.
    pub const ALL: [Self; 4] = [Self::Html, Self::Markdown, Self::Prose, Self::Style];

    /// The folder below `templates/`.
    #[must_use]
    pub fn folder(self) -> &'static str {
        match self {
            Self::Html | Self::Style => "html",
            Self::Markdown => "markdown",
            Self::Prose => "prose",
        }
    }

    /// How its files end.
    #[must_use]
    pub fn suffix(self) -> &'static str {
        match self {
            Self::Html => ".html.hbs",
            Self::Style => ".css",
            Self::Markdown | Self::Prose => ".md.hbs",
        }
    }

    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Html => "HTML",
            Self::Markdown => "Markdown",
            Self::Prose => "prose",
            Self::Style => "style",
        }
    }

    /// The output and name of a file below `templates/`: `html/parts/logo.html.hbs` is `parts/logo` of pages.
    #[must_use]
    pub fn of(path: &str) -> Option<(Self, &str)> {
        let of = |output: &Self| {
            let below = path.strip_prefix(output.folder())?.strip_prefix('/')?;
            let name = below.strip_suffix(output.suffix())?;
            (!name.is_empty()).then_some((*output, name))
        };
        Self::ALL.iter().find_map(of)
    }
}

/// A template of this program.
#[derive(Debug, Clone, Copy)]
pub struct BuiltIn {
    /// What it is rendered into.
    pub output: Output,
    /// Its name among the templates of its output.
    pub name: &'static str,
    /// What it shows.
    pub shows: &'static str,
    /// Its text.
    pub text: &'static str,
}

impl BuiltIn {
    /// Its place below `templates/`.
    #[must_use]
    pub fn path(&self) -> String {
        format!("{}/{}{}", self.output.folder(), self.name, self.output.suffix())
    }
}

macro_rules! built_in {
    ($output:ident, $name:literal, $file:literal, $shows:literal) => {
        BuiltIn {
            output: Output::$output,
            name: $name,
            shows: $shows,
            text: include_str!(concat!("../../../templates/", $file)),
        }
    };
}

/// Every built-in template, pages first.
pub const BUILT_IN: &[BuiltIn] = &[
    built_in!(
        Html,
        "report",
        "html/report.html.hbs",
        "every page of a report: head, verdict, figures, sections"
    ),
    built_in!(
        Html,
        "block",
        "html/block.html.hbs",
        "what stands under a heading: prose, a table, a figure, links"
    ),
    built_in!(Html, "figure", "html/figure.html.hbs", "a chart with its finding and its data"),
    built_in!(Html, "table", "html/table.html.hbs", "a table with its caption and notes"),
    built_in!(Html, "page", "html/page.html.hbs", "the page of a comparison: head and body"),
    built_in!(Style, "style", "html/style.css", "colours, type and layout of reports"),
    built_in!(
        Style,
        "sheet",
        "html/sheet.css",
        "what a page on one sheet of paper does differently"
    ),
    built_in!(Style, "dashboard", "html/dashboard.css", "what a page of panels does differently"),
    built_in!(Style, "page", "html/page.css", "colours, type and layout of comparisons"),
    built_in!(
        Markdown,
        "report",
        "markdown/report.md.hbs",
        "every report: title, verdict, figures, sections"
    ),
    built_in!(
        Markdown,
        "block",
        "markdown/block.md.hbs",
        "what stands under a heading: prose, a table, a figure, links"
    ),
    built_in!(
        Markdown,
        "figure",
        "markdown/figure.md.hbs",
        "a chart's finding, with its data folded"
    ),
    built_in!(Markdown, "table", "markdown/table.md.hbs", "a table with its caption and notes"),
    built_in!(
        Markdown,
        "comment",
        "markdown/comment.md.hbs",
        "a comparison as a comment of a pull request: title and body"
    ),
    built_in!(
        Markdown,
        "explanation",
        "markdown/explanation.md.hbs",
        "where a figure comes from: title and body"
    ),
    built_in!(
        Prose,
        "verdict",
        "prose/verdict.md.hbs",
        "two sentences: cost against budget, and what matters most"
    ),
    built_in!(Prose, "budget", "prose/budget.md.hbs", "what the budget section compares"),
    built_in!(Prose, "monthly", "prose/monthly.md.hbs", "how months are read"),
    built_in!(Prose, "supply", "prose/supply.md.hbs", "how need and supply are counted"),
    built_in!(
        Prose,
        "headroom",
        "prose/headroom.md.hbs",
        "what utilisation, saturation and errors are"
    ),
    built_in!(
        Prose,
        "procurement",
        "prose/procurement.md.hbs",
        "what is bought, for which need, and what it saves"
    ),
    built_in!(
        Prose,
        "chargeback",
        "prose/chargeback.md.hbs",
        "whether the chargeback ties out, and what its columns are"
    ),
    built_in!(Prose, "scenarios", "prose/scenarios.md.hbs", "how scenarios are compared"),
    built_in!(Prose, "gates", "prose/gates.md.hbs", "when a gate holds"),
    built_in!(
        Prose,
        "workloads",
        "prose/workloads.md.hbs",
        "how headroom and bottlenecks are read"
    ),
    built_in!(Prose, "runs", "prose/runs.md.hbs", "why a run takes longer than its work"),
    built_in!(Prose, "trace", "prose/trace.md.hbs", "how totals are taken apart"),
    built_in!(Prose, "assumptions", "prose/assumptions.md.hbs", "how ranges and sums are read"),
    built_in!(Prose, "statement", "prose/statement.md.hbs", "a team's cost against its budget"),
    built_in!(
        Prose,
        "statement-method",
        "prose/statement-method.md.hbs",
        "how a team's cost is made up"
    ),
];

/// The built-in template of a name of an output.
#[must_use]
pub fn find(output: Output, name: &str) -> Option<&'static BuiltIn> {
    BUILT_IN.iter().find(|one| one.output == output && one.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_name_of_an_output() {
        assert_eq!(Output::of("html/report.html.hbs"), Some((Output::Html, "report")));
        assert_eq!(Output::of("html/parts/logo.html.hbs"), Some((Output::Html, "parts/logo")));
        assert_eq!(Output::of("html/style.css"), Some((Output::Style, "style")));
        assert_eq!(Output::of("prose/verdict.md"), None);
        for one in BUILT_IN {
            assert_eq!(Output::of(&one.path()), Some((one.output, one.name)));
        }
    }
}
