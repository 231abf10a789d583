"""The forecasters under comparison, each as `name(series, shape) -> Forecast` for one series.

A peer that is not installed is absent from `peers()`; `versions()` says what is there.
"""

import csv
import importlib.metadata
import logging
import resource
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

from score import Forecast

MODELS = {  # what --peers takes: what the table says
    "capplan": "capplan",
    "snaive": "statsforecast SeasonalNaive",
    "ets": "statsforecast AutoETS",
    "mstl": "statsforecast MSTL",
    "theta": "statsforecast DynamicOptimizedTheta",
    "ces": "statsforecast AutoCES",
    "ensemble": "mean of AutoETS, theta, AutoCES",
    "prophet": "Prophet, default",
}
MEMBERS = ("ets", "theta", "ces")
SLOW = ("ets", "ces", "ensemble")
SEED = 20_260_101


def children_seconds():
    """User and system time of every child this process has waited for."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def cpu_seconds():
    """The same, and of this process: Prophet works in both."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime + children_seconds()


def peers():
    """{name: forecaster} of the peers that can be imported, and {package: reason} of those that cannot."""
    found, absent = {}, {}
    warnings.simplefilter("ignore")
    for package, make in (("statsforecast", statsforecast), ("prophet", prophet)):
        try:
            found.update(make())
        except ImportError as error:
            absent[package] = str(error)
    return found, absent


def statsforecast():
    import numpy
    from statsforecast import models

    makers = {
        "snaive": lambda shape, n: models.SeasonalNaive(shape.season),
        "ets": lambda shape, n: models.AutoETS(season_length=shape.season),
        "mstl": lambda shape, n: models.MSTL(season_length=shape.seasons_within(n)),
        "theta": lambda shape, n: models.DynamicOptimizedTheta(season_length=shape.season),
        "ces": lambda shape, n: models.AutoCES(season_length=shape.season),
    }

    def forecaster(make):
        def forecast(series, shape):
            y = numpy.array(series.train)
            with numpy.errstate(all="ignore"):
                out = make(shape, len(y)).forecast(y=y, h=len(series.test), level=[80, 95])
            return Forecast(*(out[c].tolist() for c in ("mean", "lo-80", "hi-80", "lo-95", "hi-95")))

        return forecast

    return {name: forecaster(make) for name, make in makers.items()}


def prophet():
    """As it comes. Both intervals are quantiles of the same 1,000 draws, which is what Prophet itself does for one."""
    logging.getLogger("prophet.plot").disabled = True  # it asks for plotly
    import cmdstanpy
    import numpy
    import pandas
    from prophet import Prophet

    cmdstanpy.disable_logging().__enter__()

    def forecast(series, shape):
        numpy.random.seed(SEED)
        model = Prophet()
        draws = model.uncertainty_samples
        model.fit(pandas.DataFrame({"ds": pandas.to_datetime(series.train_times), "y": series.train}), seed=SEED)
        future = pandas.DataFrame({"ds": pandas.to_datetime(series.test_times)})
        model.uncertainty_samples = 0  # the mean alone: predict() would draw a second time
        mean = model.predict(future)["yhat"].tolist()
        model.uncertainty_samples = draws
        samples = model.predictive_samples(future)["yhat"]
        return Forecast(mean, *(numpy.percentile(samples, q, axis=1).tolist() for q in (10, 90, 2.5, 97.5)))

    return {"prophet": forecast}


def ensemble(parts):
    """The mean of the members' forecasts, and of their intervals' ends."""
    fields = ("mean", "lo80", "hi80", "lo95", "hi95")
    return Forecast(*([sum(v) / len(v) for v in zip(*(getattr(p, f) for p in parts))] for f in fields))


def capplan(binary, series, frequency):
    """{id: Forecast} of one run of `capplan forecast` for each horizon; raises RuntimeError if one run fails.

    Whole processes: start, reading the table and writing the forecasts are part of the cost.
    """
    horizons, found = {}, {}
    for name, one in series.items():
        horizons.setdefault(len(one.test), {})[name] = one
    with tempfile.TemporaryDirectory() as folder:
        for horizon, group in horizons.items():
            table = Path(folder, f"horizon-{horizon}.csv")
            write_table(table, group)
            command = [binary, "forecast", table, "--horizon", str(horizon), "--frequency", frequency]
            command += ["--interval", "80,95", "--format", "csv"]
            try:
                done = subprocess.run(command, capture_output=True, text=True)
            except OSError as error:
                raise RuntimeError(f"{binary}: {error.strerror}") from error
            if done.returncode:
                reason = " ".join(done.stderr.split())
                raise RuntimeError(f"capplan forecast left with status {done.returncode}: {reason[:200]}")
            found.update(read_forecasts(done.stdout))
    return found


def write_table(path, group):
    with open(path, "w", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(("unique_id", "ds", "y"))
        for name, one in group.items():
            rows.writerows((name, time, value) for time, value in zip(one.train_times, one.train))


def read_forecasts(text):
    """{id: Forecast} of a table `unique_id,ds,mean,lo80,hi80,lo95,hi95`."""
    found = {}
    for row in csv.DictReader(text.splitlines()):
        try:
            one = found.setdefault(row["unique_id"], Forecast([], [], [], [], []))
            for field, values in vars(one).items():
                values.append(float(row[field] or "nan"))
        except (KeyError, ValueError) as error:
            raise RuntimeError(f"capplan forecast wrote an unexpected table: {error!r}") from error
    return found


def versions(binary):
    """[(tool, version)] of everything that takes part."""
    try:
        own = subprocess.run([binary, "--version"], capture_output=True, text=True).stdout.split()
    except OSError:
        own = []
    found = [("capplan", own[-1] if own else "not found"), ("Python", sys.version.split()[0])]
    for package in ("statsforecast", "prophet", "cmdstanpy", "numpy", "pandas", "scipy", "coreforecast", "numba"):
        try:
            found.append((package, importlib.metadata.version(package)))
        except importlib.metadata.PackageNotFoundError:
            pass
    return found
