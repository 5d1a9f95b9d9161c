"""The keys of patients, made in the engine: SQL for what ``keys.patient_key`` makes one by one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from duckdb import DuckDBPyConnection

from .reading import literal

BLOCK = 64  # bytes, of SHA-256
PADS = (("inner_pad", 0x36), ("outer_pad", 0x5C))
BLANKS = "".join(filter(str.isspace, map(chr, range(0x3001))))  # what str.strip takes away


@dataclass(frozen=True, kw_only=True)
class Pseudonyms:
    """How patients are named: by the secret, and by the domains of sources that have another's.

    Source: FIPS 198-1, The Keyed-Hash Message Authentication Code (2008), section 4.
    """

    secret: bytes = field(repr=False)
    domains: Mapping[str, str] = field(default_factory=dict)

    def tell(self, connection: DuckDBPyConnection) -> None:
        """Tell the engine what ``sql`` names, so that the secret is in no text of a query."""
        key = self.secret if len(self.secret) <= BLOCK else sha256(self.secret).digest()
        for name, pad in PADS:
            padded = bytes(byte ^ pad for byte in key.ljust(BLOCK, b"\0"))
            connection.execute(f"SET VARIABLE {name} = ?", [padded])
        connection.execute("SET VARIABLE blanks = ?", [BLANKS])

    def sql(self, source: str, patient: str) -> str:
        """Return SQL for the key of a patient, null where the SQL ``source`` or ``patient`` is."""
        domain = f"CASE {source} {self._others()} ELSE {source} END" if self._others() else source
        message = f"{domain} || chr(31) || trim({patient}, getvariable('blanks'))"
        inner = f"unhex(sha256(getvariable('inner_pad') || encode({message})))"
        return f"'p_' || left(sha256(getvariable('outer_pad') || {inner}), 32)"

    def _others(self) -> str:
        return " ".join(
            f"WHEN {literal(source)} THEN {literal(domain)}"
            for source, domain in self.domains.items()
            if domain != source
        )


def bucket(key: str) -> str:
    """Return SQL for the bucket of the patient whose key is the SQL ``key``, as ``bucket_of``."""
    return f"CAST('0x' || substr({key}, 3, 1) AS INTEGER)"
