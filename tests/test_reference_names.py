"""Names of drugs as people write them, each with what it must come out as."""

import time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audits.reference.drugs import FORMS, DrugIdentity, factor, match

# name | ingredient | others | form | strength | unit | long acting | schedule | MME factor
LINES = """
oxycodone 10 mg tab                               | oxycodone       |                               | tablet      | 10    | mg     | no  | II  | 1.5
OXYCODONE HCL 30MG TABLET                         | oxycodone       |                               | tablet      | 30    | mg     | no  | II  | 1.5
oxycodone5mg                                      | oxycodone       |                               | unknown     | 5     | mg     | ?   | II  | 1.5
oxycodone 30 mg #120                              | oxycodone       |                               | unknown     | 30    | mg     | ?   | II  | 1.5
oxycodone IR 15 mg                                | oxycodone       |                               | unknown     | 15    | mg     | no  | II  | 1.5
oxyCODONE 5 mg/5 mL solution                      | oxycodone       |                               | solution    | 1     | mg/ml  | no  | II  | 1.5
oxycodone solution 5 mg                           | oxycodone       |                               | solution    |       |        | no  | II  | 1.5
OxyContin 40 mg                                   | oxycodone       |                               | tablet      | 40    | mg     | yes | II  | 1.5
Oxycodone-Acetaminophen 5-325 mg                  | oxycodone       | acetaminophen                 | unknown     | 5     | mg     | ?   | II  | 1.5
OXYCODON-ACETAMINOPHEN 7.5-325                    | oxycodone       | acetaminophen                 | unknown     | 7.5   | mg     | ?   | II  | 1.5
oxyCODONE-acetaminophen (PERCOCET) 5-325 MG per tablet | oxycodone  | acetaminophen                 | tablet      | 5     | mg     | no  | II  | 1.5
Percocet 10/325                                   | oxycodone       | acetaminophen                 | tablet      | 10    | mg     | no  | II  | 1.5
oxycodone/apap 10 mg                              | oxycodone       | acetaminophen                 | unknown     |       |        | ?   | II  | 1.5
hydrocodone/apap 7.5/325                          | hydrocodone     | acetaminophen                 | unknown     | 7.5   | mg     | ?   | II  | 1
HYDROcodone-acetaminophen (NORCO) 10-325 MG per tablet | hydrocodone | acetaminophen                | tablet      | 10    | mg     | no  | II  | 1
Hydrocodone Bitartrate and Acetaminophen Tablets USP 10 mg/325 mg CII | hydrocodone | acetaminophen | tablet      | 10    | mg     | no  | II  | 1
hydrocodone-acetaminophen 7.5-325/15 ml           | hydrocodone     | acetaminophen                 | unknown     | 0.5   | mg/ml  | ?   | II  | 1
hydrocodone-homatropine 5-1.5 mg/5 ml syrup       | hydrocodone     | homatropine                   | solution    | 1     | mg/ml  | no  | II  |
Tussionex 10-8 mg/5 ml                            | hydrocodone     | chlorpheniramine              | solution    | 2     | mg/ml  | yes | II  |
12 HR Hydrocodone Bitartrate 10 MG Extended Release Oral Capsule | hydrocodone |                    | capsule     | 10    | mg     | yes | II  | 1
morphine ER 60 mg                                 | morphine        |                               | unknown     | 60    | mg     | yes | II  | 1
MS Contin 60 mg tablet                            | morphine        |                               | tablet      | 60    | mg     | yes | II  | 1
MORPHINE SO4 30MG SA TAB                          | morphine        |                               | tablet      | 30    | mg     | yes | II  | 1
morphine 10 mg/5 ml solution                      | morphine        |                               | solution    | 2     | mg/ml  | no  | II  | 1
morphine 100 mg/5 ml (20 mg/ml) concentrate       | morphine        |                               | solution    | 20    | mg/ml  | no  | II  | 1
morphine 15 mg suppository                        | morphine        |                               | suppository | 15    | mg     | no  | II  | 1
morphine 4 mg/ml injection                        | morphine        |                               | injection   | 4     | mg/ml  | no  | II  |
Embeda 20-0.8 mg                                  | morphine        | naltrexone                    | capsule     | 20    | mg     | yes | II  | 1
fentanyl 100 mcg/hr patch                         | fentanyl        |                               | patch       | 100   | mcg/hr | yes | II  | 7.2
fentanyl 100 mcg/h                                | fentanyl        |                               | patch       | 100   | mcg/hr | yes | II  | 7.2
fentanyl patch 25 mcg                             | fentanyl        |                               | patch       | 25    | mcg/hr | yes | II  | 7.2
fentanyl 2.5 mg patch                             | fentanyl        |                               | patch       | 2.5   | mg     | yes | II  |
Duragesic 25 mcg/hr                               | fentanyl        |                               | patch       | 25    | mcg/hr | yes | II  | 7.2
72 HR Fentanyl 0.025 MG/HR Transdermal System     | fentanyl        |                               | patch       | 25    | mcg/hr | yes | II  | 7.2
fentanyl lozenge 400 mcg                          | fentanyl        |                               | lozenge     | 400   | mcg    | no  | II  | 0.13
fentanyl 1,600 mcg lozenge                        | fentanyl        |                               | lozenge     | 1600  | mcg    | no  | II  | 0.13
Fentanyl 0.2 MG Buccal Tablet [Fentora]           | fentanyl        |                               | tablet      | 200   | mcg    | no  | II  | 0.13
fentanyl buccal film 600 mcg                      | fentanyl        |                               | film        | 600   | mcg    | no  | II  | 0.18
Subsys 100 µg                                     | fentanyl        |                               | spray       | 100   | mcg    | no  | II  | 0.18
fentanyl 100 mcg nasal spray                      | fentanyl        |                               | nasal_spray | 100   | mcg    | no  | II  | 0.16
fentanyl buccal 200 mcg                           | fentanyl        |                               | unknown     | 200   | mcg    | ?   | II  |
methadone 10 mg                                   | methadone       |                               | unknown     | 10    | mg     | yes | II  | 4.7
tramadol 50 mg                                    | tramadol        |                               | unknown     | 50    | mg     | ?   | IV  | 0.2
tramadol 50 mg tab C-IV                           | tramadol        |                               | tablet      | 50    | mg     | no  | IV  | 0.2
TRAMADOL HCL ER 100 MG TABLET                     | tramadol        |                               | tablet      | 100   | mg     | yes | IV  | 0.2
hydromorphone 4mg                                 | hydromorphone   |                               | unknown     | 4     | mg     | ?   | II  | 5
HYDROmorphone (DILAUDID) 2 MG tablet              | hydromorphone   |                               | tablet      | 2     | mg     | no  | II  | 5
Opana ER 20 mg                                    | oxymorphone     |                               | tablet      | 20    | mg     | yes | II  | 3
Nucynta ER 100 mg                                 | tapentadol      |                               | tablet      | 100   | mg     | yes | II  | 0.4
levorphanol 2 mg tablet                           | levorphanol     |                               | tablet      | 2     | mg     | yes | II  | 11
meperidine 50 mg tablet                           | meperidine      |                               | tablet      | 50    | mg     | no  | II  | 0.1
pentazocine-naloxone 50-0.5 mg tablet             | pentazocine     | naloxone                      | tablet      | 50    | mg     | no  | IV  | 0.37
butorphanol 10 mg/ml nasal spray                  | butorphanol     |                               | nasal_spray | 10    | mg/ml  | no  | IV  | 7
Belladonna-opium 16.2-30 mg supp                  | opium           | belladonna                    | suppository | 30    | mg     | no  | II  | 1
codeine sulfate 30 mg tablet                      | codeine         |                               | tablet      | 30    | mg     | no  | II  | 0.15
codeine 30 mg/APAP 300 mg                         | codeine         | acetaminophen                 | unknown     | 30    | mg     | ?   | III | 0.15
acetaminophen-codeine #3                          | codeine         | acetaminophen                 | unknown     | 30    | mg     | ?   | III | 0.15
ACETAMINOPHEN-COD #4 TABLET                       | codeine         | acetaminophen                 | tablet      | 60    | mg     | no  | III | 0.15
Tylenol #3                                        | codeine         | acetaminophen                 | tablet      | 30    | mg     | no  | III | 0.15
Acetaminophen 300 MG / Codeine Phosphate 15 MG Oral Tablet | codeine | acetaminophen                | tablet      | 15    | mg     | no  | III | 0.15
butalbital-apap-caffeine-codeine 50-325-40-30 mg capsule | codeine | butalbital acetaminophen caffeine | capsule  | 30    | mg     | no  | III | 0.15
carisoprodol-asa-codeine 200-325-16 mg            | codeine         | carisoprodol aspirin          | unknown     | 16    | mg     | ?   | III | 0.15
promethazine-codeine syrup                        | codeine         | promethazine                  | solution    |       |        | no  | V   |
promethazine-codeine 6.25-10 mg/5 ml syrup        | codeine         | promethazine                  | solution    | 2     | mg/ml  | no  | V   |
codeine-guaifenesin 10-100 mg/5 mL liquid         | codeine         | guaifenesin                   | solution    | 2     | mg/ml  | no  | V   |
acetaminophen-caffeine-dihydrocodeine 320.5-30-16 mg capsule | dihydrocodeine | acetaminophen caffeine | capsule | 16   | mg     | no  | III | 0.25
buprenorphine-naloxone 8/2 mg film                | buprenorphine   | naloxone                      | film        | 8     | mg     | no  | III |
Suboxone 8 mg-2 mg                                | buprenorphine   | naloxone                      | unknown     | 8     | mg     | ?   | III |
BUPRENORPHN-NALOXN 8-2 MG SL                      | buprenorphine   | naloxone                      | unknown     | 8     | mg     | ?   | III |
Butrans 10 mcg/hr                                 | buprenorphine   |                               | patch       | 10    | mcg/hr | yes | III |
Buprenorphine 0.075 MG Buccal Film [Belbuca]      | buprenorphine   |                               | film        | 75    | mcg    | yes | III |
Sublocade 300 mg/1.5 ml                           | buprenorphine   |                               | injection   | 200   | mg/ml  | yes | III |
ketamine 100 mg troche (compounded)               | ketamine        |                               | troche      | 100   | mg     | no  | III |
ketamine 10% nasal                                | ketamine        |                               | nasal_spray | 100   | mg/ml  | no  | III |
ketamine 150 mg RDT                               | ketamine        |                               | tablet      | 150   | mg     | no  | III |
ketamine 0.5 g                                    | ketamine        |                               | unknown     | 500   | mg     | ?   | III |
ketamine 10%                                      | ketamine        |                               | unknown     |       |        | ?   | III |
ketamine 10% cream                                | ketamine        |                               | other       | 100   | mg/g   | no  | III |
ketamine/midazolam 100 mg-5 mg troche             | ketamine        | midazolam                     | troche      | 100   | mg     | no  | III |
Spravato 28 mg                                    | esketamine      |                               | nasal_spray | 28    | mg     | no  | III |
S-ketamine 50 mg                                  | esketamine      |                               | unknown     | 50    | mg     | ?   | III |
Adderall 20 mg                                    | amphetamine     |                               | tablet      | 20    | mg     | no  | II  |
amphetamine-dextroamphetamine XR (ADDERALL XR) 20 MG 24 hr capsule | amphetamine |                  | capsule     | 20    | mg     | yes | II  |
DEXTROAMP-AMPHETAMIN 20 MG TAB                    | amphetamine     |                               | tablet      | 20    | mg     | no  | II  |
Amphetamine aspartate 5 MG / Amphetamine Sulfate 5 MG / Dextroamphetamine saccharate 5 MG / Dextroamphetamine Sulfate 5 MG Oral Tablet | amphetamine | | tablet | 20 | mg | no | II |
dextroamphetamine 10 mg tab                       | dextroamphetamine |                             | tablet      | 10    | mg     | no  | II  |
Vyvanse 50 mg capsule                             | lisdexamfetamine |                              | capsule     | 50    | mg     | no  | II  |
methylphenidate HCl 36 mg ER 24HR tablet          | methylphenidate |                               | tablet      | 36    | mg     | yes | II  |
Azstarys 26.1-5.2 mg                              | dexmethylphenidate | serdexmethylphenidate      | capsule     | 5.2   | mg     | yes | II  |
LORazepam 2 mg/mL oral conc                       | lorazepam       |                               | solution    | 2     | mg/ml  | no  | IV  |
clonazePAM 0.25 MG Oral Tablet                    | clonazepam      |                               | tablet      | 0.25  | mg     | no  | IV  |
diazepam rectal gel 10 mg                         | diazepam        |                               | other       | 10    | mg     | no  | IV  |
Soma 350 mg                                       | carisoprodol    |                               | tablet      | 350   | mg     | no  | IV  |
zolpidem ER 12.5 mg tablet                        | zolpidem        |                               | tablet      | 12.5  | mg     | yes | IV  |
TABLET, FILM COATED eszopiclone 2 mg              | eszopiclone     |                               | tablet      | 2     | mg     | no  | IV  |
dronabinol 5 mg capsule                           | dronabinol      |                               | capsule     | 5     | mg     | no  | III |
Syndros 5 mg/ml                                   | dronabinol      |                               | solution    | 5     | mg/ml  | no  | II  |
Lomotil                                           | diphenoxylate   | atropine                      | unknown     |       |        | no  | V   |
diphenoxylate 2.5 mg tablet                       | diphenoxylate   |                               | tablet      | 2.5   | mg     | no  | II  |
Xyrem 500 mg/ml                                   | oxybate         |                               | solution    | 500   | mg/ml  | no  | III |
testosterone cypionate 200 mg/ml vial             | testosterone    |                               | injection   | 200   | mg/ml  | no  | III |
gabapentin 300 mg capsule                         | gabapentin      |                               | capsule     | 300   | mg     | no  |     |
naloxone 4 mg/0.1 ml nasal spray                  | naloxone        |                               | nasal_spray | 40    | mg/ml  | no  |     |
Auvelity 45-105 mg                                | bupropion       | dextromethorphan              | tablet      | 105   | mg     | yes |     |
sertraline 50 mg tablet                           | sertraline      |                               | tablet      | 50    | mg     | no  |     |
lisinopril 10 mg tablet                           | lisinopril      |                               | tablet      | 10    | mg     | no  |     |
"""  # noqa: E501
EXAMPLES = [[cell.strip() for cell in line.split("|")] for line in LINES.strip().splitlines()]


