"""The places where a process of a trial dies."""

from dataclasses import dataclass

BEFORE, AFTER = "before", "after"


@dataclass(frozen=True, kw_only=True)
class Point:
    """The ``hit``-th call of ``target`` (module:name), killed before it begins or once it is done.

    ``command`` is the one that dies: ingest, settle or evaluate.
    """

    name: str
    command: str
    target: str
    hit: int = 1
    moment: str = AFTER


def _of(command: str, *lines: tuple) -> list[Point]:
    return [
        Point(name=name, command=command, target=f"audits.{target}", **dict(more))
        for name, target, *more in lines
    ]


SECOND, FOURTH, SOONER = ("hit", 2), ("hit", 4), ("moment", BEFORE)

POINTS = [
    *_of(
        "ingest",
        ("original stored", "ingestion.folders:keep"),
        ("upload and job made", "jobs.lease:take", SOONER),
        ("check taken", "jobs.lease:take"),
        ("reading, second block", "formats.delimited:_block", SECOND),
        ("text written", "formats.delimited:_write"),
        ("rejections listed", "validation.listing:write"),
        ("accepted rows written", "validation.accepting:write_accepted"),
        ("compared with the ledger", "ingestion.comparing:classify"),
        ("comparison noted", "ingestion.comparing:_note"),
        ("staged, job not ended", "jobs.lease:settle", SOONER),
        ("staged, job ended", "jobs.lease:settle"),
        ("promotion has its turn", "ingestion.turns:_begin"),
        ("compared for promotion", "ingestion.promotion:compared"),
        ("files of the kind written", "ledger.parts:write"),
        ("commit of the kind", "ledger.tables:Ledger.append"),
        ("files of superseded written", "ledger.parts:write", SECOND),
        ("commit of superseded", "ledger.tables:Ledger.append", SECOND),
        ("before the database commit", "ingestion.promotion:record"),
        ("after the database commit", "ingestion.promotion:_publish"),
        ("promoted, job ended", "jobs.lease:settle", SECOND),
    ),
    *_of(
        "settle",
        ("choice and job made", "jobs.lease:take", SOONER),
        ("choice taken", "jobs.lease:take"),
        ("choice has its turn", "ingestion.turns:_begin"),
        ("chosen rows written", "ledger:replace"),
        ("files of the chosen written", "ledger.parts:write"),
        ("commit of the chosen", "ledger.tables:Ledger.append"),
        ("commit of their superseded", "ledger.tables:Ledger.append", SECOND),
        ("choice not committed", "ingestion.settling:_record"),
        ("choice committed", "ingestion.settling:_publish"),
        ("settled, job ended", "jobs.lease:settle"),
    ),
    *_of(
        "evaluate",
        ("evaluation begun", "evaluation.evaluating:begin"),
        ("answers written", "evaluation.answering:answer"),
        ("first flags written", "evaluation.flags:Sync._write_chunk"),
        ("more flags, not committed", "evaluation.flags:_replace", FOURTH),
        ("more flags written", "evaluation.flags:Sync._write_chunk", FOURTH),
        ("flags withdrawn", "evaluation.flags:Sync._withdraw"),
        ("answers of the second rule", "evaluation.answering:answer", SECOND),
        ("before the publication", "evaluation.evaluating:_publish", SOONER),
        ("publication not committed", "trail:record"),
        ("after the publication", "evaluation.evaluating:_publish"),
        ("published, job ended", "jobs.lease:settle"),
    ),
]
