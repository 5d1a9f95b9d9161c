"""Patients near the doses of R04, what excuses them, what makes it graver: worked out by hand."""

from .boundaries_providers import (
    ALL4,
    ALPRAZOLAM,
    CLEAR,
    MORPHINE,
    OK5,
    PATCH,
    TROCHE,
    YEAR4,
    again,
    code,
    fired,
    many,
    on,
    rx,
    suppressed,
    told,
    unknown,
)

OMS3 = ("cms_oms", "high", 3)


def dosed(quantity="42", days="7", last=0, prescribers=3, pharmacies=3):
    """Return fills of which the first is of morphine, 90 MME a day unless told otherwise.

    The others are patches of buprenorphine, which has no MME.
    """
    first, *others = many(prescribers, pharmacies, last, drug=PATCH, days="1")
    return [first | {"drug_name": MORPHINE, "quantity": quantity, "days_supply": days}, *others]


DOSES = {
    "90 MME on a day": (dosed(), fired(OMS3)),
    "a thousandth less than 90": (dosed("1079.985", "180"), CLEAR),
    "90 MME by two fills of a day": (
        [*dosed("21"), rx(0, 2, 2, MORPHINE, "21", "7")],
        fired(OMS3),
    ),
    "90 MME, 182 days apart": (dosed(last=182), fired(OMS3)),
    "90 MME, 183 days apart": (dosed(last=183), CLEAR),
    "90 MME by three and two": (dosed(prescribers=3, pharmacies=2), CLEAR),
    "90 MME by two and three": (dosed(prescribers=2, pharmacies=3), CLEAR),
    "90 MME by five alone": (
        dosed(prescribers=5, pharmacies=1, days="7"),
        fired(("cms_oms", "high", 5)),
    ),
    "90 MME by four alone": (dosed(prescribers=4, pharmacies=1), CLEAR),
    "the last day of 90 MME opens the window": (
        [rx(0, 1, 1, MORPHINE, "42"), *(rx(188, n, n, PATCH, days="1") for n in (1, 2, 3))],
        fired(OMS3),
    ),
    "the last day of 90 MME before the window": (
        [rx(0, 1, 1, MORPHINE, "42"), *(rx(189, n, n, PATCH, days="1") for n in (1, 2, 3))],
        CLEAR,
    ),
    "90 MME on an excused day": (
        [*dosed("6", "1", last=1), code(-364, "C50.911")],
        fired(OMS3),
    ),
    "90 MME after the window": (
        [*many(3, 3, days="1"), rx(200, 1, 1, MORPHINE, "42")],
        CLEAR,
    ),
}

PEAK = 89  # the one day whose 90-day average is above 120


def shopping(day, *more, hair="0.4", quantity="720", days="90"):
    """Return 90 days of 120 MME, or what is told, with a ``hair`` more on day 0.

    Four prescribers follow on ``day``.
    """
    above = [rx(0, 1, 1, "codeine 15 mg tablet", hair, "1")] if hair else []
    later = [rx(day, n, n, days="4", quantity="1") for n in range(1, 5)]
    return [rx(0, 1, 1, MORPHINE, quantity, days), *above, *later, *more]


def sedative(day, days="30"):
    return rx(day, 1, 1, "clonazepam 1 mg tablet", "30", days)


def shopped(severity="high"):
    return fired(("oig_shopping", severity, 4), ALL4, YEAR4)


SHOPPING = {
    "the average on the window's first day": (shopping(PEAK + 364), shopped()),
    "the average the day before the window": (shopping(PEAK + 365), fired(ALL4, YEAR4)),
    "exactly 120": (
        shopping(PEAK + 200, hair=""),
        fired(ALL4, YEAR4),
    ),
    "89 days of 121": (
        shopping(PEAK + 200, hair="", quantity="718", days="89"),
        fired(ALL4, YEAR4),
    ),
    "the average was excused": (
        shopping(PEAK + 364, code(PEAK - 364, "C50.911")),
        fired(ALL4, YEAR4),
    ),
    "a sedative's last day in the window": (
        shopping(PEAK + 364, sedative(PEAK - 29)),
        shopped("critical"),
    ),
    "a sedative's last day before the window": (
        shopping(PEAK + 364, sedative(PEAK - 30)),
        shopped(),
    ),
    "a sedative on the window's last day": (
        shopping(PEAK + 364, sedative(PEAK + 364)),
        shopped("critical"),
    ),
    "a sedative the day after": (shopping(PEAK + 364, sedative(PEAK + 365)), shopped()),
    "a sedative without days": (shopping(PEAK + 364, sedative(PEAK + 300, "")), shopped()),
}

