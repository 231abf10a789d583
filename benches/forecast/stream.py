#!/usr/bin/env python3
"""Measures what `capplan forecast` costs on tables of many series: time, and whether memory stays bounded.

    stream.py [--series 500,5000] [--points 1000] [--horizon 168] [--binary PATH] [--keep]

Writes a seeded table of hourly series with trend, day, week and noise to target/forecast-stream/, runs capplan
on it, and prints a Markdown table. The smaller table is the start of the larger one. Wall and CPU seconds (user
and system) and peak resident memory are of the whole process, as the kernel counts them for a child (wait4).
Nothing beyond Python itself is needed.
"""

import argparse
import math
import os
import random
import shlex
import subprocess
import sys
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

from compare import ROOT, machine
from models import versions

TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
SEED = 20_260_101
RSS_BYTES = 1 if sys.platform == "darwin" else 1024  # the unit of ru_maxrss


def values(number, points):
    """One series: level x (1 + trend + day + week) + noise, never below 0; its own seed, so that any table agrees."""
    rng = random.Random(SEED + number)
    level, growth = 10 ** rng.uniform(1, 4), rng.uniform(-0.2, 0.8) / points
    day, week, noise = rng.uniform(0.05, 0.4), rng.uniform(0.02, 0.2), rng.uniform(0.02, 0.1)
    shift = rng.uniform(0, 24)
    cycle = [
        day * math.sin(math.tau * (hour + shift) / 24) + week * math.cos(math.tau * hour / 168) for hour in range(168)
    ]
    return [
        max(0.0, level * (1 + growth * step + cycle[step % 168] + rng.gauss(0, noise))) for step in range(points)
    ]


def write_table(path, series, points):
    """`unique_id,ds,y`, a series after the other."""
    start = datetime(2026, 1, 5)
    times = [(start + timedelta(hours=step)).isoformat() for step in range(points)]
    with open(path, "w") as file:
        file.write("unique_id,ds,y\n")
        for number in range(series):
            name = f"s{number:06}"
            rows = zip(times, values(number, points))
            file.write("".join(f"{name},{at},{value:.3f}\n" for at, value in rows))


def measure(command, output):
    """(status, wall seconds, CPU seconds, peak resident bytes) of one process."""
    with open(output, "wb") as file:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=file)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * RSS_BYTES


def counts(text):
    return [int(part) for part in text.split(",")]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--series", type=counts, default=[500, 5_000], metavar="A,B")
    parser.add_argument("--points", type=int, default=1_000, metavar="N", help="hours of history a series")
    parser.add_argument("--horizon", type=int, default=168, metavar="H", help="hours ahead")
    parser.add_argument("--binary", type=Path, default=TARGET / "release/capplan", metavar="PATH")
    parser.add_argument("--keep", action="store_true", help="keep the tables")
    options = parser.parse_args()

    folder = TARGET / "forecast-stream"
    folder.mkdir(parents=True, exist_ok=True)
    print(f"- Date: {datetime.now(timezone.utc):%Y-%m-%d %H:%M} UTC\n- Machine: {machine()}")
    print("- Versions: " + ", ".join(f"{tool} {version}" for tool, version in versions(options.binary)[:2]))
    print(f"- Command: `{shlex.join(sys.argv)}`")
    print(f"- Each series: {options.points:,} hours of history, {options.horizon} ahead\n")
    print("| series | input MB | wall s | CPU s | CPU ms a series | peak RSS MB |")
    print("|--:|--:|--:|--:|--:|--:|", flush=True)
    failed = False
    for series in options.series:
        table, output = folder / f"{series}.csv", folder / f"{series}-forecast.csv"
        try:
            print(f"writing {series:,} series ...", file=sys.stderr)
            write_table(table, series, options.points)
            size = table.stat().st_size / 1e6
            print(f"forecasting {series:,} series ...", file=sys.stderr)
            command = [options.binary, "forecast", table, "--horizon", str(options.horizon), "--frequency", "h"]
            status, wall, cpu, peak = measure([*command, "--interval", "80,95", "--format", "csv"], output)
            with open(output, "rb") as file:
                rows = sum(1 for _ in file) - 1
        except OSError as error:
            sys.exit(str(error))
        finally:
            if not options.keep:
                table.unlink(missing_ok=True)
                output.unlink(missing_ok=True)
        if status or rows != series * options.horizon:
            failed = True
            print(f"{series:,} series: status {status}, {max(rows, 0):,} rows instead of "
                  f"{series * options.horizon:,}", file=sys.stderr)
            continue
        print(f"| {series:,} | {size:,.0f} | {wall:.1f} | {cpu:.1f} | {1000 * cpu / series:.1f} | {peak / 1e6:,.0f} |",
              flush=True)
    return failed


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
