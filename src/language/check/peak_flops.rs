//! A run given in floating-point operations needs GPUs whose peak is known.

use super::node_kinds::node_kinds;
use super::{error, figures};
use crate::diagnostic::{Code, Diagnostic};
use crate::plan::workload::RunWork;
use crate::plan::{GpuModel, Plan};

/// A run in FLOPs on GPUs whose peak is not stated.
pub static MISSING_PEAK: Code = error(
    "missing_peak",
    "a run in FLOPs on GPUs whose peak is not stated",
    r#"How long a run of so many `flops` takes is flops ÷ (GPUs × peak FLOP/s × MFU). The peak is the GPU model's, in
the run's number format, which is `bf16` unless `dtype` says otherwise.

Wrong:

```kdl
gpu "h100" { memory "80 GB"; peak bf16 "989 TFLOP/s"; }
workload "pretrain" { kind training; team "research"; pool "train"; run "v2" at="2027-06-15" { flops "6e23 flop"; gpus 192; mfu "40%"; dtype fp8; }; }
```

Right:

```kdl
gpu "h100" { memory "80 GB"; peak bf16 "989 TFLOP/s"; peak fp8 "1979 TFLOP/s"; }
```
"#,
);

pub(super) fn check(plan: &Plan, found: &mut Vec<Diagnostic>) {
    for workload in plan.workloads.items() {
        let Some(pool) = workload.pool else { continue };
        let models: Vec<&GpuModel> =
            node_kinds(plan, pool).iter().filter_map(|kind| Some(&plan.gpus[kind.gpu?])).collect();
        for run in &workload.runs {
            let RunWork::Flops { dtype, .. } = &run.work else { continue };
            if models.is_empty() || models.iter().any(|gpu| gpu.peak_flops.contains_key(dtype)) {
                continue;
            }
            let known: Vec<&str> = models[0].peak_flops.keys().map(String::as_str).collect();
            let known = if known.is_empty() {
                String::new()
            } else {
                format!(", or `dtype` to what is stated: {}", figures::names(known))
            };
            let gpu = &models[0].name;
            found.push(
                Diagnostic::new(
                    &MISSING_PEAK,
                    format!(
                        "run `{}` counts FLOPs in {dtype}, a peak that `{gpu}` does not state",
                        run.name
                    ),
                )
                .at(run.origin, format!("how long this takes follows from the {dtype} peak"))
                .also(models[0].origin, format!("no `peak {dtype}` stands here"))
                .help(format!(
                    "add `peak {dtype} \"989 TFLOP/s\"` with `{gpu}`'s own figure{known}"
                )),
            );
        }
    }
}
