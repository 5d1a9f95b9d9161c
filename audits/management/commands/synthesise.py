"""Write invented records with planted schemes, to try the product on."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from audits.management.console import Console, Refusal
from audits.synthesis import SynthesisError, figures, synthesise


class Command(Console):
    """Write the files; nothing is taken in."""

    help = "Write invented records with planted schemes and the truth about them."

    def add_options(self, parser: CommandParser) -> None:
        """Declare how many, from which seed, and where to."""
        parser.add_argument("--prescriptions", type=int, default=20_000, metavar="N")
        parser.add_argument("--seed", type=int, default=1, metavar="S")
        parser.add_argument("--output", type=Path, required=True, metavar="FOLDER")

    def answer(self, **options: Any) -> tuple[dict, int]:
        """Return what was written."""
        folder = options["output"]
        try:
            written = synthesise(
                folder, prescriptions=options["prescriptions"], seed=options["seed"]
            )
        except SynthesisError as error:
            raise Refusal(str(error)) from None
        except OSError as error:
            raise Refusal(f"{folder}: {error.strerror or error}") from None
        return {
            "folder": str(folder),
            "rows": dict(written.rows),
            "covers": {f"{k}.csv": f"{a}..{b}" for k, (a, b) in written.covers.items()},
            "seed": options["seed"],
            "meant_from_50000_prescriptions": figures(),
        }, 0

    def tell(self, answer: dict) -> None:
        """Print the files with their rows, and how each is to be taken in."""
        for name, rows in answer["rows"].items():
            covers = answer["covers"].get(name)
            whole = f", to be taken in with --covers {covers}" if covers else ""
            self.stdout.write(f"{answer['folder']}/{name}: {rows:,} rows{whole}")
