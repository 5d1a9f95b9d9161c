"""A table read whole: every record is in the Parquet file or listed, every cell unchanged."""

import csv
import random
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from pyarrow import parquet

from audits.formats import FormatError, Reading, Shape, inspect, read
from audits.formats.delimited import read as read_in_blocks

SHARED = Path(__file__).parents[2] / "shared" / "data"
NAMES = ("id", "name", "dose")
PLAIN = Shape(format="csv", delimiter=",", encoding="utf-8", header=NAMES)


def put(folder: Path, content: bytes) -> Path:
    path = folder / "upload.csv"
    path.write_bytes(content)
    return path


def rows_of(into: Path) -> list[tuple]:
    return [tuple(row.values()) for row in parquet.read_table(into).to_pylist()]


def listed(table) -> list[tuple]:
    return [tuple(row.values()) for row in table.to_pylist()]


def taken(folder: Path, content: bytes) -> tuple[list[tuple], Reading]:
    """Inspect and read ``content``; every test file has the same three names."""
    path, into = put(folder, content), folder / "read.parquet"
    reading = read(path, inspect(path), into)
    rows = rows_of(into)
    assert reading.rows == len(rows) + len(reading.ragged) + len(reading.too_long)
    return rows, reading


def refusal(folder: Path, content: bytes, shape: Shape = PLAIN) -> FormatError:
    into = folder / "read.parquet"
    with pytest.raises(FormatError) as caught:
        read(put(folder, content), shape, into)
    assert [p.name for p in folder.iterdir()] == ["upload.csv"]
    assert caught.value.message.isprintable()
    return caught.value


def test_cells_are_text_with_nothing_guessed(tmp_path):
    rows, reading = taken(
        tmp_path, b"id,name,dose\n007,NA,1e5\nnull, None ,true\n,,\n1,-,\xc3\xa9\n"
    )
    assert rows == [
        (2, "007", "NA", "1e5"),
        (3, "null", "None", "true"),
        (4, None, None, None),
        (5, "1", "-", "\u00e9"),
    ]
    assert reading.rows == 4


def test_the_parquet_has_the_row_number_and_one_text_column_a_name(tmp_path):
    taken(tmp_path, b"id,name,dose\n1,2,3\n")
    schema = parquet.read_schema(tmp_path / "read.parquet")
    assert schema.names == ["row", *NAMES]
    assert [str(t) for t in schema.types] == ["int64", "string", "string", "string"]


def test_only_ascii_spaces_around_a_cell_go(tmp_path):
    rows, _ = taken(tmp_path, 'id,name,dose\n  a b  ,"  ",\tx\u00a0\n'.encode())
    assert rows == [(2, "a b", None, "\tx\u00a0")]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("final", [True, False])
def test_every_line_end_is_one(tmp_path, end, final):
    text = end.join(["id,name,dose", "1,2,3", '4,"5",6']) + (end if final else "")
    rows, _ = taken(tmp_path, text.encode())
    assert rows == [(2, "1", "2", "3"), (3, "4", "5", "6")]


def test_line_ends_may_be_mixed(tmp_path):
    rows, _ = taken(tmp_path, b"id,name,dose\r1,2,3\r\n4,5,6\n7,8,9\r")
    assert [row[:2] for row in rows] == [(2, "1"), (3, "4"), (4, "7")]


def test_blank_lines_take_a_number_and_are_no_records(tmp_path):
    rows, reading = taken(tmp_path, b"\nid,name,dose\n\n1,2,3\n\r\n   \n4,5\n\n6,7,8\n\n")
    assert [row[0] for row in rows] == [4, 9]
    assert listed(reading.ragged) == [(7, 2)]
    assert reading.rows == 3


def test_blank_lines_among_quoted_cells_are_told_from_text(tmp_path):
    rows, _ = taken(tmp_path, b'id,name,dose\n1,"a\n\nb",3\n\n""\n4,"5",6\n')
    assert rows == [(2, "1", "a\n\nb", "3"), (5, "4", "5", "6")]


def test_a_line_end_inside_a_cell_takes_no_number(tmp_path):
    rows, _ = taken(tmp_path, b'id,name,dose\n1,"a\r\nb",3\n4,"x ""y"", z",6\n')
    assert rows == [(2, "1", "a\r\nb", "3"), (3, "4", 'x "y", z', "6")]


def test_a_quotation_mark_inside_an_open_cell_is_text(tmp_path):
    rows, _ = taken(tmp_path, b'id,name,dose\n1,5" tube,"3"\n2, "x",4""\n')
    assert rows == [(2, "1", '5" tube', "3"), (3, "2", '"x"', '4""')]


