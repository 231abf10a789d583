//! Priorities, cohorts and quotas inside the organisation's own clusters.

use super::{Kind, NodeSpec, Noun, PropSpec, Range, certain, node, one, prop, several};

pub(super) const PRIORITIES: NodeSpec = node("priorities", "The levels of priority, once.")
    .children(&[node("level", "A level: the higher its rank, the earlier it goes.")
        .args(&[one("name", Kind::Declares(Noun::Priority))])
        .props(&[prop("rank", Kind::Count(i64::MIN)).required(), prop("preemptible", Kind::Bool)])
        .keyed()
        .required()
        .default("preemptible")
        .example(r#"level "production" rank=100 preemptible=#false"#)])
    .example(r#"priorities { level "production" rank=100 preemptible=#false; }"#);

const WEIGHT: NodeSpec = node("weight", "Its weight in fair sharing.")
    .args(&[one("weight", Kind::Factor(Range::NonNegative))])
    .default("1")
    .example("weight 3");

const fn grant(nominal: Kind) -> [PropSpec; 4] {
    [
        prop("nominal", nominal).required(),
        prop("borrowing-limit", nominal),
        prop("lending-limit", nominal),
        prop("from", Kind::Day).key(),
    ]
}
const GPUS: &[PropSpec] = &grant(Kind::Count(0));
const CORES: &[PropSpec] = &grant(certain("core"));
const BYTES: &[PropSpec] = &grant(certain("byte"));

const GRANTS: NodeSpec = node("pool", "What it grants in a pool. GPUs are counted, not nodes.")
    .args(&[one("name", Kind::Refers(Noun::Pool))])
    .children(&[
        node("gpu", "GPUs: guaranteed, and how many may be borrowed or lent.")
            .props(GPUS)
            .keyed()
            .example("gpu nominal=64 borrowing-limit=128"),
        node("cpu", "CPU cores: guaranteed, and how many may be borrowed or lent.")
            .props(CORES)
            .keyed()
            .example(r#"cpu nominal="512 core""#),
        node("memory", "Memory: guaranteed, and how much may be borrowed or lent.")
            .props(BYTES)
            .keyed()
            .example(r#"memory nominal="4 TiB""#),
    ])
    .keyed()
    .example(r#"pool "train" { gpu nominal=64 borrowing-limit=128; }"#);

pub(super) const COHORT: NodeSpec =
    node("cohort", "A cohort: quotas in it may borrow from each other.")
        .args(&[one("name", Kind::Declares(Noun::Cohort))])
        .children(&[
            node("parent", "The cohort it belongs to.")
                .args(&[one("name", Kind::Refers(Noun::Cohort))])
                .example(r#"parent "accelerators""#),
            WEIGHT,
            GRANTS,
        ])
        .keyed()
        .example(r#"cohort "training" { parent "accelerators"; weight 3; }"#);

pub(super) const QUOTA: NodeSpec =
    node("quota", "What teams may use of a pool: one Kueue ClusterQueue.")
        .args(&[one("name", Kind::Declares(Noun::Quota))])
        .children(&[
            node("team", "The teams it serves.")
                .args(&[several("name", Kind::Refers(Noun::Team))])
                .required()
                .example(r#"team "search" "ads""#),
            node("cohort", "Its cohort.")
                .args(&[one("name", Kind::Refers(Noun::Cohort))])
                .example(r#"cohort "training""#),
            WEIGHT,
            GRANTS,
            node("preemption", "Whose runs may be stopped for its own.")
                .children(&[
                    node("reclaim-within-cohort", "Runs that borrow what it lends.")
                        .args(&[one("whose", Kind::Word(&["never", "lower-priority", "any"]))])
                        .default("never")
                        .example("reclaim-within-cohort any"),
                    node("borrow-within-cohort", "Runs of others while it borrows itself.")
                        .args(&[one("whose", Kind::Word(&["never", "lower-priority"]))])
                        .props(&[prop("max-priority", Kind::Refers(Noun::Priority))])
                        .default("never")
                        .example(
                            r#"borrow-within-cohort lower-priority max-priority="best-effort""#,
                        ),
                    node("within-queue", "Runs of its own.")
                        .args(&[one(
                            "whose",
                            Kind::Word(&[
                                "never",
                                "lower-priority",
                                "lower-or-newer-equal-priority",
                            ]),
                        )])
                        .default("never")
                        .example("within-queue lower-priority"),
                ])
                .example("preemption { reclaim-within-cohort any; within-queue lower-priority; }"),
        ])
        .keyed()
        .example(r#"quota "search" { team "search"; pool "train" { gpu nominal=64; }; }"#);
