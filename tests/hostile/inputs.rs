//! What others wrote: manifests, traces of jobs, loads, histories of prices, snapshots; and a plan with its revisions.

use std::process::Command;

use rayon::prelude::*;

use crate::forms::{differ, visible};
use crate::program::{Case, Form, form_of, root, run};
use crate::texts::{HOSTILE, quoted};

/// Text as YAML writes it between quotation marks.
fn yaml(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

/// A folder of files of others, with a text wherever one can stand.
fn inputs(name: &str, text: &str) -> Case {
    let root = root(name);
    let write = |file: &str, text: String| std::fs::write(root.join(file), text).unwrap();
    let label = yaml(text);
    write(
        "deploy.yaml",
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: chat, namespace: assistant, labels: {{cost-center: {label}, team: {label}}}, annotations: {{note: {label}}}}}\n\
             spec:\n  replicas: 6\n  template:\n    spec:\n      priorityClassName: {label}\n      containers:\n      - name: chat\n        image: {label}\n        \
             resources: {{requests: {{cpu: 1500m, memory: 6Gi}}}}\n---\nkind: {label}\napiVersion: {label}\nmetadata: {{name: {label}}}\n"
        ),
    );
    let hpa = "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: NAME}\nspec:\n  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: NAME}\n  \
               minReplicas: 2\n  maxReplicas: 40\n  metrics:\n  - type: Resource\n    resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}\n";
    write("hpa.yaml", hpa.replace("NAME", &label));
    let hours = (0..48).map(|hour| {
        format!("2026-11-{:02} {:02}:00:00,{}\n", 2 + hour / 24, hour % 24, 100 + hour)
    });
    write("load.csv", format!("time,load\n{}", hours.collect::<String>()));
    let queue = "apiVersion: kueue.x-k8s.io/v1beta2\nkind: ResourceFlavor\nmetadata: {name: h100}\n---\napiVersion: kueue.x-k8s.io/v1beta2\nkind: ClusterQueue\nmetadata: {name: NAME}\nspec:\n  \
                 resourceGroups:\n  - coveredResources: [nvidia.com/gpu]\n    flavors:\n    - name: h100\n      resources: [{name: nvidia.com/gpu, nominalQuota: 16}]\n---\n\
                 apiVersion: kueue.x-k8s.io/v1beta2\nkind: LocalQueue\nmetadata: {name: jobs, namespace: ads}\nspec: {clusterQueue: NAME}\n";
    write("queues.yaml", queue.replace("NAME", &label));
    let rows = |file: &str, rows: &[&[&str]]| {
        let mut writer = csv::Writer::from_path(root.join(file)).unwrap();
        for row in rows {
            writer.write_record(*row).unwrap();
        }
        writer.flush().unwrap();
    };
    rows(
        "jobs.csv",
        &[
            &["name", "arrival", "duration", "queue", "namespace", "priority", "gpu", "count"],
            &[text, "0", "20h", "jobs", "ads", "", "8", "3"],
            &["b", "1h", "2h", "jobs", "ads", "", "4", "1"],
        ],
    );
    let prices: Vec<Vec<String>> = (1..=28)
        .map(|day| vec![format!("2026-10-{day:02}T00:00:00Z"), format!("0.{}", 30 + day % 5)])
        .collect();
    let mut spot: Vec<Vec<&str>> =
        vec![vec!["Timestamp", "InstanceType", "AvailabilityZone", "SpotPrice"]];
    spot.extend(prices.iter().map(|row| vec![row[0].as_str(), text, text, row[1].as_str()]));
    rows("spot.csv", &spot.iter().map(Vec::as_slice).collect::<Vec<_>>());
    Case { root, before: String::new(), after: String::new() }
}

/// Manifests, traces and histories may be refused; then it is said, visibly, and nothing is written. What is taken has the
/// skeleton that harmless words have.
#[test]
fn inputs_of_others_show_their_text_as_text() {
    let mut commands: Vec<(Vec<&str>, Form)> =
        vec![("import kubernetes deploy.yaml --plan acme".split(' ').collect(), Form::Text)];
    for (word, form) in
        [("table", Form::Text), ("json", Form::Json), ("csv", Form::Csv), ("md", Form::Markdown)]
    {
        for command in [
            "simulate hpa -f hpa.yaml --load load.csv --serves 40 --format",
            "simulate kueue -f queues.yaml --jobs jobs.csv --format",
            "spot spot.csv --format",
        ] {
            commands.push((command.split(' ').chain([word]).collect(), form));
        }
    }
    let calm = inputs("inputs-calm", "words");
    let plain: Vec<_> = commands.iter().map(|(words, _)| run(&calm, words)).collect();
    for ((words, _), (_, out, said)) in commands.iter().zip(&plain) {
        assert!(!out.is_empty() || !said.is_empty(), "{words:?} says nothing");
    }
    let texts: Vec<&str> = HOSTILE.iter().copied().step_by(4).collect();
    let wrong: Vec<String> = texts
        .par_iter()
        .enumerate()
        .flat_map_iter(|(place, text)| {
            let hostile = inputs(&format!("inputs-{place}"), text);
            let mut wrong = Vec::new();
            for (which, ((words, form), calm)) in commands.iter().zip(&plain).enumerate() {
                if which % 3 != place % 3 {
                    continue;
                }
                let (code, out, said) = run(&hostile, words);
                let found = if code == calm.0 && code == Some(0) {
                    differ(*form, &calm.1, &out)
                } else {
                    visible(&out)
                };
                let found = found.and_then(|()| visible(&said));
                wrong.extend(found.err().map(|why| format!("{text:?} {words:?}: {why}")));
            }
            wrong
        })
        .collect();
    assert!(wrong.is_empty(), "{} outputs:\n{}", wrong.len(), wrong.join("\n"));
}

