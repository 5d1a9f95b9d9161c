"""A whole installation in a temporary folder, driven by its real commands."""

import csv
import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class Instance:
    """Its own database, ledger and keys; every call is a process of its own."""

    def __init__(self, folder: Path):
        self.folder = folder
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("OVERSIGHT_", "DATABASE"))}
        self.environment = {
            **kept,
            "OVERSIGHT_VAR": str(folder / "var"),
            "DJANGO_SETTINGS_MODULE": "oversight.settings",
        }

    @property
    def database(self) -> Path:
        return self.folder / "var" / "oversight.db"

    @property
    def ledger(self) -> Path:
        return self.folder / "var" / "ledger"

    def run(self, *arguments, **more) -> subprocess.CompletedProcess:
        command = [sys.executable, "-W", "ignore", str(ROOT / "manage.py"), *map(str, arguments)]
        return subprocess.run(
            command,
            check=False,
            capture_output=True,
            text=True,
            cwd=self.folder,
            env={**self.environment, **more},
        )

    def ask(self, *arguments) -> dict:
        """Return the JSON object that a command prints; it must succeed in silence."""
        done = self.run(*arguments, "--json")
        assert (done.returncode, done.stderr) == (0, ""), done.stderr or done.stdout
        return json.loads(done.stdout)

    def rows(self, sql: str) -> list[tuple]:
        with sqlite3.connect(self.database) as connection:
            return connection.execute(sql).fetchall()

    def alter(self, sql: str) -> None:
        with closing(sqlite3.connect(self.database)) as connection:
            connection.execute(sql)
            connection.commit()

    def file(self, name: str, rows: list[dict]) -> Path:
        """Return a CSV file with ``rows``; its columns are those that any row has."""
        path = self.folder / name
        columns = list(dict.fromkeys(column for row in rows for column in row))
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            writer.writerows(rows)
        return path

    def exported(self, *arguments) -> list[dict]:
        path = self.folder / "export.csv"
        self.ask("export", *arguments, "--format", "csv", "--output", path)
        with path.open(newline="", encoding="utf-8-sig") as file:
            return list(csv.DictReader(file))


def new(folder: Path) -> Instance:
    """Return an installation made from nothing."""
    instance = Instance(folder)
    done = instance.run("migrate", "--verbosity", "0")
    assert done.returncode == 0, done.stderr
    return instance
