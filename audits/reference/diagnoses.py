"""Sets of diagnoses by ICD-10-CM prefix."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from .loading import made_of, rows

SIXTH = 5
FIFTHS = "0123456789X"


def plain(code: str) -> str:
    """Return an ICD-10-CM code in capitals, without its point and without spaces."""
    return code.replace(".", "").replace(" ", "").upper()


@made_of("icd10_sets")
def sets() -> Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """Return by set the prefixes that put a code in and those that take it out, without points."""
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: {"include": [], "exclude": []})
    for row in rows("icd10_sets"):
        found[row["set_id"]][row["action"]].append(plain(row["icd10_prefix"]))
    return MappingProxyType(
        {name: (tuple(s["include"]), tuple(s["exclude"])) for name, s in found.items()}
    )


@made_of("icd10_sets")
def sixth_characters() -> Mapping[str, str]:
    """Return by set what the sixth character may be where a code has one, where that matters."""
    listed = (row for row in rows("icd10_sets") if row["sixth_character"])
    return MappingProxyType({row["set_id"]: row["sixth_character"] for row in listed})


@made_of("icd10_sets", remembered=100_000)
def in_set(code: str, set_id: str) -> bool:
    """Return whether a diagnosis belongs to a set; the longest prefix that fits decides.

    Points and case are ignored. In a set with a sixth character (``overdose``: 1 to 4 are
    poisonings, 5 an adverse effect, 6 too low a dose) a code that has one must have a
    listed one. Raises KeyError for a set that is not in the table.
    """
    include, exclude = sets()[set_id]
    bare = plain(code)
    fitting = max((len(prefix) for prefix in include if bare.startswith(prefix)), default=0)
    against = max((len(prefix) for prefix in exclude if bare.startswith(prefix)), default=0)
    allowed = sixth_characters().get(set_id)
    if allowed and len(bare) > SIXTH and bare[SIXTH] not in allowed:
        return False
    return fitting > against


def spelled_out(names: Sequence[str]) -> Iterator[tuple[str, tuple[tuple[str, ...], ...]]]:
    """Yield (set, (include, exclude)) with the sixth characters put into the prefixes.

    For readers that know prefixes only: a set with sixth characters excludes each of its
    prefixes continued by any fifth and a sixth that is not listed.
    """
    for name in names:
        include, exclude = sets()[name]
        listed = sixth_characters().get(name, "")
        others = [c for c in FIFTHS if c not in listed] if listed else []
        more = tuple(p + fifth + c for p in include for fifth in FIFTHS for c in others)
        yield name, (include, (*exclude, *more))
