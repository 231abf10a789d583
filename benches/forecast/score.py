"""How far a forecast is off: MASE, sMAPE, OWA and interval coverage, as the M4 competition defines them.

Source: Makridakis, Spiliotis, Assimakopoulos, "The M4 Competition: 100,000 time series and 61 forecasting
methods", International Journal of Forecasting 36 (2020), section 2.3 and its benchmarks' published code.
Plain Python, so that capplan can be scored where no peer can be installed.
"""

import math
from dataclasses import dataclass


@dataclass
class Forecast:
    """One series' forecast, in the unit of the series; each list has one value a step of the horizon."""

    mean: list
    lo80: list
    hi80: list
    lo95: list
    hi95: list


@dataclass
class Score:
    """Averages over the series scored."""

    series: int
    mase: float
    smape: float  # per cent, 0-200
    owa: float  # 1 = as good as Naive2
    cover80: float  # per cent of the points, 80 is right
    cover95: float  # per cent of the points, 95 is right


def autocorrelation(y, lag):
    """Of the series with itself `lag` steps later, -1 to 1; 0 for a constant series."""
    mean = sum(y) / len(y)
    variance = sum((v - mean) ** 2 for v in y)
    return sum((a - mean) * (b - mean) for a, b in zip(y[lag:], y)) / variance if variance else 0.0


def is_seasonal(y, season):
    """M4's test: is the autocorrelation at the season beyond a 90% band that allows for shorter lags?"""
    if season < 2 or len(y) < 3 * season or min(y) <= 0:
        return False
    lags = [autocorrelation(y, lag) for lag in range(1, season + 1)]
    band = 1.645 * math.sqrt((1 + 2 * sum(r * r for r in lags[:-1])) / len(y))
    return abs(lags[-1]) > band


def seasonal_indices(y, season):
    """Classical multiplicative decomposition: what each step of the season is, as a multiple of its
    centred moving average; the indices average 1."""
    half = season // 2
    ratios = [[] for _ in range(season)]
    for i in range(half, len(y) - half):
        window = y[i - half : i + half + 1]
        total = sum(window) if season % 2 else sum(window) - (window[0] + window[-1]) / 2
        if total:
            ratios[i % season].append(y[i] * season / total)
    indices = [sum(r) / len(r) if r else 1.0 for r in ratios]
    level = sum(indices) / season
    return [index / level for index in indices]


def naive2(y, horizon, season):
    """The last value, seasonally adjusted where the series is seasonal."""
    n = len(y)
    if not is_seasonal(y, season):
        return [y[-1]] * horizon
    index = seasonal_indices(y, season)
    return [y[-1] / index[(n - 1) % season] * index[(n + step) % season] for step in range(horizon)]


def scale(y, season):
    """MASE's unit: the mean absolute change over one season in the training part; None if there is none."""
    if len(y) <= season:
        return None
    return sum(abs(a - b) for a, b in zip(y[season:], y)) / (len(y) - season) or None


def mase(actual, forecast, unit):
    return sum(abs(a - f) for a, f in zip(actual, forecast)) / len(actual) / unit


def smape(actual, forecast):
    """Per cent, 0-200; two zeros are no error."""
    return sum(200 * abs(a - f) / max(abs(a) + abs(f), 1e-9) for a, f in zip(actual, forecast)) / len(actual)


def coverage(actual, low, high):
    """Per cent of the points inside the interval, ends included."""
    return 100 * sum(lo <= a <= hi for a, lo, hi in zip(actual, low, high)) / len(actual)


def score(series, forecasts, season):
    """Scores the series that have a forecast (and a scale); OWA is against Naive2 on the very same series.

    `series`: {id: Series}; `forecasts`: {id: Forecast}; `season`: steps, of Naive2 and of the scale.
    None where there is nothing to score. Coverage is NaN for a forecast without intervals.
    """
    own, base, inside = [], [], []
    for name, forecast in forecasts.items():
        one = series[name]
        unit = scale(one.train, season)
        if unit is None:
            continue
        reference = one.naive2(season)
        own.append((mase(one.test, forecast.mean, unit), smape(one.test, forecast.mean)))
        base.append((mase(one.test, reference, unit), smape(one.test, reference)))
        if forecast.lo80:
            inside.append(
                (coverage(one.test, forecast.lo80, forecast.hi80), coverage(one.test, forecast.lo95, forecast.hi95))
            )
    if not own:
        return None
    (m, s), (m2, s2) = averages(own), averages(base)
    c80, c95 = averages(inside) if inside else (math.nan, math.nan)
    owa = (ratio(m, m2) + ratio(s, s2)) / 2
    return Score(len(own), m, s, owa, c80, c95)


def averages(pairs):
    return tuple(sum(column) / len(pairs) for column in zip(*pairs))


def ratio(a, b):
    return a / b if b else math.nan
