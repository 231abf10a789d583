use proptest::prelude::*;

use super::*;
use crate::calendar::{Date, Month};
use crate::diff::gates::{BudgetState, PolicyState};
use crate::diff::orders::{OrderState, Serves, Size};
use crate::diff::{
    Amounts, Because, BudgetDiff, Diff, MonthDiff, Moved, Name, OrderDiff, PolicyDiff, TeamDiff,
};
use crate::language::between::Cause;
use crate::money::{Currency, Decimal};
use crate::report::template::{self, Broken};
use crate::source::{SourceFile, Sources};

const FORGES: [Flavour; 5] =
    [Flavour::Github, Flavour::Gitlab, Flavour::Azure, Flavour::Bitbucket, Flavour::Plain];

fn cents(amount: i64) -> Decimal {
    Decimal::new(amount, 2)
}

fn amounts(before: i64, after: i64) -> Amounts {
    Amounts { before: cents(before), after: cents(after) }
}

fn name(text: &str) -> Name {
    Name { now: text.to_owned(), was: Some(text.to_owned()) }
}

/// A comparison of `teams` teams with a change each, in which every text of a plan is `text`.
fn sketch(text: &str, teams: usize) -> DiffView {
    let still = |value: f64| Moved { before: value, after: value + 1.0, within_noise: false };
    let by_team: Vec<TeamDiff> = (0..teams)
        .map(|index| {
            let change = 100 + i64::try_from(index).unwrap() * 333;
            TeamDiff {
                name: Some(name(&format!("{text}{index}"))),
                cost: amounts(1_000_000, 1_000_000 + change),
                why: vec![
                    (vec![Cause::Growth], cents(change - 50)),
                    (vec![Cause::Prices], cents(50)),
                ],
            }
        })
        .collect();
    let total = by_team.iter().fold(amounts(0, 0), |sum, team| Amounts {
        before: sum.before + team.cost.before,
        after: sum.after + team.cost.after,
    });
    let prices = cents(50 * i64::try_from(teams).unwrap());
    let line = |at: usize| PlanText { place: format!("{text}.kdl:{at}"), text: text.to_owned() };
    let month = Month::new(2027, 2);
    DiffView {
        path: text.to_owned(),
        sides: (text.to_owned(), text.to_owned()),
        diff: Diff {
            plan: text.to_owned(),
            currency: Currency::new("USD").unwrap(),
            is_new: false,
            months: vec![MonthDiff { month, mean: total, p50: still(1.0), p90: still(2.0) }],
            quarters: vec![],
            total,
            quantiles: [still(1.0), still(2.0), still(3.0)],
            teams: by_team,
            capex: amounts(0, 0),
            pools: vec![],
            orders: vec![OrderDiff {
                serves: Serves::Pool(name(text)),
                product: text.to_owned(),
                before: None,
                after: Some(OrderState {
                    size: Size::Nodes(4),
                    decide_by: Date::constant(2027, 1, 4),
                    order_by: Date::constant(2027, 1, 18),
                    need_by: Date::constant(2027, 2, 1),
                    late: true,
                    upfront: cents(1_200_000),
                }),
            }],
            budgets: vec![BudgetDiff {
                name: name(text),
                period: text.to_owned(),
                confidence: 0.8,
                before: None,
                after: Some(BudgetState {
                    holds: false,
                    amount: cents(100),
                    at_confidence: cents(200),
                    first_breach: Some(month),
                }),
                place: None,
            }],
            policies: vec![PolicyDiff {
                name: name(text),
                gates: true,
                requires: text.to_owned(),
                because: Some(text.to_owned()),
                before: None,
                after: Some(PolicyState {
                    fails: true,
                    worst: Some(text.to_owned()),
                    at_confidence: Some(1.0),
                    unit: "nodes",
                    first_failure: Some(month),
                    contributor: Some(text.to_owned()),
                }),
                place: None,
            }],
            why: vec![
                Because { causes: vec![Cause::Growth], amount: total.change() - prices },
                Because { causes: vec![Cause::Prices], amount: prices },
            ],
        },
        changes: (0..teams)
            .map(|at| ChangeView {
                cause: Cause::Growth,
                thing: format!("workload `{text}`"),
                also: 0,
                setting: "demand growth".to_owned(),
                before: Some(line(at)),
                after: Some(line(at + 1)),
            })
            .collect(),
        pinned: vec![],
        renames: vec![RenameView {
            kind: "team".to_owned(),
            before: text.to_owned(),
            after: text.to_owned(),
            place: text.to_owned(),
        }],
        lines: Vec::new(),
        measured_anew: vec![],
        frame: Frame {
            scenarios: None,
            as_of: "2026-11-23".to_owned(),
            seed: 7,
            draws: 1000,
            version: "0".to_owned(),
            command: format!("capplan diff {text}"),
        },
    }
}

