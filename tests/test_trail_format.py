"""The format of the trail is frozen: these bytes and hashes never change."""

import json
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audits.trail import NotCanonicalError, canonical, canonical_text, leaf, merkle_root
from audits.trail.canonical import (
    FIELDS,
    ZERO_HASH,
    all_canonical,
    commitment,
    event_text,
    link,
)

GOLDEN = json.loads((Path(__file__).parent / "golden" / "trail.json").read_text())
DOCUMENT = (Path(__file__).parents[1] / "docs" / "trail.md").read_text()
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize("vector", GOLDEN["events"], ids=lambda v: f"event {v['event']['seq']}")
def test_an_event_has_the_frozen_bytes_and_hashes(vector):
    event = vector["event"]
    assert event_text([event[name] for name in FIELDS]) == vector["canonical"]
    assert canonical_text({name: event[name] for name in FIELDS}) == vector["canonical"]
    assert leaf(vector["canonical"].encode()).hex() == vector["leaf"]
    hashed = link(bytes.fromhex(event["prev_hash"]), bytes.fromhex(vector["leaf"])).hex()
    assert hashed == event["hash"]


def test_the_frozen_events_are_a_chain_from_zero():
    events = [vector["event"] for vector in GOLDEN["events"]]
    assert [e["prev_hash"] for e in events] == [ZERO_HASH, *(e["hash"] for e in events[:-1])]


@pytest.mark.parametrize("vector", GOLDEN["reasons"], ids=lambda v: v["text"][:12])
def test_a_reason_has_the_frozen_commitment(vector):
    assert commitment(vector["salt"], vector["text"]) == vector["commitment"]


@pytest.mark.parametrize("vector", GOLDEN["values"], ids=lambda v: v["canonical"][:12])
def test_a_value_has_the_frozen_text(vector):
    assert canonical_text(vector["value"]) == vector["canonical"]


def test_merkle_roots_are_those_of_the_certificate_transparency_vectors():
    leaves = [leaf(bytes.fromhex(data)) for data in GOLDEN["merkle"]["data"]]
    roots = [merkle_root(leaves[:size]).hex() for size in range(len(leaves) + 1)]
    assert roots == GOLDEN["merkle"]["roots"]


@pytest.mark.parametrize("size", [1023, 1024, 1025, 2047, 2049, 3073, 5000])
def test_a_root_folded_in_blocks_is_the_root_by_definition(size):
    leaves = [leaf(str(n).encode()) for n in range(size)]
    assert merkle_root(iter(leaves)) == root_by_definition(leaves)


def root_by_definition(leaves):
    """RFC 9162 section 2.1.1, word for word."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    left, right = root_by_definition(leaves[:split]), root_by_definition(leaves[split:])
    return sha256(b"\x01" + left + right).digest()


@settings(deadline=None)
@given(JSON)
def test_a_canonical_text_reads_back_and_is_known_as_canonical(value):
    text = canonical_text(value)
    assert json.loads(text) == value
    assert all_canonical([text, text])


@settings(deadline=None)
@given(st.lists(WORDS, min_size=15, max_size=15), st.integers(1, 2**62))
def test_the_fast_text_of_an_event_is_the_canonical_text(words, seq):
    values = [*words[:14], seq, words[14], 1]
    assert event_text(values) == canonical_text(dict(zip(FIELDS, values, strict=True)))


@pytest.mark.parametrize("wrong", [0, 15, 5])
def test_an_event_with_a_value_that_is_no_text_has_no_bytes(wrong):
    values = ["x"] * 14 + [1, "x", 1]
    values[wrong] = None
    with pytest.raises((TypeError, AttributeError)):
        event_text(values)


@pytest.mark.parametrize("value", [1.0, float("nan"), {"a": [0.5]}, {1: "a"}, b"a", {"a": {1}}])
def test_a_value_without_canonical_form_is_refused(value):
    with pytest.raises(NotCanonicalError):
        canonical(value)


def test_half_a_character_is_refused():
    with pytest.raises(NotCanonicalError):
        canonical({"a": "\ud800"})


@pytest.mark.parametrize(
    "text",
    ["", "1.0", "1e3", "NaN", '{"a": 1}', '{"b":1,"a":2}', '{"a":1,"a":2}', '"\\u0041"', "1,2"],
)
def test_a_text_in_another_form_is_not_canonical(text):
    assert not all_canonical([text])
    assert not all_canonical(["null", text, '{"a":1}'])


def test_texts_that_are_whole_only_together_are_not_canonical():
    assert not all_canonical(["[1", "2]"])
    assert not all_canonical(["1,[2", "3]"])


def test_the_document_shows_the_first_frozen_event():
    first = GOLDEN["events"][0]
    assert first["canonical"] in DOCUMENT
    assert first["leaf"] in DOCUMENT
    assert first["event"]["hash"] in DOCUMENT
