//! Tables of others: series, prices, pods.

use rayon::prelude::*;

use crate::forms::{differ, visible};
use crate::program::{Case, Form, root, run};
use crate::texts::HOSTILE;

/// A table of series and a price list, with a text wherever they name something.
fn tables(name: &str, text: &str) -> Case {
    let root = root(name);
    let write = |file: &str, rows: &[Vec<String>]| {
        let mut writer = csv::Writer::from_path(root.join(file)).unwrap();
        for row in rows {
            writer.write_record(row).unwrap();
        }
        writer.flush().unwrap();
    };
    let row = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>();
    let mut series = vec![row(&["unique_id", "ds", "y"])];
    series.extend(
        (1..=30)
            .map(|day| row(&[text, &format!("2026-09-{day:02}"), &format!("{}", 90 + day % 7)])),
    );
    write("series.csv", &series);
    let head = "provider,instance,region,price,spot,vcpus,memory_gib,gpu,gpus,as_of";
    write(
        "aws_2026-09-06.csv",
        &[
            head.split(',').map(str::to_owned).collect(),
            row(&["aws", text, text, "0.10", "0.04", "2", "8", "", "", "2026-09-06"]),
            row(&[
                "aws",
                "m5.large",
                "us-east-1",
                "0.192",
                "0.09",
                "4",
                "16",
                text,
                "1",
                "2026-09-06",
            ]),
            row(&["aws", "m5.xlarge", "us-east-1", text, "", "4", "16", "", "", "2026-09-06"]),
        ],
    );
    write(
        "pods.csv",
        &[row(&["name", "cpu", "memory_gib", "gpus", "count"]), row(&[text, "1", "3", "0", "9"])],
    );
    Case { root, before: String::new(), after: String::new() }
}

#[test]
fn tables_of_others_show_their_text_as_text() {
    let forms = [Form::Text, Form::Json, Form::Csv, Form::Markdown];
    let mut commands: Vec<(Vec<&str>, Form)> = Vec::new();
    for (word, form) in ["table", "json", "csv", "md"].into_iter().zip(forms) {
        commands.push((vec!["forecast", "series.csv", "--horizon", "2", "--format", word], form));
        commands.push((vec!["prices", "aws_2026-09-06.csv", "--format", word], form));
    }
    for (word, form) in [("json", Form::Json), ("md", Form::Markdown), ("table", Form::Text)] {
        let pods = "instances --pods pods.csv --prices aws_2026-09-06.csv --instance m5* --format";
        commands.push((pods.split(' ').chain([word]).collect(), form));
    }
    let calm = tables("tables-calm", "words");
    let plain: Vec<_> = commands.iter().map(|(words, _)| run(&calm, words)).collect();
    // Formulas, and every third of the others.
    let texts: Vec<&str> = HOSTILE
        .iter()
        .enumerate()
        .filter(|(place, text)| place % 3 == 0 || text.trim().starts_with(['=', '+', '-', '@']))
        .map(|(_, text)| *text)
        .collect();
    let wrong: Vec<String> = texts
        .par_iter()
        .enumerate()
        .flat_map_iter(|(place, text)| {
            let hostile = tables(&format!("tables-{place}"), text);
            let mut wrong = Vec::new();
            for (which, ((words, form), calm)) in commands.iter().zip(&plain).enumerate() {
                // Data of every text; what people read of every fourth.
                if *form != Form::Csv && which % 4 != place % 4 {
                    continue;
                }
                let (code, out, said) = run(&hostile, words);
                // A reader of tables may refuse a text; then it says so, and writes nothing.
                let found =
                    if code == calm.0 { differ(*form, &calm.1, &out) } else { visible(&out) };
                let found = found.and_then(|()| visible(&said));
                wrong.extend(found.err().map(|why| format!("{text:?} {words:?}: {why}")));
            }
            wrong
        })
        .collect();
    assert!(wrong.is_empty(), "{} outputs:\n{}", wrong.len(), wrong.join("\n"));
}
