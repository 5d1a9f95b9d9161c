"""From a chart to SVG that may stand in a page: no script, no style attribute, nothing fetched."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

if TYPE_CHECKING:
    import altair

WIDE, NARROW = 760, 350  # pixels of the whole picture
INK, QUIET, LINE, PAPER = "var(--ink)", "var(--quiet)", "var(--line)", "var(--paper)"
ROOT = re.compile(r"<svg[^>]*?(viewBox=\"[^\"]*\")[^>]*>")
# What Vega says of its own parts to screen readers; the picture has one text for all.
SPOKEN = re.compile(r' (?:role|aria-[a-z]+)="[^"<>]*"')


@dataclass(frozen=True, kw_only=True)
class Picture:
    """One chart for a desk and one for a narrow screen; the stylesheet shows one of them."""

    wide: SafeString
    narrow: SafeString


def picture(draw: Callable[[int], "altair.TopLevelMixin"], label: str) -> Picture:
    """Return what ``draw`` makes for each width, with ``label`` as its text for those who hear."""
    wide, narrow = (_svg(draw(width), label) for width in (WIDE, NARROW))
    return Picture(wide=wide, narrow=narrow)


def _svg(chart: "altair.TopLevelMixin", label: str) -> SafeString:
    drawn = _converted(_dressed(chart).to_json(indent=None))
    start = ROOT.search(drawn)
    inside = SPOKEN.sub("", drawn[start.end() :])
    root = format_html('<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{}" ', label)
    # Vega escapes every text; what else is in it are numbers and names of ours.
    return root + mark_safe(f"{start[1]}>{inside}")  # noqa: S308


@lru_cache(maxsize=64)
def _converted(specification: str) -> str:
    """Return the SVG of a Vega-Lite specification; nothing may be fetched for it."""
    # Loaded with the first picture: together they take a second and 100 MB.
    import altair  # noqa: PLC0415
    import vl_convert  # noqa: PLC0415

    version = altair.SCHEMA_VERSION.removeprefix("v").rsplit(".", 1)[0]
    return vl_convert.vegalite_to_svg(specification, vl_version=version, allowed_base_urls=[])


def _dressed(chart: "altair.TopLevelMixin") -> "altair.TopLevelMixin":
    """Return the chart in the clothes of the pages."""
    return (
        chart.properties(background="transparent", padding=0)
        .configure(font="inherit", aria=False)
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=QUIET,
            labelFontSize=11,
            titleColor=QUIET,
            titleFontSize=11,
            titleFontWeight="normal",
            domainColor=LINE,
            tickColor=LINE,
            gridColor=LINE,
        )
    )
