"""Nodes and spend decided together, against an integer program solved by HiGHS on the same plans.

    benches/procure/run together [SEEDS]

Each line is one made plan: pools whose need changes month by month, a year of reserved nodes on sale for some of
them (monthly or upfront), one or two savings plans of a year, and perhaps a limit on cash by fiscal quarter. HiGHS
gets the textbook form: whole nodes and any amount of spend by month of order, who pays for what in every month.
Spend that is narrow is used up first in a bill; HiGHS may do better than that, so it is no higher. Printed:
objective and bound of both, the printed gap, and CPU seconds of the whole command and of HiGHS.
"""

import calendar
import json
import pathlib
import random
import resource
import subprocess
import sys
import time

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import lil_matrix

HERE = pathlib.Path(__file__).resolve().parent
TIME = 60
MONTHS, TERM = 12, 12
ALL = MONTHS + TERM
# Pools, savings plans, largest need, and whether cash is limited.
KINDS = [(2, 1, 5, False), (2, 1, 5, True), (3, 2, 8, False), (3, 2, 8, True), (6, 2, 30, False), (6, 2, 30, True), (30, 2, 100, False), (30, 2, 100, True)]


def month(t):
    return 2027 + (1 + t) // 12, (1 + t) % 12 + 1


def hours(t):
    return 24 * calendar.monthrange(*month(t))[1]


def made(seed, pools, plans, most, limited):
    pick = random.Random(seed)
    shelf = []
    for _ in range(pools):
        price = round(pick.uniform(1, 12), 2)
        need, level = [], pick.randint(1, most)
        for _ in range(MONTHS):
            if pick.random() < 0.3:
                level = pick.randint(1, most)
            need.append(level)
        reserved = round(price * pick.uniform(0.55, 0.85), 2)
        sale = [(reserved, 1.0), (round(reserved * 1.05, 2), 0.0)] if pick.random() < 0.75 else []
        shelf.append({"price": price, "need": need, "sale": sale})
    spend = [{"off": pick.randint(22, 35), "upfront": pick.choice([0.0, 1.0]), "pools": list(range(pools))}]
    if plans > 1:
        spend.append({"off": pick.randint(30, 45), "upfront": 0.0, "pools": list(range(0, pools, 2))})
    rented = sum(one["price"] * need * 2190 for one in shelf for need in one["need"]) / MONTHS
    limit = round(rented * pick.uniform(0.2, 0.8) + 20_000, -3) if limited else None
    return {"pools": shelf, "spend": spend, "limit": limit}


def written(plan):
    lines = [
        'plan "made" { version 1; as-of "2026-11-26"; horizon from="2027-02" months=12; currency USD; draws 1; }',
        'team "search"',
        'gpu "h100" { memory "80 GB"; }',
        'provider "aws" {',
        '    region "us-east-1"',
    ]
    for p, one in enumerate(plan["pools"]):
        sale = "".join(
            f' price reserved "{price} USD/hour" term="12 months" upfront="{share:.0%}";' for price, share in one["sale"]
        )
        lines.append(f'    instance "n{p}" {{ gpu "h100" count=1; price on-demand "{one["price"]} USD/hour";{sale} }}')
    for k, one in enumerate(plan["spend"]):
        every = len(one["pools"]) == len(plan["pools"])
        scope = "" if every else " { " + " ".join(f'instance "n{p}";' for p in one["pools"]) + " }"
        lines.append(f'    savings-plan "s{k}" {{ term "12 months"; upfront "{one["upfront"]:.0%}"; discount "{one["off"]}%"{scope}; }}')
    limit = f' cash-limit "{plan["limit"]:.0f} USD" per=fiscal-quarter;' if plan["limit"] else ""
    lines += ["}", f'procurement {{ plan-for p50; approval "1 days"; buffer "1 days"; tail flat;{limit} }}']
    for p, one in enumerate(plan["pools"]):
        need = one["need"]
        events = []
        for t in range(1, MONTHS):
            if need[t] != need[0]:
                year, of = month(t)
                days = f'at="{year}-{of:02d}-01" until="{year}-{of:02d}-{calendar.monthrange(year, of)[1]}"'
                events.append(f'event "e{t}" {days} {{ add "{(need[t] - need[0]) * 10} req/s"; }}')
        buy = ' buy reserved on-demand; lead-time reserved "7 days";' if one["sale"] else ""
        lines.append(f'pool "g{p}" {{ instance "n{p}" region="us-east-1";{buy} }}')
        change = "{ " + "; ".join(events) + "; }" if events else ""
        lines.append(
            f'workload "w{p}" {{ kind inference; team "search"; pool "g{p}"; demand "{need[0] * 10} req/s" {change}; '
            'capacity "10 req/s" per=gpu; }'
        )
    return "\n".join(lines) + "\n"


