"""Judges by hand whether a share is far above those of peers (the part of rule R28 that asks that).

Written from the text of the rule, not from its program, and needs Python alone. The peers come
as counts, one row each; the prescriber himself is counted from his prescriptions.
"""

from datetime import date, timedelta
from fractions import Fraction

CONTROLLED = ("II", "III", "IV", "V")


def compared(written: list, reviews: list, records: dict, parameters: dict) -> dict:
    """Return occurrences, reasons why there is no answer, and the arithmetic in words.

    ``written``: all that the prescriber wrote; ``reviews``: of these (row, doubt) that are
    looked at where peers write less, the doubt None where there is none.
    """
    mine = [(row, doubt) for row, doubt in reviews if counts(row, parameters)]
    asked = [(row, doubt) for row, doubt in mine if is_judged(row, parameters)]
    if not asked:
        return answer()
    every = [row for row in written if counts(row, parameters)]
    roles = {row["role_group"] for row in every} - {None}
    if len(roles) > 1:
        return answer(reasons={"specialties_differ"})
    if len(every) < parameters["least_controlled"]:
        return answer(reasons={"few_controlled"})
    doubtful = sum(doubt is not None for _, doubt in mine)
    own = (len(mine) - doubtful, len(every))
    others, place = group(roles.pop(), own, doubtful, records, parameters)
    if others is None:
        return answer(reasons={"no_peer_group"})
    line, lines = line_of(others, None if doubtful else own, parameters)
    if line is None:
        return answer()
    most = line * own[1] // 1
    told = [
        *lines,
        f"Peers {place}: {len(others) + (not doubtful)}, himself among them."
        if not doubtful
        else f"Peers {place}: {len(others)}, himself not among them for {doubtful} are in doubt.",
        f"{own[0]} of {own[1]} controlled prescriptions; at most {most} are within the line of "
        f"{line}; fires from {parameters['beyond_line']} more.",
    ]
    beyond = own[0] - most
    reasons, occurrences = set(), []
    if beyond + doubtful >= parameters["beyond_line"]:
        reasons = {doubt for _, doubt in asked} - {None}
    if beyond >= parameters["beyond_line"]:
        occurrences = daily([row for row, doubt in asked if doubt is None], beyond)
    return answer(occurrences, reasons, told)


def answer(occurrences: list = (), reasons: set = frozenset(), lines: list = ()) -> dict:
    """Return the parts of an answer."""
    return {"occurrences": list(occurrences), "reasons": set(reasons), "lines": list(lines)}


def counts(row: dict, parameters: dict) -> bool:
    """Return whether the row is controlled and was written in the days that are compared."""
    first = parameters["as_of"] - timedelta(parameters["peer_days"] - 1)
    known = row["matched"] and row["schedule"] in CONTROLLED
    return bool(known) and first <= row["written_on"] <= parameters["as_of"]


def is_judged(row: dict, parameters: dict) -> bool:
    """Return whether these parameters judge the day on which the row was written."""
    first, last = parameters.get("judge_from") or date.min, parameters.get("judge_to") or date.max
    return first <= row["written_on"] <= last


def group(role: str, own: tuple, doubtful: int, records: dict, parameters: dict) -> tuple:
    """Return the shares of the peers without his own, and where they are; None, None for nobody.

    In his state where they are enough, himself counted unless something of his is in doubt;
    else everywhere.
    """
    subject, days = records["subject"], parameters["peer_days"]
    rows = [
        row
        for row in records["peers"]
        if row["scope_class"] == subject["class"] and row["days"] == days
    ]
    himself = [row for row in rows if row["prescriber_key"] == subject["npi"]]
    state = himself[0]["state"] if himself else None
    others = [
        row
        for row in rows
        if row["prescriber_key"] != subject["npi"]
        and row["role_group"] == role
        and row["controlled"] >= parameters["least_controlled"]
        and row["doubtful"] == 0
    ]
    near = [row for row in others if state is not None and row["state"] == state]
    for found, place in ((near if state else None, f"in {state}"), (others, "everywhere")):
        if found is not None and len(found) + (not doubtful) >= parameters["least_members"]:
            return [(row["reviewed"], row["controlled"]) for row in found], place
    return None, None


def line_of(others: list, own: tuple | None, parameters: dict) -> tuple:
    """Return the share that is the line, None where there is none, and how it comes about."""
    rest = [Fraction(*each) for each in others]
    shares = sorted([*rest, Fraction(*own)] if own else rest)
    lower, upper = quartile(shares, 1), quartile(shares, 3)
    told = [f"A quarter of the peers have at most {lower}, three quarters at most {upper}."]
    if lower == upper:
        told.append("The quartiles are equal: the line is the highest share of the others.")
        return max(rest, default=None), told
    return upper + Fraction(parameters["fence_halves"], 2) * (upper - lower), told


def quartile(shares: list, number: int) -> Fraction:
    """Return a quartile of shares in ascending order, interpolated linearly (type 7)."""
    below, quarters = divmod((len(shares) - 1) * number, 4)
    above = min(below + 1, len(shares) - 1)
    return shares[below] + Fraction(quarters, 4) * (shares[above] - shares[below])


def daily(rows: list, beyond: int) -> list:
    """Return one occurrence for each day on which some of the rows were written."""
    return [
        {
            "definition": "above_peers",
            "first_on": day,
            "last_on": day,
            "value": beyond,
            "severity": "low",
            "excluded_by": None,
            "records": sorted(row["key"] for row in rows if row["written_on"] == day),
        }
        for day in sorted({row["written_on"] for row in rows})
    ]
