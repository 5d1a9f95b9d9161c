"""What a verification finds."""

from dataclasses import dataclass

from ..models import FlagState


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One thing that is not as it must be.

    ``kind`` is altered, missing or extra; ``field`` names what is altered; ``flag`` is the
    public id of the flag, ``evaluation`` the number of the evaluation, where there is one.
    """

    kind: str
    rule: str = ""
    subject: str = ""
    field: str = ""
    flag: str = ""
    evaluation: int | None = None


def of_flag(kind: str, state: FlagState, field: str = "") -> Difference:
    """Return the difference of the flag that ``state`` is of."""
    flag = state.flag
    return Difference(
        kind=kind, rule=flag.rule, subject=flag.subject_id, field=field, flag=flag.public_id
    )
