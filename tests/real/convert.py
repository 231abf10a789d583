#!/usr/bin/env python3
"""Makes `target/real/fleet/`: the plan beside this file, and the history it reads.

    CAPPLAN_SHARED=../shared python3 tests/real/convert.py && cargo run -- check target/real/fleet

Input: the hourly VM demand of a cloud fleet, 2021-02 to 2024-01, by region and instance type
(Snowflake-Labs shavedice-dataset, Zenodo 15015992, CC BY 4.0), as
`$CAPPLAN_SHARED/data/traces/shavedice_hourly_normalized.csv.gz`. Output: `fleet.csv` in long form
(`hour,region,type,usage`), hours in order, only the series that the plan names. Hours that the
data set leaves out stay out: capplan sees them as not measured. Exits 2 where the input is absent.
"""

import csv
import gzip
import os
import pathlib
import re
import shutil
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
OUT = ROOT / "target" / "real" / "fleet"


def main():
    shared = pathlib.Path(os.environ.get("CAPPLAN_SHARED") or ROOT.parent / "shared")
    source = shared / "data" / "traces" / "shavedice_hourly_normalized.csv.gz"
    if not source.exists():
        print(f"no {source}: set CAPPLAN_SHARED to the folder that has it", file=sys.stderr)
        return 2

    plan = (HERE / "fleet" / "plan.kdl").read_text()
    wanted = set(re.findall(r'where "region" "(\w+)"; where "type" "(\w+)"', plan))
    rows = []
    with gzip.open(source, "rt", newline="") as file:
        for row in csv.DictReader(file):
            if (row["REGION_NUM"], row["INSTANCE_TYPE"]) in wanted:
                hour = row["USAGE_HOUR"][:19].replace(" ", "T") + "Z"
                rows.append((hour, row["REGION_NUM"], row["INSTANCE_TYPE"], row["NORM_USAGE"]))
    found = {(row[1], row[2]) for row in rows}
    if found != wanted:
        print(f"the data set has no series for {sorted(wanted - found)}", file=sys.stderr)
        return 1
    rows.sort()

    OUT.mkdir(parents=True, exist_ok=True)
    with open(OUT / "fleet.csv", "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["hour", "region", "type", "usage"])
        writer.writerows(rows)
    shutil.copyfile(HERE / "fleet" / "plan.kdl", OUT / "plan.kdl")
    print(f"{OUT.relative_to(ROOT)}: {len(rows)} rows of {len(found)} series")
    return 0


if __name__ == "__main__":
    sys.exit(main())
