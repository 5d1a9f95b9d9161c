"""Whatever the bytes: both readers and the csv module agree, or one line says why not.

FUZZ_EXAMPLES sets how many tables are tried.
"""

import csv
import io
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from audits.formats import FormatError, Shape, by_block, by_row, inspect, read
from audits.formats.boundaries import clean_length
from audits.formats.delimited import read as read_in_blocks
from audits.formats.lines import Lines
from audits.formats.records import Source

QUOTED = set(',"\r\n')
NAMES = ("a", "b", "c")
SHAPE = Shape(format="csv", delimiter=",", encoding="utf-8", header=NAMES)
SOURCE = Source(path=Path(), delimiter=",", header=NAMES)
PIECES = [
    '"',
    '""',
    ",",
    ",,",
    "\n",
    "\r",
    "\r\n",
    " ",
    "x",
    "NA",
    "\x00",
    "\u00e9",
    "\ufeff",
    '"q"',
    "1,2,3\n",
]

often = settings(max_examples=int(os.environ.get("FUZZ_EXAMPLES", "60")), deadline=None)
soup = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)
cells = st.text(st.sampled_from(' ,"\n\r|ab\x00\u00e9\u2028\ufeff'), max_size=6)
tables = st.lists(st.lists(cells, min_size=1, max_size=4) | st.just([]), max_size=12)

Outcome = tuple[list[list], list[tuple[int, int]]] | None


def expected(text: str) -> Outcome:
    """Return what the csv module makes of the records in ``text``; null if it refuses them."""
    whole, ragged = [], []
    try:
        for number, record in enumerate(csv.reader(io.StringIO(text, newline=""), strict=True)):
            if not record or (len(record) == 1 and not record[0].strip(" ")):
                continue
            if len(record) == len(NAMES):
                whole.append([number, *(cell.strip(" ") or None for cell in record)])
            else:
                ragged.append((number, len(record)))
    except csv.Error:
        return None
    return whole, ragged


def of_records(found) -> Outcome:
    rows = [
        [number, *row.values()]
        for number, row in zip(found.numbers, found.cells.to_pylist(), strict=True)
    ]
    return rows, found.ragged


def of_file(path: Path, block: int) -> Outcome:
    into = path.with_suffix(".parquet")
    try:
        reading = read_in_blocks(path, SHAPE, into, block=block)
    except FormatError as error:
        return None if error.line and not into.exists() else ([[repr(error)]], [])
    rows = [list(row.values()) for row in parquet.read_table(into).to_pylist()]
    assert reading.rows == len(rows) + len(reading.ragged)
    return (
        [[row - 2, *rest] for row, *rest in rows],
        [(row["row"] - 2, row["cells"]) for row in reading.ragged.to_pylist()],
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("fuzz")


@often
@given(text=soup, block=st.integers(1, 60))
def test_any_text_is_read_as_the_csv_module_reads_it(folder, text, block):
    path = folder / "soup.csv"
    path.write_bytes(f"a,b,c\n{text}".encode())
    wanted = expected(text)
    assert of_file(path, block) == wanted
    assert of_file(path, 1 << 20) == wanted


@often
@given(text=soup)
def test_the_quick_reader_and_the_exact_one_give_the_same(text):
    data = text.encode()
    data = data[: clean_length(data, ",", last=True)]
    exact = by_row.parse(Lines(io.BytesIO(data)), SOURCE, len(data))
    assert of_records(exact) == expected(data.decode())
    if quick := by_block.parse(data, SOURCE):
        assert of_records(quick) == of_records(exact)
        assert quick.span == exact.span


@often
@given(text=soup, size=st.integers(0, 40))
def test_a_cut_leaves_whole_records_on_both_sides(text, size):
    data = text.encode()
    length = clean_length(data[:size], ",", last=size >= len(data))
    wanted = expected(text)
    if wanted is None:
        return
    whole, ragged = expected(data[:length].decode())
    after = expected(data[length:].decode())
    assert len(whole) + len(after[0]) == len(wanted[0])
    assert len(ragged) + len(after[1]) == len(wanted[1])


@often
@given(
    table=tables,
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    always=st.booleans(),
    block=st.integers(8, 90),
)
def test_a_table_that_was_written_comes_back(folder, table, end, always, block):
    def written(cell: str) -> str:
        return f'"{cell.replace(chr(34), chr(34) * 2)}"' if always or set(cell) & QUOTED else cell

    text = "".join(",".join(map(written, row)) + end for row in table)
    path = folder / "table.csv"
    path.write_bytes(f"a,b,c{end}{text}".encode())
    whole, _ = of_file(path, block)
    wanted = [
        [number, *(cell.strip(" ") or None for cell in row)]
        for number, row in enumerate(table)
        if len(row) == len(NAMES)
    ]
    assert whole == wanted


@often
@given(
    content=st.binary(max_size=200)
    | st.builds(lambda head, rest: head + rest, st.just(b"a,b\n"), st.binary(max_size=200)),
)
def test_any_bytes_are_read_or_refused_in_one_line(folder, content):
    path, into = folder / "bytes.csv", folder / "bytes.parquet"
    path.write_bytes(content)
    try:
        reading = read(path, inspect(path), into)
    except FormatError as refused:
        answered = bool(refused.code) and refused.message.isprintable()
    else:
        found = len(parquet.read_table(into)) + len(reading.ragged) + len(reading.too_long)
        answered = reading.rows == found
    assert answered
    assert not list(folder.glob("*.utf8"))
