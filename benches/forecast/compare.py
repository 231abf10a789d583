"""Measures capplan's forecasts beside statsforecast and Prophet on the same series; start it with `run`.

FOLDER holds SET.csv with the columns `unique_id,ds,y,split`, split being `train` or `test`. Every model sees
the training part only, one series after the other, on one core.
"""

import argparse
import csv
import math
import os
import platform
import shlex
import signal
import sys
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path

import models
from score import Forecast, naive2, score

ROOT = Path(__file__).resolve().parents[2]
SLOW_POINTS = 1_000  # mean length of a set's training parts, beyond which the slow models need --slow


@dataclass
class Shape:
    """What the models are told of a set; lengths in steps."""

    frequency: str  # capplan's name for the spacing
    scored: int  # the season of Naive2 and of MASE's scale: the M competitions' own, 1 for daily and weekly
    season: int  # the season the models are given
    seasons: tuple  # the seasons MSTL is given

    def seasons_within(self, n):
        """Those a series of n steps shows at least three times; the shortest if none."""
        return [s for s in self.seasons if n >= 3 * s] or [min(self.seasons)]


HOUR, MONTH = Shape("h", 24, 24, (24, 168)), Shape("MS", 12, 12, (12,))
DAY, WEEK = Shape("D", 7, 7, (7, 365)), Shape("W", 1, 52, (52,))
SETS = {
    "m4_hourly": HOUR,
    "m3_monthly": MONTH,
    "m4_weekly": WEEK,
    "m4_daily": Shape("D", 1, 7, (7, 365)),
    "ops_hourly": HOUR,
    "long_daily": DAY,
}
SPACINGS = ((1, HOUR), (24, DAY), (168, WEEK), (24 * 31, MONTH), (24 * 30, MONTH))  # hours: shape


@dataclass
class Series:
    train_times: list = field(default_factory=list)
    train: list = field(default_factory=list)
    test_times: list = field(default_factory=list)
    test: list = field(default_factory=list)
    reference: list = None

    def parts(self):
        return {"train": (self.train_times, self.train), "test": (self.test_times, self.test)}

    def naive2(self, season):
        """Naive2's forecast, worked out once."""
        if self.reference is None:
            self.reference = naive2(self.train, len(self.test), season)
        return self.reference


@dataclass
class Row:
    model: str
    score: object = None  # Score
    failed: int = 0  # series without a usable forecast
    cpu_ms: float = math.nan  # user and system, a series tried
    note: str = ""


def read_set(path, limit):
    """{id: Series} in the file's order: the first `limit` of those with both parts."""
    found = {}
    with open(path, newline="") as file:
        for line, row in enumerate(csv.DictReader(file), 2):
            try:
                one = found.setdefault(row["unique_id"], Series())
                times, values = one.parts()[row["split"]]
                values.append(float(row["y"]))
                times.append(row["ds"])
            except (KeyError, TypeError, ValueError) as error:
                raise ValueError(f"line {line}: {error!r}") from error
    whole = [(name, one) for name, one in found.items() if one.train and one.test]
    if not whole:
        raise ValueError("no series with a train and a test part")
    return dict(whole[:limit])


def infer_shape(series):
    """By the most frequent spacing of `ds`; None if capplan has no name for it."""
    gaps = Counter()
    for one in series.values():
        times = [datetime.fromisoformat(t) for t in one.train_times]
        gaps.update((b - a).total_seconds() / 3600 for a, b in zip(times, times[1:]))
    return dict(SPACINGS).get(gaps.most_common(1)[0][0]) if gaps else None