def named(name: str, **cells):
    return match(DrugIdentity(drug_name=name, **cells))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example[0])
def test_a_name_is_read_as_people_mean_it(example):
    name, ingredient, others, form, strength, unit, long_acting, schedule, mme = example
    drug = named(name)
    assert (drug.ingredient, sorted(drug.ingredients[1:])) == (ingredient, sorted(others.split()))
    assert (drug.form, drug.strength_unit) == (form, unit or None)
    assert drug.strength == (Decimal(strength) if strength else None)
    assert drug.long_acting == {"yes": True, "no": False, "?": None}[long_acting]
    assert drug.schedule == (schedule or None)
    assert factor(drug) == (Decimal(mme) if mme else None)
    assert drug.via == "name"
    assert drug.form in FORMS


def test_there_are_enough_examples_to_mean_something():
    assert len(EXAMPLES) >= 100


@pytest.mark.parametrize(
    "name",
    [
        "apomorphine 10 mg/ml",
        "norbuprenorphine",
        "Camila 28 Day Pack",
        "somatuline 60 mg",
        "percocetin 5 mg",
        "",
        "compounded capsule 50 mg",
    ],
)
def test_no_ingredient_is_found_inside_another_word(name):
    assert named(name) is None


@pytest.mark.parametrize(
    ("name", "ingredients"),
    [
        ("dextroamphetamine 5 mg", ("dextroamphetamine",)),
        ("dexmethylphenidate 5 mg", ("dexmethylphenidate",)),
        ("esketamine 28 mg", ("esketamine",)),
        ("dihydrocodeine 16 mg", ("dihydrocodeine",)),
        ("hydromorphone 2 mg", ("hydromorphone",)),
        ("oxymorphone 5 mg", ("oxymorphone",)),
        ("desvenlafaxine 50 mg", ("desvenlafaxine",)),
        ("escitalopram 10 mg", ("escitalopram",)),
        ("methylnaltrexone 150 mg", ("methylnaltrexone",)),
        ("sufentanil 30 mcg tablet", ("sufentanil",)),
        ("methyltestosterone 10 mg", ("methyltestosterone",)),
        ("levomilnacipran 40 mg", ("levomilnacipran",)),
    ],
)
def test_the_longer_name_wins_over_the_one_inside_it(name, ingredients):
    assert named(name).ingredients == ingredients


