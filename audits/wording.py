"""A rule's file as the words that count: without comments and docstrings."""

import io
import tokenize
from functools import lru_cache


@lru_cache(maxsize=64)
def bare(source: str) -> str:
    """Return ``source`` as tokens without comments, docstrings and blank lines."""
    kept, at_line_start = [], True
    skipped = (tokenize.COMMENT, tokenize.NL, tokenize.ENCODING)
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type in skipped:
            continue
        if token.type == tokenize.STRING and at_line_start:
            continue
        kept.append(token.string)
        at_line_start = token.type in (tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT)
    return " ".join(kept)
