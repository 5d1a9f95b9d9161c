"""Mutants of the comparison with peers: whose share is of what, and where the line lies."""

from .mutant import changes

TESTS = ("tests/test_rules_peers.py",)
PLACES, QUARTILE, GROUPS, LINES = "def _places(", "def _quartile(", "def groups(", "def lines("
SHARES = changes(
    "audits/enrichment/shares.py",
    ("p.counts_as_prescription & ", "", "refills are prescriptions"),
    ("    p = p.filter(p.schedule.isin(CONTROLLED_SCHEDULES))\n", "", "everything is controlled"),
    ("days, peer_days)", "days, peer_days + 1)", "a day more in the window"),
    ("days, peer_days)", "days, peer_days - 1)", "a day less in the window"),
    (
        "    reviews = last_days(records, reviews, peer_days)\n",
        "",
        "the class is counted over all days",
    ),
    (
        "    days = last_days(records, days, peer_days)\n",
        "",
        "the whole is counted over all days",
    ),
    ("count(where=reviews.doubt.isnull())", "count()", "doubtful rows are of the class"),
    ("same = p.first_role == p.last_role", "same = p.first_role.notnull()", "the first specialty"),
    (
        "asked.union(counts.select(*WHO), distinct=True)",
        "counts.select(*WHO)",
        "only who writes some is a peer",
    ),
)
FENCES = changes(
    "audits/enrichment/fences.py",
    (" & (shares.doubtful == 0)", "", "the doubtful are members"),
    ("shares.controlled >= least", "shares.controlled > least", "members by the sign", GROUPS),
    ("reviewed.controlled >= least", "reviewed.controlled > least", "compared by the sign"),
    ("placed.members >= least_members", "placed.members > least_members", "groups by the sign"),
    ("place=there.state", "place=ibis.literal(EVERYWHERE)", "no state has a group", GROUPS),
    (
        "[placed.reviewed / placed.controlled, placed.prescriber_key]",
        "[placed.reviewed, placed.prescriber_key]",
        "counts are put in order, not shares",
    ),
    (
        "[placed.reviewed / placed.controlled, placed.prescriber_key]",
        "[placed.prescriber_key]",
        "nothing is put in order",
    ),
    ("both.place.desc()", "both.place", "all states come first"),
    (
        "lower, upper = last // QUARTERS, (last * 3)",
        "lower, upper = members // QUARTERS, (last * 3)",
        "the lower quartile a place higher",
        PLACES,
    ),
    ("(last * 3) // QUARTERS", "(members * 3) // QUARTERS", "the upper quartile higher", PLACES),
    ("ibis.least(upper + 1, last)", "upper", "no way between the upper ones", PLACES),
    ("ibis.least(lower + 1, last)", "lower", "no way between the lower ones", PLACES),
    ("(QUARTERS - quarters)", "quarters", "the way back between two", QUARTILE),
    ('"highest": last', '"highest": last - 1', "the second highest is highest"),
    ('"second": last - 1', '"second": last', "the highest is second"),
    ("one != other", "one == other", "fences where there are none", LINES),
    (
        "is_fence, is_highest = one != other, found",
        "is_fence, is_highest = one == one, found",
        "a line without a distance",
    ),
    ("(2 + fence_halves)", "(3 + fence_halves)", "three halves are four"),
    ("- other * fence_halves", "+ other * fence_halves", "the distance the other way"),
    ("found.who_highest == found", "found.who_highest != found", "himself among the others"),
    ("number - number % by", "number", "halves are rounded up"),
)
REVIEWS = changes(
    "audits/enrichment/reviews.py",
    ("rows, peer_days)", "rows, peer_days + 1)", "a day more is shown"),
    ("rows, peer_days)", "rows, peer_days - 1)", "a day less is shown"),
    ("rows.beyond >= beyond_line).fill", "rows.beyond > beyond_line).fill", "the line by the sign"),
    ("rows.doubt.isnull() & far", "far", "doubtful rows stand out"),
    (
        "rows.beyond + rows.doubtful >= beyond_line",
        "rows.beyond >= beyond_line",
        "doubts weigh nothing",
    ),
    (
        "        (rows.role_group.isnull(), Reason.SPECIALTIES_DIFFER.value),\n",
        "",
        "two types are one",
    ),
    (
        "rows.controlled < least_controlled",
        "rows.controlled <= least_controlled",
        "few by the sign",
    ),
    ("        (rows.members.isnull(), Reason.NO_PEER_GROUP.value),\n", "", "no group is clear"),
)
MUTANTS = [*SHARES, *FENCES, *REVIEWS]
