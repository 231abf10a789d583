//! What a plan's own templates may do, and what they may not.

use proptest::prelude::*;

use super::*;
use crate::report::document::{self, document};
use crate::report::fixture::{Words, report};
use crate::report::{html, markdown};

/// A plan's templates, by path below `templates/`.
fn own(files: &[(&str, &str)]) -> Sources {
    let mut sources = Sources::default();
    for (path, text) in files {
        sources.add(SourceFile::new(format!("{FOLDER}{path}"), Arc::from(*text)));
    }
    sources
}

/// `code: message` of what is wrong.
fn said(files: &[(&str, &str)]) -> Vec<String> {
    let checked = check(&own(files));
    checked
        .diagnostics
        .iter()
        .map(|found| format!("{}: {}", found.code.id, found.message))
        .collect()
}

fn templates(files: &[(&str, &str)]) -> Templates {
    let checked = check(&own(files));
    checked.templates.unwrap_or_else(|| panic!("{:?}", checked.diagnostics))
}

#[test]
fn the_built_in_templates_are_right() {
    assert_eq!(said(&[]), Vec::<String>::new());
    let all: Vec<(String, &str)> = BUILT_IN.iter().map(|one| (one.path(), one.text)).collect();
    let all: Vec<(&str, &str)> = all.iter().map(|(path, text)| (path.as_str(), *text)).collect();
    assert_eq!(said(&all), Vec::<String>::new());
    // Ejected and unchanged, they give the same report.
    let view = report(&Words::default());
    assert_eq!(html::budget(&view, &templates(&all)).unwrap(), html::render(&view));
    assert_eq!(markdown::budget(&view, &templates(&all)).unwrap(), markdown::render(&view));
}

#[test]
fn samples_leave_nothing_out_and_reports_have_nothing_more() {
    let samples = [sample::html(), sample::markdown(), sample::prose()].concat();
    for (name, sample) in &samples {
        let given = !sample.is_null();
        assert_eq!(gap(sample).filter(|_| given), None, "{name}");
    }
    let known = |name: &str| samples.iter().rev().find(|(of, _)| *of == name).unwrap().1.clone();
    let view = report(&Words::default());
    for document in [document(&view), document::executive(&view)] {
        let prose = document.sections.iter().flat_map(|section| &section.blocks);
        let prose = prose.filter_map(|block| block.prose.as_ref()).chain([&document.verdict]);
        for words in prose {
            if let Prose::Template { name, data } = words {
                assert_eq!(beyond(data, &known(name)), None, "{name}");
            }
        }
        let written = document.written(&Templates::built_in()).unwrap();
        let value = serde_json::to_value(written).unwrap();
        let of_report = sample::markdown().remove(0).1;
        assert_eq!(beyond(&value, &of_report), None);
    }
}

#[test]
fn a_template_of_the_plan_takes_the_place_of_the_built_in_one() {
    let own = own(&[
        ("prose/verdict.md.hbs", "We need {{forecast}} {{period}}. {{> thanks}}"),
        ("prose/thanks.md.hbs", "*Thank you.*"),
        ("markdown/report.md.hbs", "# {{title}}\n\n{{{verdict}}}\n"),
        ("html/style.css", "body { color: green; }"),
    ]);
    let Checked { templates, list, .. } = check(&own);
    let templates = templates.unwrap();
    let view = report(&Words { plan: "a *b*".to_owned(), ..Words::default() });
    let text = markdown::budget(&view, &templates).unwrap();
    assert!(text.starts_with("# a \\*b\\*: capacity budget"), "{text}");
    assert!(text.contains("We need US$ ") && text.ends_with("*Thank you.*\n"), "{text}");
    let page = html::budget(&view, &templates).unwrap();
    assert!(page.contains("body { color: green; }") && page.contains("<em>Thank you.</em>"));
    assert!(!page.contains("--acc: #0a58a6"), "the built-in sheet is not there");
    let style = page.split("<style>").nth(1).unwrap().split("</style>").next().unwrap();
    assert!(page.contains(&format!("'sha256-{}'", html::digest(style))));
    let origins: Vec<Listed> = list.into_iter().filter(|one| one.origin == Origin::Plan).collect();
    let paths: Vec<&str> = origins.iter().map(|one| one.path.as_str()).collect();
    assert_eq!(
        paths,
        ["markdown/report.md.hbs", "prose/verdict.md.hbs", "prose/thanks.md.hbs", "html/style.css"]
    );
}