def test_a_pair_of_numbers_with_one_opioid_gives_the_smaller_and_says_so():
    drug = named("hydrocodone 10/325")
    assert drug.strength == 10
    assert drug.ingredients == ("hydrocodone", "partner not named")
    assert drug.notes == ("partner_not_named",)
    assert named("codeine 300/30").strength == 30
    assert named("codeine 300/30").schedule == "III"
    assert named("buprenorphine 8/2 mg").strength == 8


def test_a_strength_that_may_be_anybodys_is_nobodys():
    assert named("oxycodone/apap 10 mg").notes == ("strength_ambiguous",)
    assert named("oxycodone solution 5 mg").notes == ("strength_per_volume_unknown",)
    assert named("oxycodone 10").strength is None


def test_a_strength_behind_its_own_ingredient_needs_no_other():
    assert named("oxycodone 10 mg/acetaminophen tablet").strength == 10
    assert named("acetaminophen 325 mg-codeine").strength is None


def test_an_antitussive_is_not_an_analgesic():
    assert named("promethazine-codeine syrup").drug_subclass == "antitussive"
    assert named("acetaminophen-codeine #3").drug_subclass == "full agonist"


def test_selegiline_is_an_antidepressant_only_as_a_patch():
    assert named("Emsam 6 mg/24 hr").drug_class == "antidepressant"
    assert named("selegiline 5 mg capsule").drug_class == "other"


