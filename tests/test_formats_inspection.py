"""What a file is: recognised by its content, refused in words that say what to do."""

import io
import zipfile
from pathlib import Path

import pytest

from audits import formats
from audits.formats import FORMATS, FormatError, inspect

XLSX = io.BytesIO()
with zipfile.ZipFile(XLSX, "w") as archive:
    archive.writestr("[Content_Types].xml", "<Types/>")
    archive.writestr("xl/workbook.xml", "<workbook/>")

OTHER_KINDS = {
    "a PDF document": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
    "an Excel workbook (.xlsx)": XLSX.getvalue(),
    "a ZIP archive": b"PK\x03\x04\x14\x00\x00\x00",
    "a PNG picture": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
    "a JPEG picture": b"\xff\xd8\xff\xe0\x00\x10JFIF",
    "a gzip archive": b"\x1f\x8b\x08\x00",
    "an old Microsoft Office document (.xls or .doc)": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    "a Parquet file": b"PAR1\x15\x04",
    "an SQLite database": b"SQLite format 3\x00",
    "an HTML page": b"\n<!DOCTYPE html>\n<table><tr><td>id,name</td></tr></table>",
    "an XML document": b'\xef\xbb\xbf<?xml version="1.0"?>',
    "a JSON document": b'{\n "id": 1, "name": "x"}',
}

REFUSED = {
    "empty": b"",
    "blank": b"\n \r\n\t\n   ",
    "one_column": b"patient_id\n1\n2\n",
    "duplicate_header": b"id,Name,dose,NAME\n1,2,3,4\n",
    "blank_header": b"id,name,,dose\n1,2,3,4\n",
    "too_many_columns": ",".join(f"c{n}" for n in range(501)).encode() + b"\n",
    "nul_in_header": b"id,na\x00me\n1,2\n",
    "ambiguous_delimiter": b"id|note, long\n5|hello, you\n",
    "no_header": b"88120017,2026-01-02,oxycodone,120\n88120018,2026-01-03,oxycodone,90\n",
    "unclosed_quote": b'id,"name\n1,2\n',
    "text_after_quote": b'id,"na"me\n1,2\n',
    "record_too_long": b"id,name" * 200_000,
    "encoding": b"\xff\xfe\x00\x00i\x00\x00\x00",
}


def put(folder: Path, content: bytes, name: str = "upload.csv") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def refusal(path: Path, **choice: str) -> FormatError:
    with pytest.raises(FormatError) as caught:
        inspect(path, **choice)
    return caught.value


def test_every_module_that_declares_a_format_is_one():
    folder = Path(formats.__file__).parent
    declared = {p.stem for p in folder.glob("*.py") if "\nFORMAT = " in p.read_text()}
    assert set(FORMATS) == declared == {"csv", "tsv", "pipe"}


@pytest.mark.parametrize(("name", "delimiter"), [("csv", ","), ("tsv", "\t"), ("pipe", "|")])
@pytest.mark.parametrize("suffix", ["csv", "txt", "tsv", "xlsx"])
def test_the_delimiter_is_found_in_the_header_whatever_the_file_is_called(
    tmp_path, name, delimiter, suffix
):
    content = f"id{delimiter}name\n1{delimiter}x\n".encode()
    shape = inspect(put(tmp_path, content, f"upload.{suffix}"))
    assert (shape.format, shape.delimiter, shape.header) == (name, delimiter, ("id", "name"))


def test_names_are_kept_as_written_without_the_space_around_them(tmp_path):
    shape = inspect(put(tmp_path, b'\xef\xbb\xbf" NPI ",Drug Name ,\xc3\x89tat\r\n1,2,3\r\n'))
    assert shape.header == ("NPI", "Drug Name", "\u00c9tat")
    assert (shape.encoding, shape.notes) == ("utf-8-sig", ())


def test_the_records_decide_where_names_hold_other_delimiters(tmp_path):
    content = b"Month, Day, Year of Search|User (delegator, requestor)\nMay 24, 2024|7\n"
    assert inspect(put(tmp_path, content)).header == (
        "Month, Day, Year of Search",
        "User (delegator, requestor)",
    )


def test_delimiters_inside_quoted_names_do_not_count(tmp_path):
    shape = inspect(put(tmp_path, b'"a|b|c|d",name\n1,2\n'))
    assert shape.header == ("a|b|c|d", "name")


