"""A site with drugs that nobody knows: ``python -m tests.browser.drugs_site FOLDER``."""

import sys
from pathlib import Path

from .flags_site import serve

LONG = "Hydrocodonum-bitartricum-paracetamolum-compositum-retardatum 7.5/325 mg tabulettae"


def fill(folder: Path) -> None:
    """Put records of four unknown drugs into the ledger and make the people."""
    from ..flag_fixtures import fill as given  # noqa: PLC0415
    from ..flag_fixtures import ingest, month  # noqa: PLC0415
    from ..people import person  # noqa: PLC0415

    coded = {"drug_name": LONG, "ndc11": "00000000017", "rxcui": "99999991"}
    rows = [
        {**each, "ndc11": "", "rxcui": ""} for each in month("mapped", drug_name="Dolorex forte 30")
    ]
    rows += [given("other", 0, **coded), given("other", 1, **coded)]
    rows += [{**given("third", 0, drug_name="Nameless mixture"), "ndc11": "", "rxcui": ""}]
    ingest(folder, "rx.csv", rows, "--kind", "prescriptions")
    for name, role in (("ann", "administrator"), ("ada", "compliance officer"), ("eve", "auditor")):
        person(role, name)


if __name__ == "__main__":
    serve(sys.argv[1], fill)
