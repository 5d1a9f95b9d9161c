"""Files that are no published table: refused by one clear line, whatever the bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audits.reference import TABLES
from audits.reference.loaders import LOADERS
from audits.reference.published import File, LoadError, rows_of
from tests.reference_files import (
    OXYCODONE_BY_CDC,
    cdc_csv,
    load,
    nucc_csv,
    own_csv,
    package_txt,
    product_txt,
)

PSYCHIATRY = "2084P0800X,Allopathic & Osteopathic Physicians,Psychiatry & Neurology,Psychiatry"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "It is empty."),
        (b"\r\n \n", "It is empty."),
        (b"PK\x03\x04zip", "Unpack it"),
        (b"%PDF-1.7", "It is a PDF"),
        ("PRODUCTNDC\tx\n".encode("utf-16"), "It is UTF-16 text. Save it as CSV UTF-8"),
        (b"a\tb\n1\t2\n3\tx\0y\n", "line 3, column b: It holds a NUL byte"),
        (b"a,b\0\n1,2\n", "line 1: It holds a NUL byte"),
        (b"a,b\n1,2\n", "It is not FDA's list of products"),
        (b"a,b\n1,2,3\n", "line 2: The row has 3 cells, the first line 2."),
        (b'a,b\n1,"2\n', "line 2: The row cannot be read"),
        (b"a,a\n1,2\n", "The column A stands in it twice."),
        (b"a,b\n\n", "It has no rows."),
    ],
)
def test_a_wrong_file_is_refused_with_what_to_do(content, says):
    with pytest.raises(LoadError) as error:
        load("fda_ndc", File("product.txt", content), package_txt())
    sentence = str(error.value)
    assert sentence.startswith("product.txt") and says in sentence


def test_only_the_first_faults_are_kept_and_all_are_counted():
    with pytest.raises(LoadError) as error:
        load("cdc_mme", cdc_csv(*[OXYCODONE_BY_CDC | {"NDC": "7"}] * 30))
    assert (len(error.value.faults), error.value.total) == (20, 30)
    assert "(30 faults in all)" in str(error.value)


PIECES = ["\t", ",", '"', "\n", "\r", "\x00", "\xbf", "0406-8530-01", "00406853001", "CII", "NDC"]
PIECES += ["PRODUCTNDC", "NDCPACKAGECODE", "Code", "OXYCODONE", "30", "\u2028", "9" * 400, "PK"]


@given(
    table=st.sampled_from(sorted(LOADERS)),
    soup=st.lists(st.sampled_from(PIECES), max_size=30).map("".join),
    cut=st.integers(0, 700),
    count=st.integers(0, 3),
)
def test_whatever_the_bytes_they_are_a_table_or_refused(table, soup, cut, count):
    whole = {"fda_ndc": (product_txt(), package_txt()), "cdc_mme": (cdc_csv(),)}
    whole |= {name: (own_csv(name),) for name in TABLES if name == table}
    files = list(whole.get(table, (nucc_csv(f"{PSYCHIATRY},,,,,,,"),)))
    spoilt = files[-1].content[:cut] + soup.encode("utf-8") + files[-1].content[cut:]
    files = [*files[:-1], File("spoilt", spoilt)][: count or None]
    try:
        loaded = load(table, *files)
    except LoadError as error:
        refusal = error
    else:
        refusal = None
    if refusal:
        assert refusal.total >= len(refusal.faults) >= 1
        assert str(refusal) and all(fault.remedy for fault in refusal.faults)
    else:
        keys = {tuple(row[name] for name in LOADERS[table].KEY) for row in loaded.rows}
        assert len(keys) == len(loaded.rows) > 0
        assert rows_of(loaded.content()) == loaded.rows