#[test]
fn a_path_that_is_not_there_is_found_wherever_it_stands() {
    for (template, path) in [
        ("{{titel}}", "titel"),
        ("{{#if titel}}x{{/if}}", "titel"),
        ("{{#each sections}}{{#if headline}}x{{/if}}{{/each}}", "headline"),
        ("{{#each sections}}{{title}}{{/each}}", "title"),
        ("{{#each sections}}{{../../title}}{{/each}}", "../../title"),
        ("{{#each sections as |s|}}{{s.headin}}{{/each}}", "s.headin"),
        ("{{#if (eq titel \"x\")}}{{/if}}", "titel"),
        ("{{@root.document.title}}", "@root.document.title"),
        ("{{#each figures}}{{else}}{{label}}{{/each}}", "label"),
        ("{{> own x=titel}}", "titel"),
        ("{{@index}}", "@index"),
    ] {
        let own = ("markdown/own.md.hbs", "{{x}}");
        let mut files = vec![("markdown/report.md.hbs", template)];
        files.extend(template.contains("own").then_some(own));
        let checked = check(&super::tests::own(&files));
        let found = &checked.diagnostics;
        assert_eq!(found.len(), 1, "{template}: {found:?}");
        assert_eq!(found[0].code.id, "template_path", "{template}");
        let label = found[0].label.as_ref().unwrap();
        assert_eq!(checked.sources.text(label.span), path, "{template}");
    }
    for template in [
        "{{#each sections}}{{../title}} {{@index}} {{#each blocks}}{{../heading}}{{/each}}{{/each}}",
        "{{#with figures.0}}{{label}}{{/with}}",
        "{{#each sections as |s i|}}{{s.heading}} {{i}} {{@root.title}}{{/each}}",
        "{{> own x=title}}",
        "{{#each figures}}{{#if @first}}{{label}}{{else if @last}}{{value}}{{/if}}{{/each}}",
        "{{len sections}} {{#if (and title scale)}}{{this.title}}{{/if}}",
    ] {
        let mut files = vec![("markdown/report.md.hbs", template)];
        files
            .extend(template.contains("own").then_some(("markdown/own.md.hbs", "{{x}} {{title}}")));
        assert_eq!(said(&files), Vec::<String>::new(), "{template}");
        let view = report(&Words::default());
        assert!(markdown::budget(&view, &templates(&files)).is_ok(), "{template}");
    }
}

#[test]
fn a_slip_is_told_with_what_was_meant() {
    let checked =
        check(&own(&[("markdown/report.md.hbs", "{{#each sections}}{{headng}}{{/each}}")]));
    assert_eq!(checked.diagnostics[0].help.as_deref(), Some("did you mean `heading`?"));
    let checked =
        check(&own(&[("markdown/report.md.hbs", "{{#each sections}}{{scale}}{{/each}}")]));
    assert_eq!(checked.diagnostics[0].help.as_deref(), Some("it is further up: `../scale`"));
}

