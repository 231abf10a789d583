//! Departments, teams, projects, environments, and where history comes from.

use super::plan::TEXT;
use super::{Certainty, Kind, NodeSpec, Noun, Range, node, one, optional, prop};

/// A time above zero, one figure only.
const PERIOD: Kind = Kind::Quantity("hour", Range::Positive, Certainty::Certain);

const COST_CENTER: NodeSpec = node("cost-center", "Its cost centre, as finance writes it.")
    .args(TEXT)
    .example(r#"cost-center "CC-5101""#);
const OWNER: NodeSpec =
    node("owner", "Who answers for it.").args(TEXT).example(r#"owner "ml@acme.example""#);

pub(super) const DEPARTMENT: NodeSpec = node("department", "A department: teams belong to it.")
    .args(&[one("name", Kind::Declares(Noun::Department))])
    .children(&[COST_CENTER, OWNER])
    .keyed()
    .example(r#"department "product-ai" { cost-center "CC-5100"; }"#);

pub(super) const TEAM: NodeSpec = node("team", "A team: what chargeback charges.")
    .args(&[one("name", Kind::Declares(Noun::Team))])
    .children(&[
        node("department", "The department it belongs to.")
            .args(&[one("name", Kind::Refers(Noun::Department))])
            .example(r#"department "product-ai""#),
        COST_CENTER,
        OWNER,
    ])
    .keyed()
    .example(r#"team "search" { department "product-ai"; cost-center "CC-5101"; }"#);

pub(super) const PROJECT: NodeSpec =
    node("project", "A project of a team; its cost centre wins over the team's.")
        .args(&[one("name", Kind::Declares(Noun::Project))])
        .children(&[
            node("team", "Its team.")
                .args(&[one("name", Kind::Refers(Noun::Team))])
                .required()
                .example(r#"team "assistant""#),
            COST_CENTER,
        ])
        .keyed()
        .example(r#"project "assistant-v2" { team "assistant"; }"#);

pub(super) const ENVIRONMENT: NodeSpec = node("environment", "An environment, such as production.")
    .args(&[one("name", Kind::Declares(Noun::Environment))])
    .keyed()
    .example(r#"environment "production""#);

pub(super) const SOURCE: NodeSpec =
    node("source", "Where `capplan pull` reads history; secrets come from the environment only.")
        .args(&[one("name", Kind::Declares(Noun::Source))])
        .children(&[
            node("kind", "What it is.")
                .args(&[one("word", Kind::Word(&["prometheus", "sql", "focus"]))])
                .required()
                .example("kind prometheus"),
            node("url", "Its address, or the environment variable that holds it.")
                .args(&[optional("address", Kind::Text)])
                .props(&[prop("env", Kind::Text)])
                .example(r#"url "https://prometheus.acme.example""#),
            node("auth", "How to sign in, and the environment variable of the secret.")
                .args(&[one("method", Kind::Word(&["bearer", "basic"]))])
                .props(&[prop("env", Kind::Text).required()])
                .keyed()
                .example(r#"auth bearer env="PROM_TOKEN""#),
            node("label", "The label that holds the workload's name. Where it is stated, `capplan pull` also reads what every workload uses: cores, memory, GPUs, storage, network.")
                .args(&[one("what", Kind::Word(&["workload"])), one("label", Kind::Text)])
                .keyed()
                .default("`app`, and only what demands ask for is pulled")
                .example(r#"label workload "app""#),
            node("driver", "The ADBC driver of a SQL engine.")
                .args(TEXT)
                .example(r#"driver "adbc_driver_postgresql""#)
                .later("`capplan pull` does not read SQL yet"),
            node("window", "How far back to read; what older snapshots hold is kept beyond it.")
                .args(&[one("time", PERIOD)])
                .default("400 days")
                .example(r#"window "400 days""#),
            node("step", "From one raw point to the next: a whole part of an hour. The mean and the peak of each hour are kept.")
                .args(&[one("time", PERIOD)])
                .default("5 minutes")
                .example(r#"step "1 minute""#),
            node("stale-after", "How old the last point may be before `capplan pull --check` fails.")
                .args(&[one("time", PERIOD)])
                .default("7 days")
                .example(r#"stale-after "7 days""#),
        ])
        .keyed()
        .example(r#"source "prom" { kind prometheus; url "https://prometheus.acme.example"; }"#);