def test_a_ragged_row_is_listed_with_its_number_and_its_cells(tmp_path):
    rows, reading = taken(tmp_path, b'id,name,dose\n1,2\n3,4,5\n6,7,8,9\n"a\nb"\n,,,\n')
    assert rows == [(3, "3", "4", "5")]
    assert listed(reading.ragged) == [(2, 2), (4, 4), (5, 1), (6, 4)]


def test_ragged_rows_without_end_are_all_counted(tmp_path):
    _, reading = taken(tmp_path, b"id,name,dose\n" + b"1,2,3,\n" * 150_000)
    assert reading.rows == len(reading.ragged) == 150_000
    assert listed(reading.ragged.slice(149_999)) == [(150_001, 4)]


def test_control_characters_survive_and_split_no_row(tmp_path):
    cell = "".join(map(chr, [*range(10), 11, 12, *range(14, 32), 127, 0x85, 0x2028, 0x1F600]))
    rows, _ = taken(tmp_path, f'id,name,dose\n1,{cell},3\n2,"{cell}",\x00\n'.encode())
    assert rows == [(2, "1", cell, "3"), (3, "2", cell, "\x00")]


def test_a_byte_order_mark_below_the_names_is_text(tmp_path):
    rows, reading = taken(tmp_path, "id,name,dose\n\ufeff1,2,3\n\ufeff\n".encode())
    assert rows == [(2, "\ufeff1", "2", "3")]
    assert listed(reading.ragged) == [(3, 1)]


def test_a_cell_of_more_than_64_kib_is_listed_by_row_and_column(tmp_path):
    longest = b"x" * 65_536
    content = b"id,name,dose\n1," + longest + b",3\n2," + longest + b"x,3\n4,5\n6,7,8\n"
    rows, reading = taken(tmp_path, content)
    assert [row[0] for row in rows] == [2, 5]
    assert listed(reading.too_long) == [(3, "name")]
    assert listed(reading.ragged) == [(4, 2)]


def test_a_cell_beyond_all_bounds_is_refused_by_line_and_column(tmp_path):
    error = refusal(tmp_path, b'id,name,dose\n1,"a\nb",3\n2,3,' + b"x" * 131_073 + b"\n")
    assert (error.code, error.line, error.column) == ("cell_too_long", 4, "dose")


def test_a_record_beyond_all_bounds_is_refused(tmp_path):
    error = refusal(tmp_path, b"id,name,dose\n1,2,3\n" + b"x," * (5 << 20))
    assert (error.code, error.line) == ("record_too_long", 3)


@pytest.mark.parametrize("after", [0, 20_000, 1_000_000])
def test_an_unclosed_quote_is_refused_by_the_line_that_opened_it(tmp_path, after):
    content = b'id,name,dose\n1,"a\nb",2\n3,"four,5\n' + b"6,7,8\n" * after
    error = refusal(tmp_path, content)
    assert error.line == 4
    assert error.column == "name"
    assert error.code == "unclosed_quote"
    assert '("")' in error.message


def test_text_after_a_closing_quote_is_refused_by_its_line(tmp_path):
    error = refusal(tmp_path, b'id,name,dose\n1,2,3\n"4\n"x,5,6\n')
    assert (error.code, error.line, error.column) == ("text_after_quote", 3, "id")


def test_the_first_fault_of_a_file_is_the_one_told(tmp_path):
    content = b'id,name,dose\n1,\xff,3\n4,"5"x,6\n'
    assert refusal(tmp_path, content).line == 2


@pytest.mark.parametrize(
    ("encoding", "bad"), [("utf-8", b"\xc3("), ("cp1252", b"\x81"), ("utf-8-sig", b"\xed\xa0\x80")]
)
@pytest.mark.parametrize("quote", [b"", b'"'])
def test_bytes_that_are_not_of_the_encoding_are_refused_by_line(tmp_path, encoding, bad, quote):
    shape = Shape(format="csv", delimiter=",", encoding=encoding, header=NAMES)
    good = b"1,\r\n,\r" * 300_000
    content = b"id,name,dose\r\n" + good + b"1," + quote + bad + quote + b",3\n"
    error = refusal(tmp_path, content, shape)
    assert (error.code, error.line) == ("encoding", 600_002)


def test_half_a_character_in_utf_16_is_refused_by_line(tmp_path):
    shape = Shape(format="csv", delimiter=",", encoding="utf-16", header=NAMES)
    content = b"\xff\xfe" + "id,name,dose\r\n1,2,3\r\n4,".encode("utf-16-le") + b"\x00\xd8,\x00"
    assert refusal(tmp_path, content, shape).line == 3
    assert refusal(tmp_path, content[:-4] + b"x", shape).line == 3


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_the_same_table_is_read_from_every_encoding(tmp_path, encoding):
    text = 'id,name,dose\r\n1,"Jos\u00e9\r\n\u20ac",\u2013\r\n' * 1 + "2,\u00fc,\r\n" * 60_000
    rows, _ = taken(tmp_path, text.encode(encoding))
    assert rows[:2] == [(2, "1", "Jos\u00e9\r\n\u20ac", "\u2013"), (3, "2", "\u00fc", None)]
    assert rows[-1][0] == len(rows) + 1 == 60_002
    assert {p.name for p in tmp_path.iterdir()} == {"upload.csv", "read.parquet"}


