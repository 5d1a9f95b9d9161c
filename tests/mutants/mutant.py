"""What a mutant is: one change of one text in one file, and what it would mean."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """``old`` stands in ``file`` exactly once, or else counted from ``after`` on exactly once."""

    file: str
    old: str
    new: str
    means: str
    after: str = ""

    def applied(self, tree: Path) -> str:
        """Return the text of the file in ``tree`` with the change; raises ValueError if stale."""
        text = (tree / self.file).read_text()
        begins = text.find(self.after)
        head, tail = text[:begins], text[begins:]
        if begins < 0 or (tail.count(self.old) != 1 and not self.after) or self.old not in tail:
            raise ValueError(f"{self.file} has no longer exactly one {self.old!r}")
        return head + tail.replace(self.old, self.new, 1)


def changes(file: str, *lines: tuple[str, ...]) -> list[Mutant]:
    """Return the mutants of one file from lines of old, new, meaning and, if needed, after."""
    return [
        Mutant(file=file, old=line[0], new=line[1], means=line[2], after="".join(line[3:]))
        for line in lines
    ]


def off_by_one(name: str, number: int) -> list[tuple[str, ...]]:
    """Return the lines of a rule's parameter that is one less, and one more."""
    return [
        (f"{number},", f"{number + step},", f"{name} is {number + step}", f'"{name}": ')
        for step in (-1, 1)
    ]
