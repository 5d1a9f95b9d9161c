"""What a check counts, writes and refuses for a whole file."""

from datetime import date, datetime
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from audits.keys import bucket_of
from audits.mapping import choose
from audits.schema import KINDS, Type
from audits.validation import ACCEPTED, REJECTIONS, Pseudonyms, ValidationError, check

from .checked_files import (
    LICENCE,
    PRACTITIONER,
    PRESCRIPTION,
    PSEUDONYMS,
    RECEIVED,
    SECRET,
    connection,
    pseudonym,
    run,
)

ARROW_TYPES = {
    "VARCHAR": pa.string(),
    "INTEGER": pa.int32(),
    "DECIMAL(15,3)": pa.decimal128(15, 3),
    "DECIMAL(18,6)": pa.decimal128(18, 6),
    "DATE": pa.date32(),
    "TIMESTAMP": pa.timestamp("us"),
    "BOOLEAN": pa.bool_(),
}


@pytest.mark.parametrize("row", [PRESCRIPTION, LICENCE, PRACTITIONER])
def test_the_accepted_file_has_the_columns_and_types_of_the_ledger(tmp_path, row):
    run(tmp_path, [row])
    kind = KINDS[choose(tuple(row)).kind]
    (file,) = (tmp_path / ACCEPTED).glob("patient_bucket=*/*.parquet")
    schema = pq.read_schema(file)
    held = [name for name in schema.names if not name.startswith("_")]
    assert held == ["row", *kind.ledger_columns, "content_hash"]
    for field, column in zip(kind.fields, kind.ledger_columns, strict=True):
        assert schema.field(column).type == ARROW_TYPES[field.sql_type]
    assert schema.field("row").type == pa.int64()
    assert schema.field("_warned").type == pa.bool_()


def test_read_is_accepted_and_rejected_and_the_dates_span_the_accepted(tmp_path):
    rows = [
        PRESCRIPTION,
        {**PRESCRIPTION, "filled_date": "2026-01-20", "quantity": "0.5", "patient_id": "pat-2"},
        {**PRESCRIPTION, "filled_date": "2026-01-30", "patient_id": None},
        {**PRESCRIPTION, "written_date": None, "written_at": "2025-12-31T23:30:00-05:00"},
    ]
    checked = run(tmp_path, rows, ragged=[(6, 3)]).checked
    assert (checked.read, checked.accepted, checked.rejected) == (5, 3, 2)
    assert (checked.first_date, checked.last_date) == (date(2026, 1, 1), date(2026, 1, 20))
    assert checked.sources == ("clinic-ehr",)
    assert checked.sums == {"quantity": Decimal("360.5")}


def test_a_kind_without_patients_has_bucket_nought_and_no_sums(tmp_path):
    outcome = run(tmp_path, [PRACTITIONER])
    assert outcome.accepted[0]["patient_bucket"] == 0
    assert outcome.checked.sums == {}
    assert (outcome.checked.first_date, outcome.checked.last_date) == (None, None)


def test_an_empty_file_is_read_as_nothing(tmp_path):
    outcome = run(tmp_path, [], plan=choose(tuple(PRESCRIPTION)), header=tuple(PRESCRIPTION))
    assert (outcome.checked.read, outcome.accepted, outcome.rejections) == (0, [], set())
    assert outcome.checked.sums == {"quantity": Decimal(0)}


def test_the_patient_is_a_pseudonym_of_the_sources_domain(tmp_path):
    rows = [{**PRESCRIPTION, "source_system": s} for s in ("clinic-ehr", "other")]
    town = Pseudonyms(secret=SECRET, domains={"clinic-ehr": "clinic-ehr", "other": "the town's"})
    outcome = run(tmp_path, rows, pseudonyms=town)
    keys = [pseudonym(domain, "pat-1") for domain in ("clinic-ehr", "the town's")]
    assert [row["patient_key"] for row in outcome.accepted] == keys
    assert [row["patient_bucket"] for row in outcome.accepted] == [bucket_of(k) for k in keys]


def test_no_patient_number_stays_behind_on_disk(tmp_path):
    run(tmp_path, [{**PRESCRIPTION, "patient_id": "very-private"}])
    next(tmp_path.glob("text-*.parquet")).unlink()
    left = sorted(path.name for path in tmp_path.iterdir())
    assert left == ["accepted.parquet", "rejections.parquet", "warnings.parquet"]
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not any(b"very-private" in path.read_bytes() for path in files)


def test_values_never_get_into_the_lists(tmp_path):
    run(tmp_path, [{**PRESCRIPTION, "filled_date": "hunter2"}])
    assert b"hunter2" not in (tmp_path / REJECTIONS).read_bytes()


def test_a_column_the_file_lacks_is_counted_and_not_listed(tmp_path):
    row = {name: text for name, text in PRESCRIPTION.items() if name != "patient_state"}
    outcome = run(tmp_path, [row, {**row, "patient_id": "pat-2"}])
    assert outcome.checked.warning_counts == {("patient_state", "missing"): 2}
    assert outcome.warnings == set()
    assert outcome.checked.warned == 0


