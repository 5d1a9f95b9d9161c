"""The keys of patients as the engine makes them, against those made one by one."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from audits.keys import bucket_of, patient_key
from audits.validation import Pseudonyms
from audits.validation.patients import bucket

from .checked_files import connection

CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=70)


def made(pseudonyms: Pseudonyms, source: str | None, patient: str | None) -> tuple:
    """Return the key and the bucket that the engine gives."""
    key, engine = pseudonyms.sql("source", "patient"), connection()
    pseudonyms.tell(engine)
    rows = "(SELECT $1::VARCHAR AS source, $2::VARCHAR AS patient)"
    query = f"SELECT key, {bucket('key')} FROM (SELECT {key} AS key FROM {rows})"
    return engine.execute(query, [source, patient]).fetchone()


@given(secret=st.binary(max_size=130), source=CELLS, patient=CELLS)
@example(secret=bytes(64), source="clinic", patient="\u2003 p\u00e9 \u00a0")
@example(secret=bytes(65), source="it's", patient="\x1c'1'\x85")
@example(secret=b"", source="", patient="")
def test_the_key_is_the_one_made_in_python(secret, source, patient):
    key = patient_key(secret, source, patient)
    assert made(Pseudonyms(secret=secret), source, patient) == (key, bucket_of(key))


@given(source=CELLS, domain=CELLS, patient=CELLS)
@example(source="it's", domain="the town's", patient="1")
def test_a_source_of_another_domain_gives_the_keys_of_that(source, domain, patient):
    there = Pseudonyms(secret=b"s", domains={source: domain, "another": "third"})
    assert made(there, source, patient)[0] == patient_key(b"s", domain, patient)


@pytest.mark.parametrize(("source", "patient"), [(None, "1"), ("a", None), (None, None)])
def test_nobody_has_no_key(source, patient):
    assert made(Pseudonyms(secret=b"s", domains={"a": "b"}), source, patient) == (None, None)


def test_the_secret_is_neither_shown_nor_in_a_query():
    secret = b"much too secret to be shown"
    pseudonyms = Pseudonyms(secret=secret)
    told = repr(pseudonyms) + pseudonyms.sql("source", "patient")
    assert "secret" not in told.replace("Pseudonyms", "").lower()
    assert secret.hex() not in told
