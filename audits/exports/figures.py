"""A flag's figure as people and spreadsheets read it."""

from decimal import ROUND_HALF_EVEN, Context, Decimal

from ..models import FlagState

PLACES = Decimal("0.000001")
WIDE = Context(prec=40, rounding=ROUND_HALF_EVEN)


def exact(value: int, divisor: int) -> str:
    """Return ``value / divisor`` in decimal, up to six places and without idle zeros."""
    quotient = WIDE.divide(Decimal(value), Decimal(divisor)).quantize(PLACES, context=WIDE)
    text = f"{quotient:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def exact_of(state: FlagState) -> str:
    """Return the figure of a flag's worst occurrence."""
    return exact(state.value, state.value_divisor)
