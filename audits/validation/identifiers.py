"""Check digits of NPI and DEA numbers as SQL conditions; ``keys`` has the same in Python."""

from collections.abc import Callable

from ..keys import LUHN_PREFIX_SUM

SYNTHETIC = 99_999  # the first five digits of NPIs made up for test data


def npi_number(text: str) -> str:
    """Return SQL for an NPI as a number; null unless it has ten digits."""
    return f"CASE WHEN regexp_full_match({text}, '[0-9]{{10}}') THEN try_cast({text} AS BIGINT) END"


def npi_is_synthetic(number: str) -> str:
    """Return SQL that is true for a number made up for test data, as Synthea and CMS do."""
    return f"{number} // 100000 = {SYNTHETIC}"


def npi_fails_check(number: str) -> str:
    """Return SQL that is true for an NPI, not synthetic, whose Luhn sum is wrong."""
    digits = [f"({number} // {10**place} % 10)" for place in range(10)]
    doubled = [f"{d} * 2 - CASE WHEN {d} > 4 THEN 9 ELSE 0 END" for d in digits[1::2]]
    total = " + ".join([*digits[::2], *doubled])
    return f"({total} + {LUHN_PREFIX_SUM}) % 10 <> 0 AND {number} // 100000 <> {SYNTHETIC}"


def dea_is_malformed(text: str) -> str:
    """Return SQL that is true unless there are two letters (or a letter and 9), seven digits."""
    return f"(NOT regexp_full_match({text}, '[A-Z][A-Z9][0-9]{{7}}'))"


def dea_fails_check(text: str) -> str:
    """Return SQL that is true for a well-formed DEA number whose last digit is wrong."""
    digits = [f"(ascii(substr({text}, {position}, 1)) - 48)" for position in range(3, 10)]
    total = f"{' + '.join(digits[0:5:2])} + 2 * ({' + '.join(digits[1:6:2])})"
    return f"(NOT {dea_is_malformed(text)} AND ({total}) % 10 <> {digits[6]})"


def any_word(text: str, fails: Callable[[str], str]) -> str:
    """Return SQL that is true where ``fails`` is true of some word of a list joined by ``;``."""
    return f"len(list_filter(string_split({text}, ';'), lambda word: {fails('word')})) > 0"
