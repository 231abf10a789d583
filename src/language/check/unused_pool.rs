//! A pool is there for workloads.

use super::warning;
use crate::diagnostic::{Code, Diagnostic};
use crate::plan::Plan;

/// A pool that no workload uses.
pub static UNUSED_POOL: Code = warning(
    "unused_pool",
    "a pool that no workload uses",
    r#"No workload runs or stores in the pool, and none takes its `needs` from it. What it starts with, and what is
signed for it, is paid for and idle.

Wrong:

```kdl
pool "serving" { instance "p5.48xlarge" region="us-east-1"; start on-demand 4; }
```

Right:

```kdl
pool "serving" { instance "p5.48xlarge" region="us-east-1"; start on-demand 4; }
workload "chat" { kind inference; team "assistant"; pool "serving"; demand "180 req/s"; capacity "25 req/s" per=gpu; }
```
"#,
);

pub(super) fn check(plan: &Plan, found: &mut Vec<Diagnostic>) {
    for (id, pool) in plan.pools.iter() {
        let used = plan.workloads.items().iter().any(|workload| {
            workload.pool == Some(id) || workload.needs.iter().any(|needs| needs.pool == id)
        });
        if !used {
            let name = &pool.name;
            found.push(
                Diagnostic::new(&UNUSED_POOL, format!("no workload uses pool `{name}`"))
                    .at(pool.origin, "what it has is idle")
                    .help(format!("say `pool \"{name}\"` in a workload, or remove the pool")),
            );
        }
    }
}