class Runner:
    """Runs the models on one set; what an ensemble needs of another row is computed once."""

    def __init__(self, name, series, shape, options, peers):
        self.name, self.series, self.shape, self.options, self.peers = name, series, shape, options, peers
        self.done = {}  # model: ({id: Forecast}, CPU seconds)

    def row(self, model):
        points = sum(len(one.train) for one in self.series.values()) / len(self.series)
        if model in models.SLOW and points > SLOW_POINTS and not self.options.slow:
            return Row(models.MODELS[model], note="left out: slow on long series (`--slow` runs it)")
        needed = models.MEMBERS if model == "ensemble" else (model,)
        if model != "capplan" and any(one not in self.peers for one in needed):
            return Row(models.MODELS[model], note="skipped: not installed")
        try:
            forecasts, seconds = self.forecasts(model)
        except RuntimeError as error:
            return Row(models.MODELS[model], failed=len(self.series), note=f"failed: {error}")
        return self.scored(models.MODELS[model], forecasts, 1000 * seconds / len(self.series))

    def scored(self, label, forecasts, cpu_ms):
        usable = {name: one for name, one in forecasts.items() if name in self.series and self.usable(name, one)}
        return Row(label, score(self.series, usable, self.shape.scored), len(self.series) - len(usable), cpu_ms)

    def usable(self, name, forecast):
        """A finite mean for every step of the test part."""
        return len(forecast.mean) == len(self.series[name].test) and all(map(math.isfinite, forecast.mean))

    def forecasts(self, model):
        if model not in self.done:
            run = {"capplan": self.capplan, "ensemble": self.ensemble}.get(model)
            self.done[model] = run() if run else self.peer(model)
        return self.done[model]

    def capplan(self):
        say(f"{self.name}: capplan")
        start = models.children_seconds()
        found = models.capplan(self.options.binary, self.series, self.shape.frequency)
        return found, models.children_seconds() - start

    def ensemble(self):
        """Series that every member forecasts; the cost is the members' together."""
        parts = [self.forecasts(member) for member in models.MEMBERS]
        both = [n for n in self.series if all(n in p and self.usable(n, p[n]) for p, _ in parts)]
        return {n: models.ensemble([p[n] for p, _ in parts]) for n in both}, sum(seconds for _, seconds in parts)

    def peer(self, model):
        """One forecast before the clock starts, for set-up and just-in-time compilation."""
        say(f"{self.name}: {model}")
        forecast, found, seconds = self.peers[model], {}, 0.0
        for count, (name, one) in enumerate([next(iter(self.series.items())), *self.series.items()]):
            tick(f"{count} of {len(self.series)}")
            start = models.cpu_seconds()
            try:
                found[name] = forecast(one, self.shape)
            except Exception as error:  # a peer's failure is a result, whatever its type
                if count:
                    say(f"{self.name}: {model} fails on {name}: {error!r}")
            if Interrupt.seen:
                raise KeyboardInterrupt
            seconds += models.cpu_seconds() - start if count else 0.0
        return found, seconds


class Interrupt:
    """Remembers Ctrl-C, because a peer may take it for a failure of its own."""

    seen = False

    @classmethod
    def handle(cls, *_):
        cls.seen = True
        raise KeyboardInterrupt


def say(text):
    """A line of progress."""
    print(("\r\x1b[K" if sys.stderr.isatty() else "") + text, file=sys.stderr, flush=True)