def test_a_table_without_records_is_an_empty_parquet_file(tmp_path):
    rows, reading = taken(tmp_path, b"id,name,dose\r\n")
    assert (rows, reading.rows) == ([], 0)


def test_a_file_that_changed_since_it_was_inspected_is_refused(tmp_path):
    assert refusal(tmp_path, b"id,other,dose\n1,2,3\n").code == "changed"
    assert refusal(tmp_path, b"").code == "changed"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_progress_ends_at_the_size_of_the_file(tmp_path, encoding):
    path = put(tmp_path, ("id,name,dose\n" + "1,2,3\n" * 5_000).encode(encoding))
    told: list[int] = []
    into = tmp_path / "read.parquet"
    read_in_blocks(path, inspect(path), into, told.append, block=4_096)
    assert told == sorted(told)
    assert told[-1] == path.stat().st_size


def test_progress_that_raises_stops_the_reading_and_leaves_nothing(tmp_path):
    def cancelled(_: int) -> None:
        raise KeyboardInterrupt

    path = put(tmp_path, "id,name,dose\n1,2,3\n".encode("utf-16"))
    with pytest.raises(KeyboardInterrupt):
        read(path, inspect(path), tmp_path / "read.parquet", cancelled)
    assert [p.name for p in tmp_path.iterdir()] == ["upload.csv"]


def corpus(seed: int) -> bytes:
    """Return a table of three columns with every oddity a supplier has sent so far."""
    rng = random.Random(seed)
    pieces = ["1,2,3", '"a","b","c"', ",,", "", "4,5", "6,7,8,9", '"x\ny",z,', 'a,5" b,c', " "]
    ends = ["\n"] if seed % 3 else ["\n", "\r\n", "\r"]
    lines = (rng.choice(pieces) + rng.choice(ends) for _ in range(rng.randrange(1, 200)))
    return ("id,name,dose" + ends[-1] + "".join(lines)).encode(
        rng.choice(["utf-8", "utf-8-sig", "utf-16", "cp1252"])
    )


def test_no_record_of_300_odd_files_is_lost(tmp_path):
    for seed in range(300):
        content = corpus(seed)
        path = put(tmp_path, content)
        shape = inspect(path)
        into = tmp_path / "read.parquet"
        reading = read_in_blocks(path, shape, into, block=64 if seed % 2 else 8 << 20)
        with path.open(encoding=shape.encoding, newline="") as file:
            records = [cells for cells in csv.reader(file) if cells and cells != [" "]][1:]
        assert reading.rows == len(records)
        whole = sum(len(cells) == 3 for cells in records)
        assert (len(rows_of(into)), len(reading.ragged)) == (whole, len(records) - whole)


@pytest.mark.parametrize("extra", ["", '"x, ""y"""', '5" tube'])
def test_memory_stays_flat_on_a_large_file(tmp_path, extra):
    names = "a,b,c,d,e,f,g,h,i,j\n"
    line = f"source,1234567,dispense,new,2026-01-02,,p_000001,AZ,{extra},take 1 tablet by mouth\n"
    path = put(tmp_path, (names + line * (((20 if extra else 60) << 20) // len(line))).encode())
    # Not ru_maxrss: a child inherits that of the test runner.
    program = """
        import sys
        from pathlib import Path
        from audits.formats import inspect, read
        path = Path(sys.argv[1])
        read(path, inspect(path), path.with_suffix(".parquet"))
        print(int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) >> 10)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program), path],
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(done.stdout) < 512


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("name", "columns", "rows", "ragged"),
    [
        ("rif_synthea_beneficiary_2015.csv", 210, 3, 0),
        ("rif_synthea_pde.csv", 41, 18, 0),
        ("sample-a-pde.txt", 41, 1, 1),
    ],
)
def test_pipe_files_of_cms_are_read_whole(tmp_path, name, columns, rows, ragged):
    path = SHARED / "cms_pde" / name
    if not path.exists():
        pytest.skip("no shared data")
    shape = inspect(path)
    reading = read(path, shape, tmp_path / "read.parquet")
    assert (shape.format, len(shape.header)) == ("pipe", columns)
    assert (reading.rows, len(reading.ragged)) == (rows, ragged)
