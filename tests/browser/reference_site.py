"""A site with reference tables and a worker: ``python -m tests.browser.reference_site FOLDER``."""

import sys
import threading
from pathlib import Path

from .flags_site import serve


def fill(folder: Path) -> None:
    """Put a version of each table in force and let one wait whose code stands in records."""
    from audits import jobs, tasks  # noqa: F401, PLC0415 - tasks know all work
    from audits.reference import shipped  # noqa: PLC0415

    from ..paths import ingest  # noqa: PLC0415
    from ..people import person  # noqa: PLC0415
    from ..reference_files import OXYCODONE_BY_CDC, cdc_csv, nucc_csv, own_csv  # noqa: PLC0415
    from ..reference_versions import NDC, activated, files, fills, loaded  # noqa: PLC0415

    roles = {"ann": "administrator", "ben": "administrator", "eve": "auditor"}
    people = {name: person(role, name) for name, role in roles.items()}
    ingest(fills())
    activated(people, loaded(people, of=files(), edition="2026-10"))
    cdc = cdc_csv(OXYCODONE_BY_CDC | {"NDC": NDC, "DEAClassCode": "6"})
    activated(people, loaded(people, "cdc_mme", [cdc], "2018-09"))
    named = nucc_csv("9999Z9999X,Others,Nobody,,,,,,,Nobody at all,Individual")
    activated(people, loaded(people, "nucc", [named], "26.1"))
    loaded(people, of=files(DEASCHEDULE="CIII", ACTIVE_NUMERATOR_STRENGTH="15"), edition="2026-11")
    later = [{**each, "valid_from": "2027-01-01"} for each in shipped("pa_authority")]
    loaded(people, "pa_authority", [own_csv("pa_authority", later)], "2027")
    worker = threading.Thread(target=jobs.work_on, args=(("ingest",), str), daemon=True)
    worker.start()


if __name__ == "__main__":
    serve(sys.argv[1], fill)
