#!/usr/bin/env python3
"""Makes the measured histories of the acme plan: the same bytes on every machine.

    python3 plans/acme/data/generate.py

The CSV files need Python alone; `rerank.parquet` needs `pyarrow` (it is left alone without it).
The series are invented, and have what real ones have: growth, a week, a day, holidays, noise that
remembers yesterday, a few lost samples.
"""

import csv
import datetime as dt
import math
import pathlib
import random

HERE = pathlib.Path(__file__).parent
AS_OF = dt.date(2026, 11, 23)  # the first day that was not measured yet


def noise(rng, sigma, memory):
    """Multiplicative noise around 1 whose logarithm follows an AR(1) process."""
    state = 0.0
    while True:
        state = memory * state + math.sqrt(1 - memory**2) * rng.gauss(0, 1)
        yield math.exp(sigma * state - sigma**2 / 2)


def days(first):
    day = first
    while day < AS_OF:
        yield day
        day += dt.timedelta(days=1)


def months_since(day, first):
    return (day - first).days / 30.4375


def write_csv(name, header, rows):
    with open(HERE / name, "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def chats():
    """Chats a day, 26 months: steady growth that slows, quiet weekends, a quiet end of December."""
    rng, first = random.Random(11), dt.date(2024, 9, 23)
    wobble = noise(rng, 0.035, 0.6)
    week = [1.10, 1.12, 1.11, 1.08, 1.00, 0.78, 0.81]
    for day in days(first):
        t = months_since(day, first)
        level = 6_000_000 / (1 + (6_000_000 / 800_000 - 1) * math.exp(-0.06 * t))
        season = week[day.weekday()]
        if (day.month, day.day) >= (12, 23) or (day.month, day.day) <= (1, 2):
            season *= 0.78
        yield day.isoformat(), round(level * season * next(wobble))


def ads():
    """Ad requests a second, mean of each day, 25 months: November and December are the year's peak."""
    rng, first = random.Random(12), dt.date(2024, 10, 21)
    wobble = noise(rng, 0.03, 0.5)
    week = [0.97, 0.98, 0.99, 1.00, 1.04, 1.03, 0.99]
    for day in days(first):
        t = months_since(day, first)
        level = 5_900 * 1.015**t
        year = 1 + 0.06 * math.cos(2 * math.pi * (day.timetuple().tm_yday - 335) / 365.25)
        yield day.isoformat(), round(level * year * week[day.weekday()] * next(wobble), 1)


def moderation():
    """Images a second, mean of each hour, 8 months: an hourly week with busy evenings."""
    rng, first = random.Random(13), dt.date(2026, 3, 23)
    wobble = noise(rng, 0.05, 0.7)
    for day in days(first):
        for hour in range(24):
            t = months_since(day, first) + hour / 730.5
            level = 700 * 1.02**t
            daily = 1 + 0.48 * math.cos(2 * math.pi * (hour - 20) / 24)
            weekly = 1.12 if day.weekday() >= 5 else 0.952
            value = level * daily * weekly * next(wobble)
            if rng.random() < 0.002:
                continue  # a scrape was lost
            yield f"{day.isoformat()}T{hour:02}:00:00Z", round(value, 1)


def rerank():
    """Search requests a second, mean of each hour, 14 months: office hours and a lunch dip."""
    rng, first = random.Random(14), dt.date(2025, 9, 22)
    wobble = noise(rng, 0.04, 0.8)
    bumps = [0.42, 0.36, 0.33, 0.32, 0.34, 0.42, 0.60, 0.86, 1.14, 1.42, 1.56, 1.55,
             1.44, 1.50, 1.60, 1.62, 1.54, 1.38, 1.22, 1.14, 1.08, 0.94, 0.72, 0.54]
    for day in days(first):
        for hour in range(24):
            t = months_since(day, first) + hour / 730.5
            level = 2_350 * 1.022**t
            weekly = 0.62 if day.weekday() >= 5 else 1.152
            value = level * bumps[hour] * weekly * next(wobble)
            yield dt.datetime.combine(day, dt.time(hour)), round(value, 1)


def main():
    write_csv("chats.csv", ["day", "chats"], chats())
    write_csv("ads.csv", ["day", "rps"], ads())
    write_csv("moderation.csv", ["hour", "images_per_second"], moderation())
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        print("rerank.parquet is left alone: pyarrow is not installed")
        return
    rows = list(rerank())
    table = pa.table({
        "hour": pa.array([row[0] for row in rows], pa.timestamp("us")),
        "rps": pa.array([row[1] for row in rows], pa.float64()),
    })
    pq.write_table(table, HERE / "rerank.parquet", compression="zstd", store_schema=False)


if __name__ == "__main__":
    main()