/// Cells of a Markdown row, as a forge tells them apart.
fn cells(row: &str) -> usize {
    let mut count = 0;
    let mut escaped = false;
    for c in row.chars() {
        count += usize::from(c == '|' && !escaped);
        escaped = c == '\\' && !escaped;
    }
    count
}

/// Whether a comment shows text of a plan as text: no mention, no HTML of its own, no torn table.
fn shows_text_as_text(text: &str, flavour: Flavour) -> Result<(), String> {
    let comment = comment(&sketch(text, 3), flavour, &Templates::built_in()).unwrap();
    is_text(&comment)
}

fn is_text(comment: &str) -> Result<(), String> {
    let mentions =
        comment.match_indices('@').any(|(at, _)| !comment[at + 1..].starts_with('\u{200b}'));
    if mentions {
        return Err(format!("a mention in {comment}"));
    }
    let mut fence: Option<&str> = None;
    let mut columns = None;
    let mut open = 0;
    for line in comment.lines() {
        let ticks = line.len() - line.trim_start_matches('`').len();
        match fence {
            Some(open) if line == open => fence = None,
            Some(_) => continue,
            None if ticks >= 3 => fence = Some(&line[..ticks]),
            None => {}
        }
        if fence.is_some() {
            continue;
        }
        // Only outside of code are these tags.
        open += i32::from(line.starts_with("<details>")) - i32::from(line == "</details>");
        let tags = [
            "<details>",
            "</details>",
            "<summary>",
            "</summary>",
            "<sub>",
            "</sub>",
            "<b>",
            "</b>",
        ];
        let own = tags.iter().fold(line.to_owned(), |line, tag| line.replace(tag, ""));
        let own = if own.starts_with("<!-- capplan:") { "" } else { &own };
        // In a code span nothing is HTML.
        let outside: String =
            if own.starts_with("reproduce: ") { String::new() } else { own.to_owned() };
        if outside.contains('<') {
            return Err(format!("HTML of a plan in {line}"));
        }
        if line.starts_with("| ") {
            let own = cells(line);
            if *columns.get_or_insert(own) != own {
                return Err(format!("a torn table at {line}"));
            }
        } else {
            columns = None;
        }
    }
    if fence.is_some() {
        return Err("a code block that does not end".to_owned());
    }
    (open == 0).then_some(()).ok_or_else(|| "a folded part that does not end".to_owned())
}