def tick(text):
    """Progress within a line, on a terminal only."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K  {text}", end="", file=sys.stderr, flush=True)


def cell(value, digits):
    return "–" if math.isnan(value) else f"{value:,.{digits}f}"


def order(row):
    owa = row.score.owa if row.score else math.inf
    return math.inf if math.isnan(owa) else owa


def table(rows):
    """Markdown, the best OWA first."""
    lines = [
        "| model | series | failed | MASE | sMAPE % | OWA | in 80% | in 95% | CPU ms a series |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for row in sorted(rows, key=order):
        s = row.score
        if s is None:
            note = (row.note or "nothing to score").replace("|", "/")
            lines.append(f"| {row.model}: {note} | 0 | {row.failed} |{' – |' * 6}")
            continue
        values = [cell(s.mase, 3), cell(s.smape, 2), cell(s.owa, 3), cell(s.cover80, 0), cell(s.cover95, 0)]
        cpu = cell(row.cpu_ms, 1)
        lines.append(f"| {row.model} | {s.series} | {row.failed} | {' | '.join(values)} | {cpu} |")
    return lines


def machine():
    """CPU model and core count, as Linux or Python names them."""
    model = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    return f"{model}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}"


def heading(options, absent):
    versions = ", ".join(f"{tool} {version}" for tool, version in models.versions(options.binary))
    command = os.environ.get("FORECAST_COMMAND") or shlex.join(sys.argv)
    lines = [
        "# Forecasts of capplan and of its peers on the same series",
        "",
        f"- Date: {datetime.now(timezone.utc):%Y-%m-%d %H:%M} UTC",
        f"- Machine: {machine()}; one core is used",
        f"- Versions: {versions}",
        f"- Command: `{command.strip()}`",
        "- CPU: user and system of the whole work on a set, one core. capplan: whole processes, with reading and"
        " writing tables. Peers: on series already in memory; imports and a first forecast (just-in-time"
        " compilation) are not counted.",
    ]
    return lines + [f"- Skipped: {package} ({reason})" for package, reason in absent.items()]


def section(name, series, shape, rows):
    horizons = " or ".join(str(h) for h in sorted({len(one.test) for one in series.values()}))
    title = f"## {name}: {len(series)} series, horizon {horizons}, frequency {shape.frequency}"
    seasons = f"Season {shape.season}, MSTL {'+'.join(map(str, shape.seasons))}; of Naive2 and MASE {shape.scored}."
    return ["", title, "", seasons, "", *table(rows)]


def arguments():
    shared = Path(os.environ.get("CAPPLAN_SHARED", ROOT.parent / "shared"))
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    parser = argparse.ArgumentParser(
        prog="run", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    option = parser.add_argument
    option("--data", type=Path, default=shared / "data/forecast", metavar="FOLDER", help="default %(default)s")
    option("--sets", type=names, metavar="A,B", help="default: every CSV file of the folder")
    option("--series", type=positive, metavar="N", help="only the first N series of each set")
    option("--peers", type=known_models, default=list(models.MODELS), metavar="A,B",
           help=f"of {','.join(models.MODELS)} (default: all)")
    option("--slow", action="store_true",
           help=f"{', '.join(models.SLOW)} also where series are longer than {SLOW_POINTS:,} points on average")
    option("--binary", type=Path, default=target / "release/capplan", metavar="PATH", help="default %(default)s")
    option("--out", type=Path, metavar="FILE.md", help="write the report to a file as well")
    return parser.parse_args()


def names(text):
    return [name.strip() for name in text.split(",") if name.strip()]


def positive(text):
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


def known_models(text):
    unknown = [name for name in names(text) if name not in models.MODELS]
    if unknown:
        raise argparse.ArgumentTypeError(f"unknown: {', '.join(unknown)}; there are {', '.join(models.MODELS)}")
    return names(text)


def compare_set(name, options, peers, report):
    """Adds the set's table to the report, also when it is interrupted half-way."""
    rows = []
    try:
        series = read_set(options.data / f"{name}.csv", options.series)
        shape = SETS.get(name) or infer_shape(series)
        if shape is None:
            raise ValueError("the times are not an hour, a day, a week or a month apart")
    except (OSError, ValueError) as error:
        report += ["", f"## {name}", "", f"Skipped: {error}"]
        return
    runner = Runner(name, series, shape, options, peers)
    try:
        for model in options.peers:
            rows.append(runner.row(model))
        reference = {n: Forecast(one.naive2(shape.scored), [], [], [], []) for n, one in series.items()}
        rows.append(runner.scored("Naive2", reference, math.nan))
    finally:
        if rows:
            report += section(name, series, shape, rows)


def main():
    options = arguments()
    signal.signal(signal.SIGINT, Interrupt.handle)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    sets = options.sets or sorted(path.stem for path in options.data.glob("*.csv"))
    if not sets:
        sys.exit(f"no CSV file in {options.data}; --data names the folder")
    peers, absent = models.peers() if set(options.peers) - {"capplan"} else ({}, {})
    report, status = heading(options, absent), 0
    try:
        for name in sets:
            compare_set(name, options, peers, report)
    except KeyboardInterrupt:
        report += ["", "Interrupted: the tables above hold what was done by then."]
        status = 130
    say("done")
    print("\n".join(report), flush=True)
    if options.out:
        options.out.write_text("\n".join(report) + "\n")
    return status


if __name__ == "__main__":
    sys.exit(main())
