"""Versions of loaded tables and the people who load and activate them, for tests.

Tests name this module in ``pytest_plugins``, after importing from it: PYTEST_DONT_REWRITE.
"""

import pytest

from audits import trail, versions
from audits.models import ReferenceVersion, User

from .paths import row
from .people import person
from .reference_files import OXYCODONE, package_txt, product_txt

NDC = "98765043210"
NEW = OXYCODONE | {"PRODUCTID": "n", "PRODUCTNDC": "98765-432"}


@pytest.fixture
def people() -> dict[str, User]:
    roles = {"ann": "administrator", "ben": "administrator", "ada": "compliance officer"}
    return {name: person(role, name) for name, role in roles.items()}


def files(**cells: str) -> list:
    """Give FDA's two files with a product that no shipped table knows."""
    return [product_txt(NEW | cells), package_txt("98765-432-10", PRODUCTID="n")]


def loaded(people, table="fda_ndc", of=None, edition="2026-11", who="ann") -> ReferenceVersion:
    by = people[who]
    actor = trail.Actor.of_user(by)
    return versions.load(table, of or files(), edition=edition, by=by, actor=actor)


def activated(people, version, who="ben") -> ReferenceVersion:
    by = people[who]
    return versions.activate(version, by=by, actor=trail.Actor.of_user(by))


def fills() -> list[dict]:
    """Give six months of a drug that only its NDC names: 270 MME a day if it is oxycodone."""
    days = ["2025-01-01", "2025-01-31", "2025-03-02", "2025-04-01", "2025-05-01", "2025-05-31"]
    return [
        row(f"m{n}", filled_date=day, ndc11=NDC, drug_name="", patient_id="M")
        for n, day in enumerate(days)
    ]
