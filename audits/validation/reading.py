"""How the text of a cell becomes a value: SQL for every type of the schema.

Everything here is strict: what is not written in the one form of its type becomes null,
and a null beside a text is a rejection. Nothing is guessed from a cell.
"""

from ..schema import Field, Type

TRUE_WORDS = ("true", "yes", "y", "1", "t")
FALSE_WORDS = ("false", "no", "n", "0", "f")
DIGITS = {Type.QUANTITY: 3, Type.STRENGTH: 6}
WHOLE = r"-?[0-9]+(\.0+)?"  # spreadsheets write 30 as 30.0
DECIMAL = r"-?([0-9]+(\.[0-9]+)?|\.[0-9]+)"
# Groups of rows as large as DuckDB's own, of all these columns, do not fit the memory that
# ingestion may take: they went to the disk and back before they were written.
PARQUET = "FORMAT parquet, PRESERVE_ORDER false, ROW_GROUP_SIZE 30720"
MOMENT = (
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,9})?)?"
    r"(Z|[+-](0[0-9]|1[0-4])(:?[0-5][0-9])?)?"
)


def value(field: Field, text: str) -> str:
    """Return SQL for the value of ``field`` in the SQL text ``text``; null where it does not fit.

    Words of closed lists, states, schedules and DEA numbers come out in the case they
    are declared in, spaces around the ``;`` of a list are dropped.
    """
    if field.choices:
        return _word(field, text)
    return READERS[field.type](field, text)


def is_state(field: Field) -> bool:
    """Return whether ``field`` holds the code of a state."""
    return field.name == "state" or field.name.endswith("_state") or "_state_" in field.name


def is_npi(field: Field) -> bool:
    """Return whether ``field`` holds a National Provider Identifier."""
    return field.name == "npi" or field.name.endswith("_npi")


def is_dea(field: Field) -> bool:
    """Return whether ``field`` holds DEA numbers."""
    return field.name == "dea" or field.name.endswith("_dea")


def literal(text: str) -> str:
    """Return ``text`` as an SQL string."""
    return "'" + text.replace("'", "''") + "'"


def one_of(text: str, words: tuple[str, ...]) -> str:
    """Return SQL that is true where ``text`` is one of ``words``.

    An IN over more than a few words becomes a join in DuckDB and carries every column
    through it; comparisons stay where they are.
    """
    return f"({' OR '.join(f'{text} = {literal(word)}' for word in words)})"


def _word(field: Field, text: str) -> str:
    fold = "upper" if field.choices[0].isupper() else "lower"
    word = f"{fold}({text})"
    return f"CASE WHEN {one_of(word, field.choices)} THEN {word} END"


def _text(field: Field, text: str) -> str:
    return f"upper({text})" if is_state(field) or is_dea(field) else text


def _list(field: Field, text: str) -> str:
    joined = f"regexp_replace({text}, ' *; *', ';', 'g')"
    return f"upper({joined})" if is_dea(field) or field.name == "schedules" else joined


def _whole(field: Field, text: str) -> str:
    digits = f"split_part({text}, '.', 1)"
    return (
        f"CASE WHEN regexp_full_match({text}, {literal(WHOLE)}) "
        f"THEN try_cast({digits} AS {field.sql_type}) END"
    )


def _decimal(field: Field, text: str) -> str:
    return (
        f"CASE WHEN regexp_full_match({text}, {literal(DECIMAL)}) "
        f"THEN try_cast({text} AS {field.sql_type}) END"
    )


def _day(_: Field, text: str) -> str:
    # Only a real day in the one form comes back from the calendar as it went in.
    day = f"try_cast({text} AS DATE)"
    return f"CASE WHEN length({text}) = 10 AND CAST({day} AS VARCHAR) = {text} THEN {day} END"


def _moment(_: Field, text: str) -> str:
    """Return SQL for the moment in UTC; without an offset the clock is UTC already.

    Beyond microseconds digits are cut. What comes near the ends of the years 1 to 9999 is
    null, so that no offset leads out of them.
    """
    seconds = f"CASE WHEN {text}[17] = ':' THEN {text} "
    seconds += f"ELSE left({text}, 16) || ':00' || substr({text}, 17) END"
    zoned = f"({seconds}) || CASE WHEN {has_offset(text)} THEN '' ELSE 'Z' END"
    # Through microseconds since 1970, for those know no time zone of the session.
    moment = f"make_timestamp(epoch_us(try_cast({zoned} AS TIMESTAMPTZ)))"
    return (
        f"CASE WHEN regexp_full_match({text}, {literal(MOMENT)}) "
        f"AND left({text}, 10) BETWEEN '0001-01-02' AND '9999-12-30' THEN {moment} END"
    )


def has_offset(text: str) -> str:
    """Return SQL that is true where the moment written as ``text`` ends in Z or an offset."""
    return f"regexp_matches(substr({text}, 17), '[Z+-]')"


def _truth(_: Field, text: str) -> str:
    word = f"lower({text})"
    return (
        f"CASE WHEN {one_of(word, TRUE_WORDS)} THEN true "
        f"WHEN {one_of(word, FALSE_WORDS)} THEN false END"
    )


def _json(_: Field, text: str) -> str:
    return f"CASE WHEN starts_with({text}, '[') AND json_valid({text}) THEN {text} END"


READERS = {
    Type.TEXT: _text,
    Type.INTEGER: _whole,
    Type.QUANTITY: _decimal,
    Type.STRENGTH: _decimal,
    Type.DATE: _day,
    Type.DATETIME: _moment,
    Type.BOOLEAN: _truth,
    Type.LIST: _list,
    Type.JSON: _json,
}
