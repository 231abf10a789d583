"""capplan's optimum of purchases against an integer program solved by HiGHS, on the same instances.

    benches/procure/run

Each line is one instance: pools, months, draws and blocks of hours, and the share of the free optimum's
upfront money that a quarter may spend (0: no limit). HiGHS gets the textbook form: one variable a product and
month, one for the hours rented in every block, month and draw. Printed: objective, bound, gap and CPU seconds
of both. HiGHS is stopped after TIME seconds; its objective is then its best so far.
"""

import json
import pathlib
import subprocess
import sys
import time

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_matrix

HERE = pathlib.Path(__file__).parent
SOLVE = HERE / "target" / "release" / "solve"
TIME = 120
INSTANCES = [
    (1, 12, 20, 24, 0),
    (10, 12, 20, 24, 0),
    (1, 12, 20, 24, 0.5),
    (10, 12, 20, 24, 0.5),
    (200, 12, 50, 24, 0),
    (200, 12, 50, 24, 0.5),
    (1000, 24, 50, 24, 0),
]
SORTS = [(12, 467.2, 0.0, 0), (12, 0.0, 5256.0, 0), (36, 0.0, 11037.6, 2), (1, 671.6, 0.0, 0), (3, 584.0, 0.0, 0)]
MOST_FOR_HIGHS = 60_000


def generator(seed):
    """The same numbers as `solve.rs`."""
    state = seed
    while True:
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        yield (state >> 33) / 2**31


def instance(pools, months, draws, blocks):
    random = generator(7)
    needs = []
    for _ in range(pools):
        base = 20 + 180 * next(random)
        growth = -0.04 + 0.1 * next(random)
        spread = 0.02 + 0.06 * next(random)
        drift = [(next(random) - 0.5) * 2 * spread for _ in range(draws)]
        shape = [0.5 + next(random) for _ in range(blocks)]
        level = [[base * (1 + growth + d) ** t for d in drift] for t in range(months)]
        needs.append([[[np.floor(x * s + 0.5) for s in shape] for x in of_month] for of_month in level])
    return needs


def highs(pools, months, draws, blocks, limits):
    needs = instance(pools, months, draws, blocks)
    cost, integer, rows, columns, values, least = [], [], [], [], [], []
    bounded, row = [[] for _ in limits], 0
    for pool in needs:
        bought = []
        for term, fee, upfront, first in SORTS:
            for start in range(first, months):
                active = range(start, min(start + term, months))
                bought.append((len(cost), active))
                if limits and upfront > 0:
                    bounded[start // 3].append((len(cost), upfront))
                cost.append((fee + upfront / term) * len(active))
                integer.append(1)
        for t, of_month in enumerate(pool):
            owned = [column for column, active in bought if t in active]
            for of_draw in of_month:
                for need in of_draw:
                    entries = [*owned, len(cost)]
                    rows += [row] * len(entries)
                    columns += entries
                    values += [1.0] * len(entries)
                    least.append(need)
                    row += 1
                    cost.append(730 / blocks / draws)
                    integer.append(0)
    most = [np.inf] * row
    for entries, limit in zip(bounded, limits):
        for column, money in entries:
            rows.append(row)
            columns.append(column)
            values.append(money)
        least.append(-np.inf)
        most.append(limit)
        row += 1
    matrix = coo_matrix((values, (rows, columns)), shape=(row, len(cost))).tocsr()
    began = time.process_time()
    found = milp(
        cost,
        constraints=LinearConstraint(matrix, least, most),
        integrality=integer,
        bounds=Bounds(0, np.inf),
        options={"time_limit": TIME, "mip_rel_gap": 1e-6},
    )
    return found.fun, found.mip_dual_bound, time.process_time() - began


def main():
    if not SOLVE.exists():
        sys.exit(f"no {SOLVE}: benches/procure/run builds it")
    head = ("instance", "capplan", "gap", "CPU s", "HiGHS", "gap", "CPU s")
    print("| " + " | ".join(head) + " |\n" + "|---" * len(head) + "|")
    for pools, months, draws, blocks, limit in INSTANCES:
        began = sum(resource_of_children())
        out = subprocess.run([SOLVE, *map(str, (pools, months, draws, blocks, limit))], capture_output=True, check=True)
        ours = json.loads(out.stdout)
        cpu = sum(resource_of_children()) - began
        name = f"{pools} pools × {months} months × {draws} draws" + (f", limit {limit:.0%}" if limit else "")
        cells = [name, f"{ours['objective']:,.2f}", f"{ours['gap']:.1e}", f"{cpu:.2f}"]
        if pools * months * draws * blocks <= MOST_FOR_HIGHS:
            objective, bound, seconds = highs(pools, months, draws, blocks, ours["limits"])
            gap = (objective - bound) / objective
            cells += [f"{objective:,.2f}", f"{gap:.1e}", f"{seconds:.2f}"]
        else:
            cells += ["not run", "", ""]
        print("| " + " | ".join(cells) + " |", flush=True)


def resource_of_children():
    import resource

    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime, used.ru_stime


if __name__ == "__main__":
    main()