WORDS = ["oxycodone", "APAP", "fentanyl", "codeine", "#3", "mg", "/", "-", "ml", "%", "hr", "g"]
PIECES = st.one_of(st.sampled_from(WORDS), st.from_regex(r"[0-9.,]{1,12}", fullmatch=True))


@given(st.lists(st.one_of(PIECES, st.text(max_size=5)), max_size=12), st.text(max_size=8))
def test_whatever_is_written_is_read_or_left_but_never_fails(pieces, unit):
    for joint in (" ", ""):
        drug = named(
            joint.join(pieces),
            strength_value=Decimal("1.5"),
            strength_unit=unit,
            dose_form=unit,
            ndc11=unit,
            ingredients=unit,
        )
        assert drug is None or drug.strength is None or drug.strength >= 0


@pytest.mark.parametrize(
    "name", ["morphine 10 mg/0 ml", "morphine 99999999999999999999999999999999 mg"]
)
def test_a_number_that_makes_no_sense_is_no_strength(name):
    assert named(name).strength is None


def test_ten_thousand_different_names_are_read_in_seconds():
    forms = ("oxycodone {} mg tab", "fentanyl {} mcg/hr patch", "atorvastatin {} MG Oral Tablet")
    identities = [
        DrugIdentity(drug_name=forms[n % 3].format(1 + n / 10), dose_form="tablet")
        for n in range(10_000)
    ]
    started = time.process_time()
    assert all(match(identity) for identity in identities)
    assert time.process_time() - started < 4
