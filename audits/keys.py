"""Pseudonyms and identifiers: made, normalised and checked here."""

import hmac
import re

NPI = re.compile(r"\d{10}")
DEA = re.compile(r"[A-Z][A-Z9]\d{7}")
LUHN_PREFIX_SUM = 24  # "80840" in front of every NPI adds this to the Luhn sum


def patient_key(secret: bytes, domain: str, patient_id: str) -> str:
    """Return the pseudonym of a patient: ``p_`` and 32 hex digits.

    The same person gets the same key in every source of one identity domain, and
    nobody without the secret can go back. HMAC-SHA-256, first 16 bytes.
    """
    message = f"{domain}\x1f{patient_id.strip()}".encode()
    return "p_" + hmac.digest(secret, message, "sha256").hex()[:32]


def bucket_of(key: str) -> int:
    """Return the patient's bucket, 0 to 15: the first hex digit of the key."""
    return int(key[2], 16)


def npi_is_valid(npi: str) -> bool:
    """Return whether ``npi`` has ten digits and the right check digit (Luhn with 80840)."""
    if not NPI.fullmatch(npi):
        return False
    doubled = sum(sum(divmod(int(d) * 2, 10)) for d in npi[8::-2])
    single = sum(int(d) for d in npi[7::-2])
    return (LUHN_PREFIX_SUM + doubled + single + int(npi[9])) % 10 == 0


def dea_is_valid(dea: str) -> bool:
    """Return whether ``dea`` has two letters, seven digits and the right check digit."""
    if not DEA.fullmatch(dea):
        return False
    d = [int(c) for c in dea[2:]]
    return (d[0] + d[2] + d[4] + 2 * (d[1] + d[3] + d[5])) % 10 == d[6]
