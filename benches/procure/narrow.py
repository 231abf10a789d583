"""Small random plans in which whole nodes hardly fit: how often the printed gap stays above a tenth of a percent.

    benches/procure/run narrow [SEEDS]

Each line is one kind of plan, made SEEDS times: one to six pools whose need changes month by month, a year of
reserved nodes on sale (monthly, half or all upfront), up to three savings plans that overlap as they like, a limit on
cash by fiscal quarter that may leave room for a unit or two, limits on demand, or spot for a share of what may be
interrupted. The plans without limits on demand and spot whose gap stays open are given to HiGHS as well, in the
textbook form of `together.py`, where spend may be used up in any order. Printed: plans, those with a gap above 1e-3,
the widest gap, the furthest from HiGHS of these, and the largest CPU seconds of the whole command.
"""

import pathlib
import random
import sys

import together

OPEN = 1e-3
# Pools, savings plans, largest need, cash limit (none, some room, hardly any), and what else holds.
KINDS = [
    (1, 0, 4, "narrow", ""),
    (3, 0, 10, "narrow", ""),
    (4, 0, 20, "narrow", ""),
    (6, 0, 12, "narrow", ""),
    (2, 1, 4, "narrow", ""),
    (3, 2, 6, "narrow", ""),
    (3, 3, 8, "wide", ""),
    (3, 3, 5, "", ""),
    (2, 1, 4, "", "limit"),
    (3, 2, 6, "wide", "limit"),
    (2, 1, 4, "", "spot"),
    (3, 2, 6, "wide", "spot"),
    (3, 2, 6, "wide", "limit and spot"),
]


def made(seed, pools, plans, most, limit, besides):
    pick = random.Random(f"{seed} {pools} {plans} {most} {limit} {besides}")
    shelf = []
    for _ in range(pools):
        price = round(pick.uniform(1, 12), 2)
        need, level = [], pick.randint(1, most)
        for _ in range(together.MONTHS):
            if pick.random() < 0.3:
                level = pick.randint(0 if need else 1, most)
            need.append(level)
        reserved = round(price * pick.uniform(0.55, 0.85), 2)
        terms = [(reserved, 1.0), (round(reserved * 1.05, 2), 0.0), (round(reserved * 1.02, 2), 0.5)]
        sale = pick.sample(terms, pick.randint(1, 3)) if pick.random() < 0.85 or plans == 0 else []
        shelf.append({"price": price, "need": need, "sale": sale})
    spend = []
    for k in range(plans):
        of = list(range(pools)) if k == 0 else sorted(pick.sample(range(pools), pick.randint(1, pools)))
        spend.append({"off": pick.randint(20, 45), "upfront": pick.choice([0.0, 0.5, 1.0]), "pools": of})
    rented = sum(one["price"] * need * 2190 for one in shelf for need in one["need"]) / together.MONTHS
    share, more = ((0.02, 0.4), 2000) if limit == "narrow" else ((0.2, 0.8), 20_000)
    cash = round(rented * pick.uniform(*share) + more, -3) if limit else None
    return {"pools": shelf, "spend": spend, "limit": cash, "besides": besides, "seed": seed}


def written(plan):
    pick = random.Random(f"{plan['seed']} besides")
    lines = together.written(plan).split("\n")

    def change(start, old, new):
        for k, line in enumerate(lines):
            if line.strip().startswith(start):
                lines[k] = line.replace(old, new, 1)

    for p, one in enumerate(plan["pools"]):
        if "limit" in plan["besides"] and pick.random() < 0.7:
            most = max(1, int(max(one["need"]) * pick.uniform(0.2, 0.9)))
            change(f'pool "g{p}"', "{", f"{{ limit on-demand {most};")
        if "spot" in plan["besides"] and pick.random() < 0.7:
            price, there = round(one["price"] * pick.uniform(0.2, 0.7), 2), pick.choice(["100%", "80%", "50%"])
            share = pick.choice(["100%", "70%", "50%"])
            change(f'instance "n{p}"', "{", f'{{ price spot "{price} USD/hour" {{ availability "{there}"; }};')
            change(f'pool "g{p}"', "{", f'{{ spot {{ share "{share}"; }};')
            change(f'pool "g{p}"', "buy reserved on-demand;", "buy reserved on-demand spot;")
            change(f'workload "w{p}"', "{", "{ interruptible #true;")
    return "\n".join(lines)


def main():
    binary, out = sys.argv[1], pathlib.Path(sys.argv[2])
    seeds = int(sys.argv[3]) if len(sys.argv) > 3 else 20
    print("| plans | made | gap above 1e-3 | widest gap | furthest from HiGHS | CPU s at most |")
    print("|---|--:|--:|--:|--:|--:|")
    for kind in KINDS:
        pools, plans, most, limit, besides = kind
        wide, widest, furthest, longest = 0, 0.0, 0.0, 0.0
        for seed in range(1, seeds + 1):
            plan = made(seed, *kind)
            folder = out / "-".join(str(part).replace(" ", "-") for part in (*kind, seed))
            own, bound, cpu = together.capplan(binary, plan, folder, written)
            gap = (own - bound) / own if own else 0.0
            widest, longest = max(widest, gap), max(longest, cpu)
            if gap > OPEN:
                wide += 1
                if not besides:
                    best, _, _ = together.highs(plan)
                    furthest = max(furthest, own / best - 1)
        name = [f"{pools} pool{'s' * (pools > 1)} to {most} nodes"]
        name += [f"{plans} savings plan{'s' * (plans > 1)}"] * (plans > 0)
        name += [f"{limit} cash limit"] * bool(limit) + [besides.replace("limit", "limit on demand")] * bool(besides)
        print(
            f"| {', '.join(name)} | {seeds} | {wide} | {widest:.1e} | {'not asked' if besides else f'{furthest:.2%}'} "
            f"| {longest:.2f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
