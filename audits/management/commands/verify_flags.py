"""``manage.py verify_flags``: are the flags those that the records give?"""

from collections import Counter
from dataclasses import asdict
from typing import Any

from audits.management.console import Console, Refusal
from audits.verification.flags import OutdatedError, verify
from audits.verification.handover import FreshError

LISTED = 1_000
KINDS = ("altered", "missing", "extra")


class Command(Console):
    """Evaluate afresh in another process, from a copy of the ledger, and compare."""

    help = "Evaluate afresh from a copy of the ledger and compare; exit 1 where a flag differs."

    def answer(self, **options: Any) -> tuple[dict, int]:
        """Return each flag that is altered, missing or extra; status 1 where there is one."""
        try:
            verdict = verify()
        except (OutdatedError, FreshError) as error:
            raise Refusal(str(error)) from error
        evaluation = verdict.evaluation
        totals = Counter(difference.kind for difference in verdict.differences)
        found = [_facts(asdict(each)) for each in verdict.differences[:LISTED]]
        return {
            "ok": not verdict.differences,
            "evaluation": evaluation.pk if evaluation else None,
            "ledger_version": evaluation.snapshot_id if evaluation else None,
            "as_of": evaluation.as_of.isoformat() if evaluation else None,
            "flags": verdict.flags,
            "totals": {kind: totals[kind] for kind in KINDS},
            **{kind: [each for each in found if each["kind"] == kind] for kind in KINDS},
            "seconds": round(verdict.seconds, 3),
        }, int(bool(verdict.differences))

    def tell(self, answer: dict) -> None:
        """Print one line for the whole and one for each difference."""
        if answer["evaluation"] is None:
            self.stdout.write("Nothing has been evaluated yet.")
            return
        told = f"{answer['flags']:,} flags as of {answer['as_of']}, {answer['seconds']:.1f} s"
        if answer["ok"]:
            self.stdout.write(f"The flags are those that the records give: {told}.")
            return
        counts = ", ".join(f"{count:,} {kind}" for kind, count in answer["totals"].items())
        self.stdout.write(f"The flags are NOT those that the records give: {counts}; {told}.")
        for each in (each for kind in KINDS for each in answer[kind]):
            words = [f"{name} {value}" for name, value in each.items() if name != "kind"]
            self.stdout.write(f"  {each['kind']}: {', '.join(words)}")


def _facts(difference: dict) -> dict:
    """Return a difference without what it has no word for."""
    return {name: value for name, value in difference.items() if value not in ("", None)}