#[test]
fn partials_that_include_each_other_are_refused_before_anything_is_rendered() {
    let cycle = said(&[
        ("markdown/report.md.hbs", "{{> a}}"),
        ("markdown/a.md.hbs", "{{> b}}"),
        ("markdown/b.md.hbs", "{{#if title}}{{> a}}{{/if}}"),
    ]);
    assert_eq!(cycle, ["template_cycle: partials include each other: a → b → a"]);
    let itself = said(&[("html/figure.html.hbs", "{{> figure}}")]);
    assert_eq!(itself, ["template_cycle: partials include each other: figure → figure"]);
    // Each level ten times over: a thousand million inclusions, if they were made.
    let levels: Vec<(String, String)> = (0..9)
        .map(|level| {
            (format!("markdown/l{level}.md.hbs"), format!("{{{{> l{}}}}}", level + 1).repeat(10))
        })
        .collect();
    let mut files: Vec<(&str, &str)> =
        levels.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    files.extend([("markdown/report.md.hbs", "{{> l0}}"), ("markdown/l9.md.hbs", "x")]);
    assert_eq!(said(&files), ["template_cycle: partials are included more than 10000 times"]);
    let deep: Vec<(String, String)> = (0..100)
        .map(|level| (format!("markdown/l{level}.md.hbs"), format!("{{{{> l{}}}}}", level + 1)))
        .collect();
    let mut files: Vec<(&str, &str)> =
        deep.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    files.extend([("markdown/report.md.hbs", "{{> l0}}"), ("markdown/l100.md.hbs", "x")]);
    let found = said(&files);
    assert_eq!(found[0], "template_cycle: blocks and partials nest more than 64 deep");
}

#[test]
fn text_of_the_plan_does_not_get_out_raw() {
    for (path, template) in [
        ("markdown/report.md.hbs", "{{{title}}}"),
        ("markdown/report.md.hbs", "{{&title}}"),
        ("markdown/report.md.hbs", "`{{title}}`"),
        ("markdown/report.md.hbs", "[x]({{title}})"),
        ("html/table.html.hbs", "{{{title}}}"),
        ("html/table.html.hbs", "<p class={{title}}>"),
        ("html/table.html.hbs", "<p {{title}}>"),
        ("html/table.html.hbs", "<!-- {{title}} -->"),
        ("html/table.html.hbs", "<a href=\"{{title}}\">x</a>"),
        ("html/table.html.hbs", "{{prose_html title}}"),
        ("html/block.html.hbs", "{{{prose}}}"),
        ("prose/statement.md.hbs", "{{{team}}}"),
    ] {
        let found = said(&[(path, template)]);
        assert_eq!(found.len(), 1, "{template}: {found:?}");
        assert!(found[0].starts_with("template_unescaped: "), "{template}: {found:?}");
    }
    for (path, template) in [
        ("markdown/report.md.hbs", "{{{verdict}}} [x](https://x.example/{{title}}) `a` {{title}}"),
        ("html/table.html.hbs", "<a href=\"#{{id}}\" title=\"{{title}}\">{{title}}</a>"),
        ("html/block.html.hbs", "{{#if prose}}{{prose_html prose}}{{/if}}"),
        ("html/figure.html.hbs", "{{{chart.wide}}}"),
    ] {
        assert_eq!(said(&[(path, template)]), Vec::<String>::new(), "{template}");
    }
}

#[test]
fn helpers_are_those_there_are() {
    for (template, message) in [
        ("{{upper title}}", "there is no helper `upper`"),
        ("{{if title}}", "there is no helper `if`"),
        ("{{#section}}{{/section}}", "there is no block `{{#section …}}`"),
        ("{{#if title scale}}{{/if}}", "`{{#if …}}` takes one value"),
        ("{{#if (eq title)}}{{/if}}", "`eq` takes 2"),
        ("{{len}}", "`len` needs values"),
        ("{{prose_html verdict}}", "there is no helper `prose_html`"),
        ("{{log title}}", "there is no helper `log`"),
    ] {
        let found = said(&[("markdown/report.md.hbs", template)]);
        assert_eq!(found, [format!("template_helper: {message}")], "{template}");
    }
}

