"""``manage.py verify_imports``: is the ledger what the stored files say?"""

from collections import Counter
from dataclasses import asdict
from typing import Any

from audits.management.console import Console
from audits.verification.imports import verify

LISTED = 1_000


class Command(Console):
    """Read every stored file a second time, by another reader, and compare with the ledger."""

    help = "Read the stored files again and compare with the ledger; exit 1 where one disagrees."

    def answer(self, **options: Any) -> tuple[dict, int]:
        """Return each problem with its upload and row, never a value; status 1 with any."""
        problems, tally = verify()
        return {
            "ok": not problems,
            "uploads": tally.uploads,
            "records": tally.records,
            "problems_total": len(problems),
            "totals": Counter(problem.code for problem in problems),
            "problems": [_facts(asdict(problem)) for problem in problems[:LISTED]],
        }, int(bool(problems))

    def tell(self, answer: dict) -> None:
        """Print one line for the whole and one for each problem."""
        told = f"{answer['uploads']:,} uploads, {answer['records']:,} records"
        if answer["ok"]:
            self.stdout.write(f"The ledger is what the stored files say: {told}.")
            return
        problems = f"{answer['problems_total']:,} problems"
        self.stdout.write(f"The ledger is NOT what the stored files say: {problems} in {told}.")
        for each in answer["problems"]:
            words = [f"{name} {value}" for name, value in each.items() if name != "code"]
            self.stdout.write(f"  {each['code'].replace('_', ' ')}: {', '.join(words)}")


def _facts(problem: dict) -> dict:
    """Return a problem without what it has no word for."""
    return {name: value for name, value in problem.items() if value not in ("", None)}
