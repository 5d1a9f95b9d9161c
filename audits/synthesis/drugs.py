"""The drugs that the invented practices prescribe, and what each is prescribed for."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, kw_only=True)
class Product:
    """A product as a file names it, and an ordinary amount of it.

    ``days`` is the supply that ``quantity`` lasts; ``most_fills`` bounds a course, and
    the courses of opioids are short or weak enough that no dose is high. ``by`` are the
    trades that ordinarily write it.
    """

    drug_name: str
    strength: str
    unit: str
    dose_form: str
    route: str
    quantity: int
    days: int
    diagnoses: tuple[str, ...]
    most_fills: int = 24
    share: int = 1
    compounded: bool = False
    controlled: bool = False
    by: tuple[str, ...] = ()
    setting: str = "home"

    @property
    def watched(self) -> bool:
        """Return whether an ordinary practice looks after the patient who takes it."""
        return self.drug_name.startswith("ketamine")


def _tablet(drug_name: str, quantity: int, days: int, *diagnoses: str, **more) -> Product:
    strength, unit, form = drug_name.split()[-3:]
    return Product(
        drug_name=drug_name,
        strength=strength,
        unit=unit,
        dose_form=form,
        route=more.pop("route", "oral"),
        quantity=quantity,
        days=days,
        diagnoses=diagnoses,
        **more,
    )


GENERAL = ("primary_care", "general_np", "physician_assistant")
MIND = ("psychiatry", "psychiatric_np")
YOUNG, ACUTE = ("pediatrics",), ("emergency", "dental", "podiatry")


def _free(share: int, by: tuple[str, ...], drug_name: str, quantity: int, days: int, *dx: str):
    return _tablet(drug_name, quantity, days, *dx, share=share, by=by)


def _controlled(
    share: int, by: tuple[str, ...], drug_name: str, quantity: int, days: int, *dx: str, **more
):
    more |= {"share": share, "by": by, "controlled": True}
    return _tablet(drug_name, quantity, days, *dx, **more)


# Each trade writes what is usual for it, and the shares make about four in ten controlled.
ORDINARY: tuple[Product, ...] = (
    _free(12, (*GENERAL, *MIND), "sertraline 50 mg tablet", 30, 30, "F33.1", "F41.1"),
    _free(10, (*GENERAL, *MIND), "escitalopram 10 mg tablet", 30, 30, "F33.1", "F41.1"),
    _free(7, (*GENERAL, *MIND), "bupropion XL 150 mg tablet", 30, 30, "F33.1"),
    _free(6, (*GENERAL, *MIND), "trazodone 50 mg tablet", 30, 30, "G47.00"),
    _free(8, GENERAL, "metformin 500 mg tablet", 60, 30, "E11.9"),
    _free(8, GENERAL, "lisinopril 10 mg tablet", 90, 90, "I10"),
    _free(6, GENERAL, "atorvastatin 20 mg tablet", 90, 90, "E78.5"),
    _free(3, (*GENERAL, *MIND, *YOUNG), "hydroxyzine 25 mg capsule", 30, 15, "F41.1"),
    _free(6, ("pain",), "gabapentin 300 mg capsule", 90, 30, "M54.5"),
    _free(6, ("pain", *ACUTE), "ibuprofen 600 mg tablet", 30, 10, "M54.5", "K08.89"),
    _free(4, (*GENERAL, *YOUNG, *ACUTE), "amoxicillin 500 mg capsule", 21, 7, "J02.9"),
    _controlled(12, (*GENERAL, *MIND), "amphetamine salts 20 mg tablet", 60, 30, "F90.2"),
    _controlled(8, (*GENERAL, *MIND, *YOUNG), "lisdexamfetamine 40 mg capsule", 30, 30, "F90.2"),
    _controlled(5, (*GENERAL, *MIND, *YOUNG), "methylphenidate ER 36 mg tablet", 30, 30, "F90.0"),
    _controlled(6, (*GENERAL, *MIND), "alprazolam 0.5 mg tablet", 30, 30, "F41.0"),
    _controlled(3, (*GENERAL, *MIND), "clonazepam 0.5 mg tablet", 30, 30, "F41.0"),
    _controlled(4, (*GENERAL, *MIND), "zolpidem 10 mg tablet", 30, 30, "G47.00"),
    _controlled(2, ("pain",), "morphine ER 15 mg tablet", 60, 30, "M54.5", "G89.4"),
    _controlled(2, ("pain", *GENERAL), "tramadol 50 mg tablet", 60, 30, "M54.5", "M17.11"),
    _controlled(
        2, (*GENERAL, *ACUTE), "oxycodone 5 mg tablet", 20, 5, "M54.5", "S82.201A", most_fills=2
    ),
    _controlled(
        2,
        (*GENERAL, *ACUTE),
        "hydrocodone-acetaminophen 5-325 mg tablet",
        20,
        5,
        "K08.89",
        most_fills=1,
    ),
    _controlled(
        2,
        (*GENERAL, *MIND),
        "buprenorphine-naloxone 8-2 mg film",
        60,
        30,
        "F11.20",
        route="sublingual",
    ),
    _controlled(
        8,
        MIND,
        "ketamine 100 mg troche",
        30,
        30,
        "F33.2",
        route="sublingual",
        most_fills=6,
        compounded=True,
    ),
    _controlled(
        1,
        ("psychiatry", "pain"),
        "ketamine 50 mg/ml vial",
        1,
        1,
        "F33.2",
        route="intravenous",
        most_fills=6,
        setting="clinic",
    ),
)

PLANTED: Mapping[str, Product] = MappingProxyType(
    {
        "morphine": _tablet("morphine ER 60 mg tablet", 60, 30, "M54.5", "G89.4"),
        "oxycodone": _tablet("oxycodone 30 mg tablet", 180, 30, "M54.5", "G89.4"),
        "weak oxycodone": _tablet("oxycodone 5 mg tablet", 20, 5, "M54.5", "S82.201A"),
        "fentanyl": _tablet("fentanyl 75 mcg/hr patch", 10, 30, "G89.4", route="transdermal"),
        "buprenorphine": _tablet(
            "buprenorphine-naloxone 8-2 mg film", 90, 30, "F11.20", route="sublingual"
        ),
        "tramadol": _tablet("tramadol 50 mg tablet", 60, 30, "M54.5"),
        "alprazolam": _tablet("alprazolam 1 mg tablet", 30, 30, "F41.0"),
        "half alprazolam": _tablet("alprazolam 0.5 mg tablet", 30, 30, "F41.0"),
        "clonazepam": _tablet("clonazepam 0.5 mg tablet", 30, 30, "F41.0"),
        "zolpidem": _tablet("zolpidem 10 mg tablet", 30, 30, "G47.00"),
        "amphetamine": _tablet("amphetamine salts 20 mg tablet", 60, 30, "F90.2"),
        "sertraline": _tablet("sertraline 50 mg tablet", 30, 30, "F33.1"),
        "ketamine": _tablet(
            "ketamine 200 mg troche", 30, 30, "F33.2", route="sublingual", compounded=True
        ),
        "six troches": _tablet(
            "ketamine 100 mg troche", 6, 30, "F33.2", route="sublingual", compounded=True
        ),
        "ketamine spray": _tablet(
            "ketamine 100 mg/ml spray", 10, 30, "F33.2", route="nasal", compounded=True
        ),
        "ketamine vial": _tablet("ketamine 50 mg/ml vial", 6, 30, "F33.2", route="intramuscular"),
        "esketamine": _tablet("esketamine 28 mg spray", 6, 30, "F33.2", route="nasal"),
    }
)