#[test]
fn a_file_that_no_report_reads_is_told() {
    assert_eq!(
        said(&[("prose/verdict.md", "x")]),
        ["template_unused: `prose/verdict.md` is no template"]
    );
    assert_eq!(
        said(&[("html/report.hbs", "x")]),
        ["template_unused: `html/report.hbs` is no template"]
    );
    assert_eq!(
        said(&[("html/mine.html.hbs", "x")]),
        ["template_unused: no template includes `mine`"]
    );
    assert_eq!(
        said(&[("html/mine.css", "")]),
        ["template_unused: no page has a style sheet `mine`"]
    );
    assert_eq!(said(&[("html/logo.svg", "")]), Vec::<String>::new());
}

#[test]
fn a_template_that_fails_says_where_and_nothing_else_is_shown() {
    let templates =
        templates(&[("markdown/block.md.hbs", "a\n{{#if prose}}b{{/if}} {{table.title}}\n")]);
    let Broken(found) = markdown::budget(&report(&Words::default()), &templates).unwrap_err();
    assert_eq!(found.code.id, "template_failed");
    assert_eq!(found.message, "`table.title` has no value in this report");
    assert_eq!(found.help.as_deref(), Some("ask for it first: `{{#if table}}…{{/if}}`"));
    let label = found.label.unwrap();
    assert_eq!(templates.sources().text(label.span), "{{table.title}}");
    assert_eq!(templates.sources().place(label.span), "templates/markdown/block.md.hbs:2");
}

#[test]
fn a_page_stays_within_what_a_report_can_be() {
    let long = format!(
        "{{{{#each sections}}}}{{{{#each ../sections}}}}{}{{{{/each}}}}{{{{/each}}}}",
        "x".repeat(900_000)
    );
    let templates = templates(&[("markdown/report.md.hbs", &long)]);
    let Broken(found) = markdown::budget(&report(&Words::default()), &templates).unwrap_err();
    assert_eq!(found.message, "the page is larger than 64 MB");
}

/// Pieces of templates, right and wrong.
fn piece() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "{{",
        "}}",
        "{{{",
        "}}}",
        "{{#if a}}",
        "{{/if}}",
        "{{else}}",
        "{{else if title}}",
        "{{#each sections}}",
        "{{/each}}",
        "{{> block}}",
        "{{> table x=1}}",
        "{{!-- ",
        " --}}",
        "{{!",
        "{{~",
        "~}}",
        "title",
        "../",
        "@",
        "\"",
        "'",
        "(",
        ")",
        "=",
        "|",
        " as |x y|",
        "[",
        "]",
        "\\",
        "<style>",
        "<a href=\"",
        "\">",
        "<!--",
        "-->",
        "{{&",
        "{{^}}",
        "{{#with figures.0}}",
        "{{/with}}",
        "\n",
        " ",
        "é",
        "{{title}}",
        "{{{verdict}}}",
        "{{{{",
    ]);
    let part = prop_oneof![4 => pieces.prop_map(str::to_owned), 1 => "\\PC{0,6}"];
    prop::collection::vec(part, 0..12).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    /// Whatever is written, it is refused with a place, or renders, or fails with a place.
    #[test]
    fn no_template_panics(text in piece()) {
        for path in ["markdown/report.md.hbs", "html/block.html.hbs", "prose/verdict.md.hbs"] {
            let checked = check(&own(&[(path, &text)]));
            match &checked.templates {
                None => {
                    let errors = checked.diagnostics.iter().filter(|found| found.is_error());
                    prop_assert!(errors.clone().count() > 0);
                    prop_assert!(errors.into_iter().all(|found| found.label.is_some()));
                }
                Some(templates) => {
                    for document in [sample::markdown().remove(0).1] {
                        if let Err(Broken(found)) = templates.markdown("report", &document) {
                            prop_assert!(found.label.is_some());
                        }
                    }
                }
            }
        }
    }

    /// No style sheet panics.
    #[test]
    fn no_style_sheet_panics(text in "[a-z\\\\0-9/*\"'(){}:; é@\n]{0,40}") {
        let found = style::check(&text, FileId(0));
        prop_assert!(found.iter().all(|found| found.label.is_some()));
    }
}