/// A plan with a history in a file, whose second revision differs from the first.
fn revisions(name: &str, text: &str) -> Case {
    let root = root(name);
    let plan = |growth: &str| {
        let (said, growth) = (quoted(text), quoted(growth));
        format!(
            r#"plan "p" {{ version 1; as-of "2026-11-26"; horizon from="2027-01" months=6; currency USD; draws 20; }}
department "d" {{ cost-center {said}; owner {said}; }}
team "t" {{ department "d"; owner {said}; }}
provider "aws" {{
    region "us-east-1"
    instance "m5.large" {{ cpu "2 core"; memory "8 GiB"; price on-demand "0.096 USD/hour" as-of="2026-09-06" source={said}; }}
}}
pool "web" {{ instance "m5.large" region="us-east-1"; limit 90; }}
workload "chat" {{
    kind inference; team "t"; pool "web"
    demand "500 req/s" {{ growth compound {growth}; history "h.csv" column="rps" time="day" zone="UTC" fit=level; }}
    replica {{ cpu "1 core"; memory "2 GiB"; serves "30 req/s"; }}
}}
scenario "more" {{ title {said}; change workload "chat" {{ change demand {{ growth compound "9%/month"; }}; }}; }}
"#
        )
    };
    let days: String = (1..=30).map(|day| format!("2026-09-{day:02},{}\n", 480 + day)).collect();
    std::fs::write(root.join("h.csv"), format!("day,rps\n{days}")).unwrap();
    let git = |words: &[&str]| {
        let done = Command::new("git").args(words).current_dir(&root).output().unwrap();
        assert!(done.status.success(), "{words:?}: {}", String::from_utf8_lossy(&done.stderr));
    };
    std::fs::write(root.join("plan.kdl"), plan("1%/month")).unwrap();
    git(&["init", "-q", "-b", "main"]);
    git(&["add", "."]);
    git(&[
        "-c",
        "user.name=a",
        "-c",
        "user.email=a@b.c",
        "-c",
        "commit.gpgsign=false",
        "commit",
        "-qm",
        "a",
    ]);
    std::fs::write(root.join("plan.kdl"), plan("4%/month")).unwrap();
    Case { root, before: "HEAD".to_owned(), after: ".".to_owned() }
}

#[test]
fn what_changed_since_a_revision_shows_text_as_text() {
    let commands: [(&[&str], Form); 7] = [
        (&["report", ".", "--since", "HEAD", "--out", "out"], Form::Text),
        (&["diff", "HEAD", ".", "--scenario", "more", "--format", "md"], Form::Markdown),
        (&["diff", ".", "--scenario", "..more", "--format", "md"], Form::Markdown),
        (&["diff", ".", "--scenario", "..more", "--format", "html"], Form::Html),
        (&["explain", "change team=t", ".", "--format", "md"], Form::Markdown),
        (&["usage", ".", "--format", "md"], Form::Markdown),
        (&["usage", ".", "--format", "csv"], Form::Csv),
    ];
    let calm = revisions("since-calm", "words");
    let plain: Vec<_> = commands.iter().map(|(words, _)| run(&calm, words)).collect();
    for ((words, _), (code, _, said)) in commands.iter().zip(&plain) {
        assert!(matches!(code, Some(0 | 3)), "{words:?}: {said}");
    }
    let read = |case: &Case, file: &str| {
        std::fs::read_to_string(case.root.join("out").join(file)).unwrap()
    };
    let files =
        ["changes.html", "changes.md", "changes.json", "teams/t.html", "teams/t.md", "moves.csv"];
    let since = read(&calm, "teams/t.md");
    assert!(since.contains("Top movers since"), "{since}");
    let wrong: Vec<String> = HOSTILE
        .par_iter()
        .enumerate()
        .filter(|(place, _)| place % 6 == 1)
        .flat_map_iter(|(place, text)| {
            let hostile = revisions(&format!("since-{place}"), text);
            let mut wrong = Vec::new();
            for ((words, form), calm) in commands.iter().zip(&plain) {
                let (code, out, said) = run(&hostile, words);
                assert_eq!(code, calm.0, "{words:?}: {said}");
                wrong.extend(
                    differ(*form, &calm.1, &out)
                        .err()
                        .map(|why| format!("{text:?} {words:?}: {why}")),
                );
                wrong.extend(visible(&said).err());
            }
            for file in files {
                let form = form_of(file).unwrap();
                let found = differ(form, &read(&calm, file), &read(&hostile, file));
                wrong.extend(found.err().map(|why| format!("{text:?} {file}: {why}")));
            }
            wrong
        })
        .collect();
    assert!(wrong.is_empty(), "{} outputs:\n{}", wrong.len(), wrong.join("\n"));
}
