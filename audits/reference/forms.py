"""Dose forms read from words: labels, directories, names and routes."""

import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

# The first kind found wins, so "tablet, film coated" is a tablet and "rectal gel" a gel.
WORDS: tuple[tuple[str, str], ...] = (
    (
        "tablet",
        "tab tabs tablet tablets tablette caplet caplets tbl odt rdt chewable chew tbcr tber tb12"
        " tb24 t12a tbdp tbec subl",
    ),
    ("capsule", "cap caps capsule capsules capsul cps cpsr cp12 cp24 cpcr cper c12a"),
    ("lozenge", "lozenge lozenges loz lollipop lollipops lpop oralet otfc"),
    ("troche", "troche troches"),
    ("other", "gel jelly cream ointment oint lotion foam salve kit inhaler inhalation enema"),
    ("film", "film films strip strips"),
    ("patch", "patch patches ptch transdermal td72 pt72 tds"),
    ("implant", "implant implants pellet pellets"),
    ("nasal_spray", "nasal intranasal nasally"),
    ("suppository", "supp supps suppository suppositories rectal"),
    (
        "injection",
        "inj injection injectable injector vial vials ampul ampuls ampule ampules ampoule"
        " ampoules syringe infusion intravenous intramuscular subcutaneous subq epidural"
        " intrathecal parenteral iv im sq",
    ),
    ("spray", "spray sprays aerosol"),
    (
        "solution",
        "solution soln sol syrup syrp syr elixir elix liquid liq suspension susp concentrate"
        " conc tincture drops",
    ),
    ("powder", "powder powd pwdr"),
)
KIND_OF_WORD: Mapping[str, int] = MappingProxyType(
    {word: kind for kind, (_, words) in enumerate(WORDS) for word in words.split()}
)
WORD = re.compile(r"[a-z][a-z0-9]*")
# "Film coated" is said of tablets, and the IV of "C-IV" is a schedule.
NOT_A_FORM = re.compile(r"\bfilm[\s,-]*coated\b|\b(?:c-|schedule )iv\b")
LONG = re.compile(
    r"\b(?:tbcr|tber|tb12|tb24|t12a|cpsr|cpcr|cper|cp12|cp24|c12a"
    r"|er|xr|sr|cr|la|xl|sa|cd|xt|contin|extend\w*|sustained|controlled|ext[- ]rel"
    r"|long[- ]acting|(?:12|24|72|96|168)[- ]?h(?:r|rs|our|ours)?)\b"
)
SHORT = re.compile(r"\b(?:ir|immediate)\b")

ROUTE_FORMS = {
    "nasal": "nasal_spray",
    "injection": "injection",
    "intravenous": "injection",
    "intramuscular": "injection",
    "subcutaneous": "injection",
    "transdermal": "patch",
    "rectal": "suppository",
}
# The first that a row's words name; "oral" stands last, for troches are oral too.
ROUTE_WORDS: tuple[tuple[str, str], ...] = (
    ("nasal", "nasal intranasal nasally nostril"),
    ("rectal", "rectal rectally supp supps suppository suppositories"),
    ("intravenous", "intravenous intravenously iv"),
    ("intramuscular", "intramuscular intramuscularly im"),
    ("subcutaneous", "subcutaneous subcutaneously subq sq"),
    (
        "injection",
        "inj injection injections injectable injector vial vials ampul ampuls ampule ampules"
        " ampoule ampoules syringe syringes",
    ),
    ("sublingual", "sublingual sublingually sl troche troches"),
    ("buccal", "buccal buccally lozenge lozenges loz lollipop lollipops"),
    ("transdermal", "transdermal transdermally patch patches ptch"),
    ("topical", "topical topically cream ointment gel lotion"),
    (
        "oral",
        "oral orally po mouth tab tabs tablet tablets caplet caplets cap caps capsule capsules"
        " rdt odt syrup elixir gummy gummies",
    ),
)
# What a route may sharpen: a solution taken by the nose is a nasal spray, a tablet is not.
SHARPENED = {
    "nasal_spray": {"unknown", "spray", "solution"},
    "injection": {"unknown", "solution", "powder"},
    "patch": {"unknown"},
    "suppository": {"unknown"},
}


@lru_cache(maxsize=50_000)
def form_of(text: str) -> str:
    """Return the form that the words of ``text`` name, one of FORMS; "unknown" where none does."""
    lowered = text.lower()
    if "film" in lowered or "iv" in lowered:
        lowered = NOT_A_FORM.sub(" ", lowered)
    kinds = KIND_OF_WORD.keys() & WORD.findall(lowered)
    return WORDS[min(KIND_OF_WORD[word] for word in kinds)][0] if kinds else "unknown"


def form_by_route(form: str, route: str) -> str:
    """Return ``form`` made sharper by the route, or unchanged where the route adds nothing."""
    routed = ROUTE_FORMS.get(route.strip().lower())
    return routed if routed and form in SHARPENED[routed] else form


@lru_cache(maxsize=50_000)
def route_of(text: str) -> str | None:
    """Return the route that the words of ``text`` name, None where none does."""
    words = set(WORD.findall(NOT_A_FORM.sub(" ", text.lower())))
    return next((route for route, named in ROUTE_WORDS if words & set(named.split())), None)


@lru_cache(maxsize=50_000)
def long_acting_of(text: str) -> bool | None:
    """Return whether ``text`` says extended release (True), immediate (False) or nothing (None)."""
    lowered = text.lower()
    if LONG.search(lowered):
        return True
    return False if SHORT.search(lowered) else None
