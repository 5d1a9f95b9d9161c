"""The drugs that the invented practices prescribe, and what each is prescribed for."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, kw_only=True)
class Product:
    """A product as a file names it, and an ordinary amount of it.

    ``days`` is the supply that ``quantity`` lasts; ``most_fills`` bounds a course, and
    the courses of opioids are short or weak enough that no dose is high.
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


# The shares make about four in ten prescriptions controlled, as a telehealth practice has.
ORDINARY: tuple[Product, ...] = (
    _tablet("sertraline 50 mg tablet", 30, 30, "F33.1", "F41.1", share=12),
    _tablet("escitalopram 10 mg tablet", 30, 30, "F33.1", "F41.1", share=10),
    _tablet("bupropion XL 150 mg tablet", 30, 30, "F33.1", share=7),
    _tablet("trazodone 50 mg tablet", 30, 30, "G47.00", share=6),
    _tablet("metformin 500 mg tablet", 60, 30, "E11.9", share=8),
    _tablet("lisinopril 10 mg tablet", 90, 90, "I10", share=8),
    _tablet("atorvastatin 20 mg tablet", 90, 90, "E78.5", share=6),
    _tablet("hydroxyzine 25 mg capsule", 30, 15, "F41.1", share=3),
    _tablet("amoxicillin 500 mg capsule", 21, 7, "J02.9", most_fills=1, share=4),
    _tablet("amphetamine salts 20 mg tablet", 60, 30, "F90.2", share=9),
    _tablet("lisdexamfetamine 40 mg capsule", 30, 30, "F90.2", share=6),
    _tablet("methylphenidate ER 36 mg tablet", 30, 30, "F90.0", share=4),
    _tablet("alprazolam 0.5 mg tablet", 30, 30, "F41.0", share=4),
    _tablet("clonazepam 0.5 mg tablet", 30, 30, "F41.0", share=3),
    _tablet("zolpidem 10 mg tablet", 30, 30, "G47.00", share=3),
    _tablet("oxycodone 5 mg tablet", 20, 5, "M54.5", "S82.201A", most_fills=2, share=2),
    _tablet("hydrocodone-acetaminophen 5-325 mg tablet", 20, 5, "K08.89", most_fills=1, share=2),
    _tablet("tramadol 50 mg tablet", 60, 30, "M54.5", "M17.11", share=2),
    _tablet(
        "ketamine 100 mg troche",
        30,
        30,
        "F33.2",
        route="sublingual",
        most_fills=6,
        compounded=True,
    ),
    _tablet("buprenorphine-naloxone 8-2 mg film", 60, 30, "F11.20", route="sublingual", share=2),
)

PLANTED: Mapping[str, Product] = MappingProxyType(
    {
        "morphine": _tablet("morphine ER 60 mg tablet", 60, 30, "M54.5", "G89.4"),
        "oxycodone": _tablet("oxycodone 30 mg tablet", 180, 30, "M54.5", "G89.4"),
        "fentanyl": _tablet("fentanyl 75 mcg/hr patch", 10, 30, "G89.4", route="transdermal"),
        "buprenorphine": _tablet(
            "buprenorphine-naloxone 8-2 mg film", 90, 30, "F11.20", route="sublingual"
        ),
        "alprazolam": _tablet("alprazolam 1 mg tablet", 30, 30, "F41.0"),
        "amphetamine": _tablet("amphetamine salts 20 mg tablet", 60, 30, "F90.2"),
        "ketamine": _tablet(
            "ketamine 200 mg troche", 30, 30, "F33.2", route="sublingual", compounded=True
        ),
    }
)
