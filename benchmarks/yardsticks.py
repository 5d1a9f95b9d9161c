"""What others need for the same prescriptions, as processes to be timed by ``ingest``.

Run: ``python -m benchmarks.yardsticks parquet FILE.csv INTO.parquet``, or ``copy`` or ``rows``
with the file and the URL of a PostgreSQL server, in which a schema is made and dropped.
"""

import csv
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from audits.schema import KINDS

PRESCRIPTIONS = KINDS["prescriptions"]
THREADS = 2  # as many as a worker of the product has
SCHEMA = "oversight_benchmark"
FIRST_ROWS, AT_ONCE = 100_000, 1_000


def parquet(file: str, into: str) -> None:
    """Turn the file into Parquet with DuckDB, every column of its declared type: Y."""
    import duckdb  # noqa: PLC0415 - each yardstick starts with what it needs, like any program

    types = ", ".join(f"'{f.name}': '{f.sql_type}'" for f in PRESCRIPTIONS.fields)
    with duckdb.connect(config={"threads": THREADS}) as connection:
        rows = f"read_csv('{file}', header = true, types = {{{types}}})"
        connection.execute(f"COPY (FROM {rows}) TO '{into}' (FORMAT parquet)")


def copy(file: str, server: str) -> None:
    """Load the file into a PostgreSQL table of text columns, unlogged and without index."""
    import psycopg  # noqa: PLC0415

    columns = ", ".join(f'"{field.name}" text' for field in PRESCRIPTIONS.fields)
    into = f"COPY {SCHEMA}.loaded FROM STDIN (FORMAT csv, HEADER)"
    connected = psycopg.connect(server, autocommit=True)
    with connected as connection, connection.cursor() as cursor, _schema(cursor):
        cursor.execute(f"CREATE UNLOGGED TABLE {SCHEMA}.loaded ({columns})")
        with Path(file).open("rb") as blocks, cursor.copy(into) as copying:
            while block := blocks.read(1 << 20):
                copying.write(block)


def rows(file: str, server: str) -> None:
    """Insert the first 100,000 rows into a PostgreSQL table by Django's ``bulk_create``."""
    os.environ["DATABASE_URL"] = server
    os.environ["DJANGO_SETTINGS_MODULE"] = "oversight.settings"
    import django  # noqa: PLC0415

    django.setup()
    from django.db import connection, models  # noqa: PLC0415

    texts = {f.name: models.TextField(null=True) for f in PRESCRIPTIONS.fields}
    meta = type("Meta", (), {"app_label": "benchmark", "db_table": f'{SCHEMA}"."inserted'})
    model = type("Inserted", (models.Model,), {**texts, "Meta": meta, "__module__": __name__})
    with connection.cursor() as cursor, _schema(cursor):
        with connection.schema_editor() as editor:
            editor.create_model(model)
        with Path(file).open(newline="") as text:
            records = islice(csv.DictReader(text), FIRST_ROWS)
            while some := [model(**record) for record in islice(records, AT_ONCE)]:
                model.objects.bulk_create(some)


@contextmanager
def _schema(cursor) -> Iterator[None]:
    cursor.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
    cursor.execute(f"CREATE SCHEMA {SCHEMA}")
    try:
        yield
    finally:
        cursor.execute(f"DROP SCHEMA {SCHEMA} CASCADE")


if __name__ == "__main__":
    {"parquet": parquet, "copy": copy, "rows": rows}[sys.argv[1]](*sys.argv[2:])
