"""Merkle roots: one hash for any number of rows."""

from collections.abc import Iterable, Iterator
from hashlib import sha256
from itertools import islice

NODE = b"\x01"
BLOCK = 1024  # leaves folded at a time; a power of two, so a block is a whole subtree


def merkle_root(leaves: Iterable[bytes]) -> bytes:
    """Return the 32-byte root over ``leaves`` in their order, as RFC 9162 section 2.1.1.

    ``leaves`` are leaf hashes, 32 bytes each, made by ``leaf``; they are not hashed
    again. The root of nothing is SHA-256 of no bytes. Memory is one block and one
    hash a level, whatever their number.
    """
    stack: list[tuple[int, bytes]] = []  # (size of the subtree, its root), sizes falling
    for subtree in _blocks(iter(leaves)):
        stack.append(subtree)
        while len(stack) > 1 and stack[-2][0] == stack[-1][0]:
            size, right = stack.pop()
            stack[-1] = (2 * size, _node(stack[-1][1], right))
    if not stack:
        return sha256().digest()
    root = stack.pop()[1]
    while stack:
        root = _node(stack.pop()[1], root)
    return root


def _blocks(leaves: Iterator[bytes]) -> Iterator[tuple[int, bytes]]:
    """Yield whole subtrees (size, root): full blocks first, then the rest by falling size."""
    while block := list(islice(leaves, BLOCK)):
        size = 1 << (len(block).bit_length() - 1)
        while block:
            while size > len(block):
                size //= 2
            yield size, _fold(block[:size])
            block = block[size:]


def _fold(level: list[bytes]) -> bytes:
    """Return the root over a power of two of leaves."""
    while len(level) > 1:
        pairs = iter(level)
        level = [sha256(NODE + a + b).digest() for a, b in zip(pairs, pairs, strict=True)]
    return level[0]


def _node(left: bytes, right: bytes) -> bytes:
    return sha256(NODE + left + right).digest()
