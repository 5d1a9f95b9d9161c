"""The sources that rules cite, each with how well it was read."""

from dataclasses import dataclass

from ..vocabulary import SourceStatus


@dataclass(frozen=True, kw_only=True)
class Citation:
    """A source, and how well it was read; ``year`` is None where the source tells none."""

    key: str
    title: str
    year: int | None
    number: str
    url: str
    status: SourceStatus
    supports: str


OIG_560 = Citation(
    key="OIG-560",
    title="Toolkit: Using Data Analysis To Calculate Opioid Levels and Identify Patients At Risk",
    year=2018,
    number="HHS-OIG OEI-02-17-00560",
    url="https://oig.hhs.gov/oei/reports/oei-02-17-00560.asp",
    status=SourceStatus.SECONDARY,
    supports="average daily dose greater than 120 MME for any 90 days; cancer and hospice left out",
)
OIG_250 = Citation(
    key="OIG-250",
    title="Opioids in Medicare Part D: Concerns about Extreme Use and Questionable Prescribing",
    year=2017,
    number="HHS-OIG OEI-02-17-00250",
    url="https://oig.hhs.gov/oei/reports/oei-02-17-00250.asp",
    status=SourceStatus.SECONDARY,
    supports="501,008 people with Part D reached this amount in 2016",
)
CDC_18 = Citation(
    key="CDC18",
    title="Opioid oral morphine milligram equivalent conversion file",
    year=2018,
    number="CDC, September 2018",
    url="https://www.cdc.gov/opioids/data-resources/",
    status=SourceStatus.VERIFIED,
    supports="strength x quantity / days supply x factor; fentanyl patches last three days",
)
CDC_22 = Citation(
    key="CDC22",
    title="CDC Clinical Practice Guideline for Prescribing Opioids for Pain",
    year=2022,
    number="MMWR Recomm Rep 71(RR-3)",
    url="https://doi.org/10.15585/mmwr.rr7103a1",
    status=SourceStatus.SECONDARY,
    supports="conversion factors; for drugs it does not list the file of 2018 is used",
)
AANP = Citation(
    key="AANP",
    title="State practice environment for nurse practitioners",
    year=2023,
    number="American Association of Nurse Practitioners, state list",
    url="https://www.aanp.org/advocacy/state/state-practice-environment",
    status=SourceStatus.SECONDARY,
    supports="which states give nurse practitioners full, reduced or restricted authority",
)
WISCONSIN_17 = Citation(
    key="WI17",
    title="2025 Wisconsin Act 17, practice of advanced practice registered nurses",
    year=2025,
    number="2025 Assembly Bill 257",
    url="https://docs.legis.wisconsin.gov/2025/related/acts/17",
    status=SourceStatus.SECONDARY,
    supports="independent practice in Wisconsin from 2026-09-01 after 3,840 hours",
)
CEREBRAL = Citation(
    key="CEREBRAL",
    title="Non-prosecution agreement of Cerebral, Inc.",
    year=2024,
    number="United States Attorney, Eastern District of New York",
    url="https://www.justice.gov/usao-edny",
    status=SourceStatus.SECONDARY,
    supports="prescribers without specialist training issued stimulants unsupervised",
)
FDA_23 = Citation(
    key="FDA23",
    title="FDA warns about potential risks of compounded ketamine products",
    year=2023,
    number="FDA drug safety communication, 10 October 2023",
    url="https://www.fda.gov/drugs/human-drug-compounding",
    status=SourceStatus.SECONDARY,
    supports="no ketamine product is approved for a psychiatric disorder; use at home without a "
    "professional on site is risky; a case of respiratory depression in April 2023",
)
FDA_22 = Citation(
    key="FDA22",
    title="FDA alert on compounded ketamine nasal spray",
    year=2022,
    number="FDA alert, February 2022",
    url="https://www.fda.gov/drugs/human-drug-compounding",
    status=SourceStatus.SECONDARY,
    supports="adverse events with ketamine nasal spray compounded for use at home",
)
SMITH = Citation(
    key="SMITH",
    title="Suspension of a telehealth prescriber of ketamine (Dr Scott Smith)",
    year=2023,
    number="Becker's Hospital Review, May 2023",
    url="https://www.beckershospitalreview.com",
    status=SourceStatus.SECONDARY,
    supports="a prescriber who sent ketamine to patients by telehealth was suspended",
)
MINDBLOOM = Citation(
    key="MINDBLOOM",
    title="Mindbloom help center: how often clients meet their prescriber",
    year=2026,
    number="help-center article 12677798, a company's statement",
    url="https://help-center.mindbloom.com",
    status=SourceStatus.SECONDARY,
    supports="prescribers meet a client every six sessions because they cannot prescribe more",
)
PQA_OMP = Citation(
    key="PQA-OMP",
    title="Use of Opioids from Multiple Providers",
    year=None,
    number="Pharmacy Quality Alliance, measure OMP",
    url="https://pqa.memberclicks.net/assets/Measures/omp.js.txt",
    status=SourceStatus.VERIFIED,
    supports="4 or more prescribers and 4 or more pharmacies within 180 days; at least 2 claims "
    "and 15 days of supply, age 18 or more",
)
NCQA_UOP = Citation(
    key="NCQA-UOP",
    title="Use of Opioids from Multiple Providers (UOP)",
    year=None,
    number="NCQA, HEDIS measure UOP",
    url="https://ncqa.org/hedis/use-of-opioids-from-multiple-providers",
    status=SourceStatus.VERIFIED,
    supports="three rates over a year: 4 or more prescribers, 4 or more pharmacies, both; at "
    "least 15 days of opioids",
)
CMS_OMS = Citation(
    key="CMS-OMS",
    title="Part D overutilization monitoring, as read in JAMA on the performance of its criteria",
    year=2019,
    number="JAMA, article 2724180",
    url="https://jamanetwork.com/journals/jama/article-abstract/2724180",
    status=SourceStatus.SECONDARY,
    supports="90 MME a day with 3 prescribers and 3 pharmacies, or 5 prescribers, in 6 months; "
    "the criteria missed many who later came to harm",
)
OK_PMP = Citation(
    key="OK-PMP",
    title="Clinical alerts of the Oklahoma prescription monitoring program",
    year=None,
    number="Oklahoma Bureau of Narcotics",
    url="https://pmp.obn.ok.gov/blog-entry/clinical-alerts",
    status=SourceStatus.VERIFIED,
    supports="5 or more prescribers and 5 or more pharmacies in 90 days",
)
CA_FLAGS = Citation(
    key="CA-FLAGS",
    title="Red flags of the California Board of Pharmacy",
    year=2022,
    number="as listed on pharmhealthlaw.com, 5 October 2022",
    url="https://www.pharmhealthlaw.com",
    status=SourceStatus.SECONDARY,
    supports="a drug outside the prescriber's specialty is a red flag, with no list by specialty; "
    "so are requests for early refills, with no number of days",
)
NUCC_24 = Citation(
    key="NUCC24",
    title="Health Care Provider Taxonomy 24.0",
    year=2024,
    number="NUCC, nucc_taxonomy_240.csv",
    url="https://github.com/CMSgov/beneficiary-fhir-data",
    status=SourceStatus.VERIFIED,
    supports="the codes of professions and specialties; the groups made of them are our own",
)
REFILL = Citation(
    key="REFILL",
    title="Refill windows as pharmacies and plans apply them",
    year=None,
    number="freelivecalculators.com and biologyinsights.com, low quality",
    url="https://freelivecalculators.com",
    status=SourceStatus.SECONDARY,
    supports="context only: schedules III to V are commonly filled 2 days early",
)
USC_1320A7 = Citation(
    key="USC-1320A7",
    title="Exclusion of certain individuals and entities from federal health care programs",
    year=None,
    number="42 U.S.C. 1320a-7",
    url="https://www.law.cornell.edu/uscode/text/42/1320a-7",
    status=SourceStatus.UNVERIFIED,
    supports="who is or may be excluded, and that an exclusion may be waived; general knowledge, "
    "the text was not at hand",
)
CFR_1901 = Citation(
    key="CFR-1901",
    title="Scope and effect of exclusion",
    year=None,
    number="42 CFR 1001.1901",
    url="https://www.ecfr.gov/current/title-42/section-1001.1901",
    status=SourceStatus.UNVERIFIED,
    supports="no payment by federal programmes for what an excluded person furnishes, orders or "
    "prescribes, until reinstated; general knowledge, the text was not at hand",
)
OIG_13 = Citation(
    key="OIG-13",
    title="Special Advisory Bulletin on the Effect of Exclusion from Participation in Federal "
    "Health Care Programs",
    year=2013,
    number="HHS-OIG, 8 May 2013",
    url="https://oig.hhs.gov/exclusions/advisories.asp",
    status=SourceStatus.UNVERIFIED,
    supports="the payment prohibition reaches prescriptions; general knowledge, only the page "
    "that announces the bulletin of 1999 was read",
)
LEIE = Citation(
    key="LEIE",
    title="LEIE quick tips and instructions",
    year=None,
    number="HHS-OIG, List of Excluded Individuals and Entities",
    url="https://oig.hhs.gov/exclusions/tips.asp",
    status=SourceStatus.SECONDARY,
    supports="the file has all active exclusions, the monthly supplements that month's exclusions "
    "and reinstatements; an identity is to be verified on the OIG's own page",
)
