//! Figures as people write them: `96 GiB`, `8 GPUs`, two of them under each other.

/// A number without needless digits: at most three significant places after the point.
pub(super) fn number(value: f64) -> String {
    let text = if value.abs() >= 100.0 || (value - value.round()).abs() < 1e-9 {
        format!("{value:.0}")
    } else {
        format!("{value:.3}")
    };
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// A share: `85%`.
pub(super) fn percent(share: f64) -> String {
    format!("{}%", number(share * 100.0))
}

/// Bytes, in the largest unit that keeps them whole, else in GiB.
pub(super) fn bytes(value: f64) -> String {
    const UNITS: [(&str, f64); 6] = [
        ("TiB", 1_099_511_627_776.0),
        ("TB", 1e12),
        ("GiB", 1_073_741_824.0),
        ("GB", 1e9),
        ("MiB", 1_048_576.0),
        ("MB", 1e6),
    ];
    let whole = |one: f64| value >= one && (value / one - (value / one).round()).abs() < 1e-9;
    let (unit, one) = UNITS.into_iter().find(|(_, one)| whole(*one)).unwrap_or(if value < 1e9 {
        UNITS[4]
    } else {
        UNITS[2]
    });
    format!("{} {unit}", number(value / one))
}

/// A count with its noun: `1 node`, `3 nodes`.
pub(super) fn count(value: f64, noun: &str) -> String {
    let plural = if (value - 1.0).abs() < 1e-9 { "" } else { "s" };
    format!("{} {noun}{plural}", number(value))
}

/// Hours as people say them: `10 hours`, `30 days`.
pub(super) fn hours(value: f64) -> String {
    if value >= 48.0 { count(value / 24.0, "day") } else { count(value, "hour") }
}

/// Rows of a name and a figure, with the figures under each other, one row a line.
pub(super) fn aligned(rows: &[(String, String)]) -> String {
    let width = |texts: &mut dyn Iterator<Item = &String>| {
        texts.map(|text| text.chars().count()).max().unwrap_or(0)
    };
    let name = width(&mut rows.iter().map(|(name, _)| name));
    // Figures end where their numbers end, so that units stand in a column of their own.
    let split = |figure: &str| {
        let (number, unit) = figure.split_once(' ').unwrap_or((figure, ""));
        (number.to_owned(), unit.to_owned())
    };
    let figures: Vec<_> = rows.iter().map(|(_, figure)| split(figure)).collect();
    let number = width(&mut figures.iter().map(|(number, _)| number));
    rows.iter()
        .zip(&figures)
        .map(|((text, _), (value, unit))| {
            format!("  {text:name$}  {value:>number$} {unit}").trim_end().to_owned()
        })
        .collect::<Vec<_>>()
        .join("\n")
}

/// Names in backticks: `` `a`, `b` and `c` ``.
pub(super) fn names<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let quoted: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        None => "none".into(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_read_as_people_write_them() {
        assert_eq!(bytes(80e9), "80 GB");
        assert_eq!(bytes(2_199_023_255_552.0), "2 TiB");
        assert_eq!(bytes(1.5 * 1_073_741_824.0), "1536 MiB");
        assert_eq!(
            (number(0.25), number(640.0), number(33.333_333)),
            ("0.25".into(), "640".into(), "33.333".into())
        );
        assert_eq!(percent(0.9), "90%");
        assert_eq!(names(["a", "b", "c"]), "`a`, `b` and `c`");
    }

    #[test]
    fn figures_stand_under_each_other() {
        let rows = [("a replica".into(), "16 GPUs".into()), ("a node".into(), "8 GPUs".into())];
        assert_eq!(aligned(&rows), "  a replica  16 GPUs\n  a node      8 GPUs");
    }
}