#[test]
fn strings_that_would_break_out_show_as_text() {
    for text in [
        "@everyone",
        "<script>alert(1)</script>",
        "</details>",
        "--> <img src=x onerror=y>",
        "a | b",
        "```\n@team\n```",
        "````",
        "[x](javascript:y)",
        "**bold** _it_ ~no~",
        "/close",
        "#12 !34",
        "line\nbreak\r\n| a | b |",
        "\u{1b}[31mred",
        "`",
        "\\",
        "a\\|b",
    ] {
        for flavour in FORGES {
            shows_text_as_text(text, flavour).unwrap_or_else(|error| panic!("{text:?}: {error}"));
        }
        let page = html(&sketch(text, 3), &Templates::built_in()).unwrap();
        assert!(!page.contains("<script") && !page.contains("<img"), "{page}");
        let shown = table(&sketch(text, 3), 100);
        assert!(!shown.contains('\u{1b}'), "{shown}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_string_of_a_plan_breaks_out(text in "[@<>|`*_\\[\\]()#!/\\\\~$&:;=+.\\-'\" \n\ta-c]{1,24}") {
        for flavour in FORGES {
            let shown = shows_text_as_text(&text, flavour);
            prop_assert!(shown.is_ok(), "{:?}", shown);
        }
    }
}

#[test]
fn a_comment_of_any_size_fits_and_keeps_its_total_and_its_failures() {
    let view = sketch("a-long-name-of-a-team-or-of-a-workload-", 2000);
    let built_in = Templates::built_in();
    let whole =
        super::markdown::render(&super::whole(&view), Flavour::Github, "comment", &built_in)
            .unwrap();
    assert!(whole.chars().count() > COMMENT_MAX);
    for flavour in FORGES {
        let comment = comment(&view, flavour, &built_in).unwrap();
        assert!(comment.chars().count() <= COMMENT_MAX);
        assert!(comment.contains("| **Total** |"), "{comment}");
        assert!(comment.contains("rows of at most US$"), "{comment}");
        assert!(comment.contains("**Over budget**") && comment.contains("**Fails**"));
        assert!(comment.contains("| **Change of the mean** |"));
    }
}

#[test]
fn folded_rows_and_shown_rows_come_to_the_total() {
    let view = sketch("t", 400);
    let comment = comment(&view, Flavour::Github, &Templates::built_in()).unwrap();
    let table: Vec<&str> = comment
        .lines()
        .skip_while(|line| !line.starts_with("| Team |"))
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .collect();
    let change = |row: &str| -> i64 {
        let cell = row.split('|').nth(4).unwrap();
        let digits: String = cell.chars().filter(|c| c.is_ascii_digit() || *c == '−').collect();
        digits.replace('−', "-").parse().unwrap_or(0)
    };
    let (total, rows) = table.split_last().unwrap();
    assert!(total.contains("Total"), "{total}");
    assert_eq!(rows.iter().map(|row| change(row)).sum::<i64>(), change(total));
}

#[test]
fn a_comment_is_found_again_by_a_line_that_does_not_depend_on_the_revision() {
    let (one, mut other) = (sketch("plans/a", 1), sketch("plans/a", 2));
    other.sides = ("x".to_owned(), "y".to_owned());
    let built_in = Templates::built_in();
    let first = |view: &DiffView| {
        let comment = comment(view, Flavour::Github, &built_in).unwrap();
        comment.lines().next().unwrap().to_owned()
    };
    assert_eq!(first(&one), "<!-- capplan:cost-impact:v1 plan=plans/a -->");
    assert_eq!(first(&one), first(&other));
}

/// Templates with this one for comments.
fn own(text: &str) -> Templates {
    let mut sources = Sources::default();
    let path = "templates/markdown/comment.md.hbs".to_owned();
    sources.add(SourceFile::new(path, std::sync::Arc::from(text)));
    let checked = template::check(&sources);
    checked.templates.unwrap_or_else(|| panic!("{:?}", checked.diagnostics))
}

#[test]
fn whatever_a_template_does_a_comment_is_found_again_folds_and_shows_text_as_text() {
    let view = sketch("<img src=x> @everyone | `x` ", 2000);
    let templates = own("Ask finance first.\n\n{{{body}}}\n\n## {{{title}}} ({{flavour}})\n");
    for flavour in FORGES {
        let comment = comment(&view, flavour, &templates).unwrap();
        assert!(comment.chars().count() <= COMMENT_MAX);
        assert!(comment.contains("Ask finance first."));
        is_text(&comment).unwrap_or_else(|error| panic!("{flavour:?}: {error}"));
        let first = comment.lines().next().unwrap();
        let is_marked = first.contains("capplan:cost-impact:v1");
        assert_eq!(is_marked, flavour != Flavour::Plain, "{first}");
    }
    // What says too much by itself is told, and no other template stands in for it.
    let templates =
        own(&format!("{{{{{{title}}}}}}\n{{{{{{body}}}}}}\n{}", "words ".repeat(12_000)));
    let Err(Broken(told)) = comment(&view, Flavour::Github, &templates) else { panic!("it fits") };
    assert_eq!(told.message, "the comment would be longer than 60000 characters");
    // Text of the plan is given as Markdown alone: a template cannot ask for it raw.
    let mut sources = Sources::default();
    let path = "templates/markdown/comment.md.hbs".to_owned();
    sources.add(SourceFile::new(path, std::sync::Arc::from("{{{plan}}} {{{flavour}}}")));
    let said: Vec<_> = template::check(&sources).diagnostics.iter().map(|of| of.code.id).collect();
    assert!(said.contains(&"template_path") && said.contains(&"template_unescaped"), "{said:?}");
}

#[test]
fn json_holds_cents_and_the_changes_of_every_cause() {
    let json: serde_json::Value = serde_json::from_str(&json::render(&sketch("t", 3))).unwrap();
    let cents = |value: &serde_json::Value| -> Decimal { value.as_str().unwrap().parse().unwrap() };
    let why = json["why"].as_array().unwrap();
    let sum: Decimal = why.iter().map(|row| cents(&row["amount"])).sum();
    assert_eq!(sum, cents(&json["total"]["mean"]["change"]));
    assert_eq!(why[0]["changes"].as_array().unwrap().len(), 3);
}

#[test]
fn where_only_names_differ_they_are_listed() {
    let mut view = sketch("rerank", 0);
    let same = view.diff.total.before;
    let still = Amounts { before: same, after: same };
    let moved = |moved: &mut Moved| moved.after = moved.before;
    view.diff.total = still;
    view.diff.teams.clear();
    view.diff.quantiles.iter_mut().for_each(moved);
    for month in &mut view.diff.months {
        month.mean = still;
        moved(&mut month.p50);
        moved(&mut month.p90);
    }
    view.diff.orders.clear();
    view.diff.budgets.clear();
    view.diff.policies.clear();
    assert!(view.diff.is_nothing());
    let text = comment(&view, Flavour::Github, &Templates::built_in()).unwrap();
    assert!(text.contains("No figure differs: only names do."), "{text}");
    assert!(text.contains("Renamed, with nothing else changed (1 thing)"), "{text}");
    view.renames.clear();
    let text = comment(&view, Flavour::Github, &Templates::built_in()).unwrap();
    assert!(text.contains("No figure and no line of the plan differs."), "{text}");
}