def test_a_file_without_status_lacks_nothing_and_all_rows_are_new(tmp_path):
    row = {name: text for name, text in PRESCRIPTION.items() if name != "record_status"}
    outcome = run(tmp_path, [row])
    assert outcome.checked.warning_counts == {}
    assert outcome.accepted[0]["record_status"] == "new"


def test_errors_name_the_column_as_the_file_heads_it(tmp_path):
    row = {name.title(): text for name, text in PRESCRIPTION.items()}
    outcome = run(tmp_path, [{**row, "Filled_Date": "soon"}])
    assert outcome.rejections == {(2, "Filled_Date", "not_a_date")}


def test_the_source_fills_the_column_where_it_is_absent_or_blank(tmp_path):
    row = {name: text for name, text in PRESCRIPTION.items() if name != "source_system"}
    assert run(tmp_path, [row], source="o'hara").checked.sources == ("o'hara",)
    rows = [{**PRESCRIPTION, "source_system": name} for name in (None, "o'hara")]
    assert run(tmp_path, rows, source="o'hara").checked.accepted == 2


def test_two_different_sources_refuse_the_file_by_its_row(tmp_path):
    rows = [{**PRESCRIPTION, "source_system": "b"}, PRESCRIPTION]
    with pytest.raises(ValidationError, match=r"Row 3: column source_system names another source"):
        run(tmp_path, rows, source="b")
    assert not list(tmp_path.glob(".*"))


def test_a_row_the_reader_gave_up_is_rejected_under_its_column(tmp_path):
    outcome = run(tmp_path, [PRESCRIPTION], too_long=[(3, "sig")])
    assert outcome.rejections == {(3, "sig", "too_long")}
    assert (outcome.checked.read, outcome.checked.rejected) == (2, 1)


def test_beyond_100000_lines_of_one_code_only_counting_goes_on(tmp_path):
    rows = 100_002
    text = {"source_record_id": "r", "patient_id": "p", "ndc11": "1", "filled_date": "soon"}
    columns = {name: pa.array([value] * rows) for name, value in text.items()}
    numbers = pa.array(range(2, rows + 2), pa.int64())
    pq.write_table(pa.table({"row": numbers, **columns}), tmp_path / "text.parquet")
    plan = choose(tuple(text))
    how = {"into": tmp_path, "source": "s", "received_on": RECEIVED, "pseudonyms": PSEUDONYMS}
    checked = check(connection(), tmp_path / "text.parquet", plan, **how)
    assert checked.rejection_counts == {("filled_date", "not_a_date"): rows}
    listed = pq.read_table(tmp_path / REJECTIONS)
    assert listed.num_rows == 100_000
    assert listed["row"].to_pylist() == list(range(2, 100_002))


def test_progress_ends_with_all_steps_done(tmp_path):
    told = []
    run(tmp_path, [PRESCRIPTION], progress=lambda done, steps: told.append((done, steps)))
    assert told == [(step, 4) for step in (1, 2, 3, 4)]


def test_a_check_done_again_comes_out_the_same(tmp_path):
    rows = [{**PRESCRIPTION, "source_record_id": str(n), "patient_id": str(n)} for n in range(50)]
    assert run(tmp_path, rows) == run(tmp_path, rows)


def test_checks_in_quick_succession_do_not_see_each_others_files(tmp_path):
    for days in range(10, 22):
        row = {**PRESCRIPTION, "days_supply": str(days), "patient_id": f"pat-{days % 10}"}
        assert run(tmp_path, [row]).accepted[0]["days_supply"] == days


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-02T15:30:00Z", datetime(2026, 1, 2, 15, 30)),  # noqa: DTZ001
        ("2026-01-02T23:30-05:00", datetime(2026, 1, 3, 4, 30)),  # noqa: DTZ001
        ("2026-01-02 15:30:01.25+0530", datetime(2026, 1, 2, 10, 0, 1, 250_000)),  # noqa: DTZ001
        ("2026-01-02T15:30:00.123456789-08", datetime(2026, 1, 2, 23, 30, 0, 123_456)),  # noqa: DTZ001
        ("2026-01-02T15:30", datetime(2026, 1, 2, 15, 30)),  # noqa: DTZ001
    ],
)
def test_a_moment_is_kept_in_utc(tmp_path, text, moment):
    outcome = run(tmp_path, [{**PRESCRIPTION, "written_at": text}])
    assert outcome.accepted[0]["written_at"] == moment


def test_the_time_zone_of_the_session_changes_no_moment(tmp_path):
    connection().execute("SET timezone = 'America/New_York'")
    try:
        test_a_moment_is_kept_in_utc(tmp_path, "2026-01-02T15:30", datetime(2026, 1, 2, 15, 30))  # noqa: DTZ001
    finally:
        connection().execute("RESET timezone")


def test_every_type_of_the_schema_is_known_here():
    assert {field.sql_type for kind in KINDS.values() for field in kind.fields} <= set(ARROW_TYPES)
    assert {Type.JSON, Type.LIST} <= {f.type for f in KINDS["prescriptions"].fields}
