"""Replays commitments on three years of hourly VM demand: see replay.rs.

    CAPPLAN_SHARED=../shared benches/procure/run replay [--types]

The trace (hours × regions × types of a cloud data platform, 2021-02 to 2024-01, normalised) is replayed summed to one pool, and
with a pool for each region; with `--types` also with one for each region and type, which takes minutes.
"""

import collections
import csv
import gzip
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
TRACE = pathlib.Path(os.environ.get("CAPPLAN_SHARED", HERE.parents[1] / ".." / "shared")) / "data/traces/shavedice_hourly_normalized.csv.gz"
REPLAY = HERE / "target" / "release" / "replay"


def main():
    if not TRACE.exists():
        sys.exit(f"no {TRACE}: set CAPPLAN_SHARED to the folder that has it")
    series = collections.defaultdict(lambda: collections.defaultdict(float))
    with gzip.open(TRACE, "rt") as text:
        for row in csv.DictReader(text):
            units = float(row["NORM_USAGE"])
            series["all"][row["USAGE_HOUR"]] += units
            series[f"region {row['REGION_NUM']}"][row["USAGE_HOUR"]] += units
            series[f"{row['REGION_NUM']} {row['INSTANCE_TYPE']}"][row["USAGE_HOUR"]] += units
    hours = sorted(series["all"])
    regions = sorted(name for name in series if name.startswith("region "))
    types = sorted(set(series) - {"all", *regions})
    tables = [("One pool", ["all"]), ("A pool for each region", regions)]
    if "--types" in sys.argv:
        tables.append(("A pool for each region and type", types))
    for title, names in tables:
        table = HERE / "target" / "hours.csv"
        rows = (",".join(f"{series[name].get(hour, 0.0):g}" for name in names) for hour in hours)
        table.write_text("\n".join(rows) + "\n")
        print(f"\n{title} ({len(names)} series)\n", flush=True)
        subprocess.run([REPLAY, table], check=True)


if __name__ == "__main__":
    main()