def test_a_file_of_names_only_is_a_table_without_records(tmp_path):
    assert inspect(put(tmp_path, b"id,name")).header == ("id", "name")


def test_blank_lines_above_the_names_are_passed_over(tmp_path):
    assert inspect(put(tmp_path, b"\r\n\r\nid,name\r\n1,2\r\n")).header == ("id", "name")


def test_a_column_called_like_the_row_number_gets_another_name_and_a_note(tmp_path):
    shape = inspect(put(tmp_path, b"Row,name\n1,2\n"))
    assert shape.header == ("Row (in file)", "name")
    assert "'Row' is called 'Row (in file)'" in shape.notes[0]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_is_known_by_its_mark(tmp_path, encoding):
    shape = inspect(put(tmp_path, "\ufeffid\tname\r\n1\tJos\u00e9\r\n".encode(encoding)))
    assert (shape.encoding, shape.delimiter, shape.header) == ("utf-16", "\t", ("id", "name"))


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_called_so(tmp_path, encoding):
    error = refusal(put(tmp_path, "id,name\n1,2\n".encode(encoding)))
    assert error.code == "nul_in_header"
    assert "UTF-16" in error.message


def test_what_is_not_utf_8_is_read_as_windows_1252_and_says_why(tmp_path):
    shape = inspect(put(tmp_path, "id,name\n1,x\n2,Jos\u00e9 \u2013 \u20ac\n".encode("cp1252")))
    assert shape.encoding == "cp1252"
    assert shape.notes == ("Read as Windows-1252 because line 3 is not valid UTF-8.",)


def test_a_wrong_byte_far_into_the_file_is_seen(tmp_path):
    content = b"id,name\n" + b"1,caf\xc3\xa9\n" * 400_000 + b"2,caf\xe9\n"
    assert "line 400,002 " in inspect(put(tmp_path, content)).notes[0]


def test_a_person_may_choose_the_encoding(tmp_path):
    path = put(tmp_path, "id,n\u00e4me\n1,2\n".encode("cp1252"))
    assert inspect(path, encoding="cp1252").header == ("id", "n\u00e4me")
    error = refusal(path, encoding="utf-8")
    assert (error.code, error.line) == ("encoding", 1)


@pytest.mark.parametrize("kind", OTHER_KINDS)
def test_a_file_that_is_no_table_is_refused_by_what_it_is(tmp_path, kind):
    error = refusal(put(tmp_path, OTHER_KINDS[kind]))
    assert error.code == "not_a_table"
    assert kind in error.message


@pytest.mark.parametrize("code", REFUSED)
def test_a_refusal_is_one_line_with_its_code(tmp_path, code):
    error = refusal(put(tmp_path, REFUSED[code]))
    assert error.code == code
    assert error.message == str(error)
    assert error.message.isprintable()
    assert error.message.endswith(".")


def test_a_duplicate_name_is_named(tmp_path):
    error = refusal(put(tmp_path, REFUSED["duplicate_header"]))
    assert (error.column, error.line) == ("Name", 1)
    assert "'Name'" in error.message


def test_a_name_that_is_missing_is_counted_out(tmp_path):
    assert "Column 3 of 4" in refusal(put(tmp_path, REFUSED["blank_header"])).message


def test_a_refusal_tells_the_line_of_the_names_below_blank_lines(tmp_path):
    assert refusal(put(tmp_path, b"\n\r\n\rid,,x\n")).line == 4


def test_five_hundred_columns_are_read(tmp_path):
    content = ",".join(f"c{n}" for n in range(500)).encode()
    assert len(inspect(put(tmp_path, content)).header) == 500


def test_a_file_without_names_is_refused_without_repeating_a_persons_data(tmp_path):
    assert "oxycodone" not in refusal(put(tmp_path, REFUSED["no_header"])).message


def test_semicolons_are_noticed(tmp_path):
    assert "semicolons" in refusal(put(tmp_path, b"id;name\n1;2\n")).message


def test_a_hostile_name_cannot_break_the_line_of_a_refusal(tmp_path):
    name = '"x\r\n\x1b[31m' + "y" * 500 + '"'
    error = refusal(put(tmp_path, f"{name},{name}\n1,2\n".encode()))
    assert error.code == "duplicate_header"
    assert error.message.isprintable()
    assert len(error.message) < 300