def highs(plan):
    """The least cost, and what HiGHS proves nothing to be below."""
    cost, whole = [], []

    def variable(price, integral):
        cost.append(price)
        whole.append(integral)
        return len(cost) - 1

    rows = []
    inside = lambda t: range(t, min(ALL, t + TERM))
    term = lambda t: sum(hours(m) for m in range(t, t + TERM))
    cash = {}
    quarter = lambda t: (t + 1) // 3

    def bought(money, share, t, integral):
        place = variable(sum(money * hours(m) for m in inside(t)), integral)
        if share:
            cash.setdefault(quarter(t), []).append((place, money * share * term(t)))
        return place

    spent = [[bought(1.0, one["upfront"], t, 0) for t in range(ALL)] for one in plan["spend"]]
    covered = [[[] for _ in range(ALL)] for _ in plan["spend"]]
    for p, one in enumerate(plan["pools"]):
        nodes = [[bought(price, share, t, 1) for t in range(ALL)] for price, share in one["sale"]]
        for m in range(ALL):
            row = [(variable(one["price"] * hours(m), 0), 1.0)]
            row += [(own[t], 1.0) for own in nodes for t in range(max(0, m - TERM + 1), m + 1)]
            for k, spend in enumerate(plan["spend"]):
                if p in spend["pools"]:
                    paid = variable(0.0, 0)
                    row.append((paid, 1.0))
                    covered[k][m].append((paid, one["price"] * (1 - spend["off"] / 100)))
            rows.append((row, one["need"][min(m, MONTHS - 1)], np.inf))
    for k, _ in enumerate(plan["spend"]):
        for m in range(ALL):
            row = [(spent[k][t], -1.0) for t in range(max(0, m - TERM + 1), m + 1)]
            rows.append((covered[k][m] + row, -np.inf, 0.0))
    if plan["limit"]:
        rows += [(row, -np.inf, plan["limit"]) for row in cash.values()]
    matrix = lil_matrix((len(rows), len(cost)))
    for k, (row, _, _) in enumerate(rows):
        for place, value in row:
            matrix[k, place] += value
    start = time.process_time()
    found = milp(
        cost,
        constraints=LinearConstraint(matrix.tocsr(), [r[1] for r in rows], [r[2] for r in rows]),
        integrality=whole,
        bounds=Bounds(0, np.inf),
        options={"time_limit": TIME, "mip_rel_gap": 1e-6},
    )
    return found.fun, found.mip_dual_bound, time.process_time() - start


def capplan(binary, plan, folder, text=written):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "plan.kdl").write_text(text(plan))
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run = subprocess.run([binary, "procure", str(folder), "--format", "json"], capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if run.returncode:
        sys.exit(f"{folder}: {run.stderr}")
    found = json.loads(run.stdout)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return float(found["objective"]), float(found["bound"]), cpu


def main():
    binary, out = sys.argv[1], pathlib.Path(sys.argv[2])
    seeds = int(sys.argv[3]) if len(sys.argv) > 3 else 4
    print("| plan | capplan | gap | CPU s | HiGHS | bound | CPU s | dearer than HiGHS |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|")
    for kind in KINDS:
        pools, plans, most, limited = kind
        for seed in range(1, seeds + 1):
            plan = made(seed, *kind)
            own, bound, cpu = capplan(binary, plan, out / f"{pools}-{plans}-{most}-{int(limited)}-{seed}")
            best, below, other = highs(plan)
            name = f"{pools} pools, {plans} savings plan{'s' * (plans > 1)}, to {most} nodes{', cash limit' * limited}, {seed}"
            false = " **bound above the optimum**" if bound > best * (1 + 1e-5) else ""
            print(
                f"| {name} | {own:,.2f} | {(own - bound) / own if own else 0:.1e} | {cpu:.2f} | {best:,.2f} | {below:,.2f} "
                f"| {other:.2f} | {(own / best - 1) * 100:.3f}%{false} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
