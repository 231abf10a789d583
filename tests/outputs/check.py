"""Holds the data of reports against what is published of them.

check.py FOLDER: every JSON file below it against its schema in docs/schemas/, and every Parquet file against the CSV
file beside it, cell by cell. Prints what differs; exits with 1 if anything does.
"""

import csv
import decimal
import json
import pathlib
import sys

import jsonschema
import pyarrow.parquet

SCHEMAS = pathlib.Path(__file__).parents[2] / "docs" / "schemas"
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def shown(value, name):
    """A cell of Parquet as CSV shows it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return "'" + value if value.startswith(FORMULA) else value
    return value.strftime("%Y-%m") if name == "month" else str(value)


def cells(path):
    """What differs between a Parquet file and the CSV file beside it."""
    table = pyarrow.parquet.read_table(path)
    with path.with_suffix(".csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    if table.num_rows != len(rows):
        yield f"{table.num_rows} rows, {len(rows)} in CSV"
        return
    for number, (row, text) in enumerate(zip(table.to_pylist(), rows), 1):
        if list(row) != list(text):
            yield f"columns {list(row)}, {list(text)} in CSV"
            return
        for name, value in row.items():
            if isinstance(value, decimal.Decimal):
                same = decimal.Decimal(text[name]) == value
            else:
                same = text[name] == shown(value, name)
            if not same:
                yield f"row {number}, {name}: {value!r}, {text[name]!r} in CSV"


def main(folder):
    wrong, documents, tables = 0, 0, 0
    for path in sorted(pathlib.Path(folder).rglob("*")):
        found = []
        schema = SCHEMAS / f"{path.stem}.schema.json"
        if path.suffix == ".json" and schema.exists():
            documents += 1
            validator = jsonschema.Draft202012Validator(json.loads(schema.read_text()))
            document = json.loads(path.read_text())
            found = [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(document)]
        if path.suffix == ".parquet":
            tables += 1
            found = list(cells(path))
        wrong += len(found)
        for message in found[:10]:
            print(f"{path}: {message}")
    print(f"{documents} documents against their schemas, {tables} tables against their CSV, {wrong} differences")
    return 1 if wrong or not documents or not tables else 0


sys.exit(main(sys.argv[1]))