FOUR = many(4, 3, drug=ALPRAZOLAM)
EXCUSES = {
    "cancer on the day": (code(0, "C50.911"), "cancer"),
    "cancer 364 days before": (code(-364, "C50.911"), "cancer"),
    "cancer 365 days before": (code(-365, "C50.911"), None),
    "cancer the day after": (code(1, "C50.911"), None),
    "cancer treatment": (told(0, treatment_type="03"), "cancer"),
    "palliative code 364 days before": (code(-364, "Z51.5"), "hospice"),
    "palliative code 365 days before": (code(-365, "Z51.5"), None),
    "hospice care 04": (told(0, treatment_type="04"), "hospice"),
    "hospice care 05": (told(0, treatment_type="05"), "hospice"),
    "hospice setting": (told(0, patient_setting="hospice"), "hospice"),
    "another treatment": (told(0, treatment_type="01", patient_setting="home"), None),
    "sickle cell years before": (code(-2000, "D57.1"), "sickle_cell"),
    "sickle cell the day after": (code(1, "D57.1"), None),
    "sickle cell trait": (code(0, "D57.3"), None),
    "cancer before hospice": (code(0, "Z51.5", "C50.911"), "cancer"),
    "hospice before sickle cell": (code(0, "D57.1", "Z51.5"), "hospice"),
}
EXCUSES = {
    name: ([*FOUR, row], suppressed(reason, ALL4) if reason else fired(ALL4))
    for name, (row, reason) in EXCUSES.items()
}
EXCUSES["cancer for a part"] = (
    [*FOUR, code(-360, "C50.911"), rx(10, 1, 1, ALPRAZOLAM)],
    fired(ALL4, ALL4),
)

EXCUSES["cancer for a while"] = (
    [*FOUR, code(5, "C50.911"), rx(10, 1, 1, ALPRAZOLAM), *again(370, ALPRAZOLAM)],
    fired(ALL4, ALL4, ALL4),
)

GRAVER = {
    "overdose on the day": (code(0, "T40.2X1A"), "high"),
    "overdose 365 days before": (code(-365, "T40.2X1A"), "high"),
    "overdose 366 days before": (code(-366, "T40.2X1A"), "medium"),
    "overdose the day after": (code(1, "T40.2X1A"), "medium"),
    "substance use": (code(0, "F11.20"), "high"),
    "an adverse effect": (code(0, "T40.2X5A"), "medium"),
}
GRAVER = {
    name: ([*FOUR, row], fired(("all_controlled", severity, 4)))
    for name, (row, severity) in GRAVER.items()
}
HARM = code(0, "T40.2X1A")
GRAVER["critical stays"] = (
    [*many(5, 5, drug=TROCHE), HARM],
    fired(OK5, ("all_controlled", "high", 5)),
)
GRAVER["low becomes medium"] = (
    [*many(4, 2, days="7"), HARM],
    fired(("ncqa_uop", "medium", 4)),
)
GRAVER["high becomes critical"] = ([*dosed(), HARM], fired(("cms_oms", "critical", 3)))

UNUSABLE = {
    "a dose that cannot be said": (
        dosed(quantity=""),
        unknown("quantity_unusable"),
    ),
    "a dose that cannot be said, after the window": (
        [*many(3, 3, days="1"), rx(200, 1, 1, MORPHINE, "")],
        CLEAR,
    ),
    "a dose that cannot be said, two prescribers": (
        dosed(quantity="", prescribers=2),
        CLEAR,
    ),
    "fired although a row is unusable": (
        [*FOUR, rx(0, 1, 1, "gibberish 5 mg")],
        fired(ALL4),
    ),
    "suppressed although a row is unusable": (
        [*FOUR, rx(0, 1, 1, "gibberish 5 mg"), code(0, "C50.911")],
        suppressed("cancer", ALL4),
    ),
}

CASES = {**DOSES, **SHOPPING, **EXCUSES, **GRAVER, **UNUSABLE}
RUNS = {
    "cancer for a while": (
        "all_controlled",
        [(on(0), on(0), None), (on(10), on(10), "cancer"), (on(370), on(370), None)],
    ),
    "cancer for a part": ("all_controlled", [(on(0), on(0), "cancer"), (on(10), on(10), None)]),
}
