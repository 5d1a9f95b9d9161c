"""A site whose rule changed: ``python -m tests.browser.parameters_site FOLDER``."""

import sys
from datetime import date, timedelta
from pathlib import Path

from .flags_site import serve

RULE = "opioid_high_dose_90d"


def fill(folder: Path) -> None:
    """Put a long spell of opioids into the ledger, with a value approved for its second half."""
    from audits import jobs, parameters, trail  # noqa: PLC0415
    from audits.catalogue import CATALOGUE  # noqa: PLC0415
    from audits.models import Job  # noqa: PLC0415

    from ..flag_fixtures import fill as given  # noqa: PLC0415
    from ..flag_fixtures import ingest  # noqa: PLC0415
    from ..people import person  # noqa: PLC0415

    first = date(2025, 1, 1)
    days = [(first + timedelta(30 * n)).isoformat() for n in range(6)]
    ingest(
        folder,
        "rx.csv",
        [given("long", n, filled_date=day) for n, day in enumerate(days)],
        "--kind",
        "prescriptions",
    )
    roles = {"ann": "administrator", "ada": "compliance officer", "eve": "auditor"}
    people = {name: person(role, name) for name, role in roles.items()}
    wanted = parameters.Wanted(
        value=90,
        valid_from=date(2025, 5, 1),
        valid_to=None,
        basis="guideline",
        source="State board of pharmacy, circular 12 of 2025, page 3",
    )
    acts = {name: {"by": who, "actor": trail.Actor.of_user(who)} for name, who in people.items()}
    of, reason = (CATALOGUE[RULE], "threshold_mme"), "The board asks for it."
    change = parameters.propose(of, wanted, reason, **acts["ann"])
    parameters.decide(change, agrees=True, reason="", **acts["ada"])
    for job in Job.objects.filter(state="queued"):
        assert jobs.run_in_foreground(job).state == Job.State.SUCCEEDED


if __name__ == "__main__":
    serve(sys.argv[1], fill)
