//! A language model that its GPUs can serve.

use super::node_kinds::node_kinds;
use super::{error, figures};
use crate::diagnostic::{Code, Diagnostic};
use crate::plan::Plan;
use crate::plan::workload::{Serves, Serving};
use crate::serving::llm::Unable;
use crate::serving::planned::{Assumed, gpus, rated};

/// A model that no GPU of its pool can serve.
pub static MODEL_NOT_SERVED: Code = error(
    "model_not_served",
    "a language model that the GPUs of its pool cannot serve",
    r#"The weights of a `model` and at least one sequence of `context` tokens must fit on the GPUs of one replica, reading
a prompt must take no longer than `ttft`, and one sequence at a time must make tokens at least as fast as `tpot`.
Where several GPU models are candidates, one of them is enough. Uncertain figures count at their median.

Wrong:

```kdl
replica { gpu 1; }
model { layers 80; kv-heads 8; head-dim 128; parameters 70.6e9; prompt "1000 token"; output "250 token"; }    // 141 GB of weights on 80 GB
```

Right:

```kdl
replica { gpu 4; }
model { layers 80; kv-heads 8; head-dim 128; parameters 70.6e9; prompt "1000 token"; output "250 token"; }
```
"#,
);

/// A GPU that does not state what serving a model follows from.
pub static MISSING_GPU_FIGURE: Code = error(
    "missing_gpu_figure",
    "a language model on GPUs whose memory, bandwidth or peak is not stated",
    r#"How fast a `model` is served follows from three figures of the GPU: `memory`, `bandwidth`, and the `peak` in the
model's `dtype`, which is `bf16` unless it says otherwise.

Wrong:

```kdl
gpu "h100" { memory "80 GB"; peak bf16 "989 TFLOP/s"; }
```

Right:

```kdl
gpu "h100" { memory "80 GB"; bandwidth "3.35 TB/s"; peak bf16 "989 TFLOP/s"; }
```
"#,
);

pub(super) fn check(plan: &Plan, found: &mut Vec<Diagnostic>) {
    for workload in plan.workloads.items() {
        let (Serving::Replica(replica), Some(pool)) = (&workload.serving, workload.pool) else {
            continue;
        };
        let Serves::Model(model) = &replica.serves else { continue };
        let kinds = node_kinds(plan, pool);
        let mut models: Vec<_> = kinds.iter().filter_map(|kind| kind.gpu).collect();
        models.sort_unstable();
        models.dedup();
        let mut wrong = Vec::new();
        let mut served = models.is_empty();
        for gpu in models {
            let of = &plan.gpus[gpu];
            match gpus(plan, replica, model, gpu) {
                Err(figure) => wrong.push(
                    Diagnostic::new(
                        &MISSING_GPU_FIGURE,
                        format!(
                            "`{}` does not state what the model of `{}` follows from",
                            of.name, workload.name
                        ),
                    )
                    .at(of.origin, "this figure is missing here")
                    .also(model.origin, "how fast this is served follows from it")
                    .help(format!("add to `gpu \"{}\"`, with its own figure: `{figure}`", of.name)),
                ),
                Ok(gpus) => match rated(model, &gpus, &Assumed::median(model)) {
                    Ok(_) => served = true,
                    Err(unable) => {
                        let (label, help) = reason(unable, gpus.count);
                        wrong.push(
                            Diagnostic::new(
                                &MODEL_NOT_SERVED,
                                format!(
                                    "the model of `{}` cannot be served on `{}`",
                                    workload.name, of.name
                                ),
                            )
                            .at(model.origin, label)
                            .also(
                                replica.origin,
                                format!("on {} each", figures::count(gpus.count, "GPU")),
                            )
                            .help(help),
                        );
                    }
                },
            }
        }
        if !served {
            found.extend(wrong.into_iter().take(1));
        }
    }
}

fn reason(unable: Unable, gpus: f64) -> (String, String) {
    let milliseconds =
        |seconds: f64| format!("{} ms", figures::number((seconds * 1e4).round() / 10.0));
    match unable {
        Unable::Memory { needs, has } => {
            let gigabytes = |bytes: f64| format!("{} GB", figures::number((bytes / 1e9).round()));
            let enough = (needs / (has / gpus)).ceil();
            (
                format!("weights and one sequence take {}", gigabytes(needs)),
                format!(
                    "usable are {}: write `gpu {}` in `replica`, or a smaller `dtype`",
                    gigabytes(has),
                    figures::number(enough)
                ),
            )
        }
        Unable::Ttft(takes) => (
            format!("reading a prompt takes {}", milliseconds(takes)),
            "promise a longer `ttft`, or give a replica more GPUs".to_owned(),
        ),
        Unable::Tpot(takes) => (
            format!("a token takes {} with one sequence at a time", milliseconds(takes)),
            "promise a longer `tpot`, or give a replica more GPUs, or a smaller `dtype`".to_owned(),
        ),
    }
}
