"""Tables derived from the same records, each made once, and what rules told the engine before."""

from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache, wraps
from hashlib import sha256

from ibis.backends.duckdb import Backend
from ibis.expr.operations import Node
from ibis.expr.types import Expr, Table

from . import engine

KEPT = 256  # plans


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The SQL of what was asked for, by name, and the statements that make what it reads."""

    statements: tuple[str, ...]
    parts: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Derived:
    """The derived tables of one set of records in the engine.

    The name of a table tells what is in it: it ends in a digest of its SQL, and whatever that
    reads is named likewise or never changes. So a table is made once however often it is
    asked for, and a plan made for other records of the same shape holds for these.
    """

    backend: Backend
    _made: set[str] = field(default_factory=set)
    _noting: list[list[str]] = field(default_factory=list)

    def store(self, name: str, expression: Table) -> Table:
        """Compute ``expression`` into a table whose name begins with ``name``; return that."""
        query = engine.sql_of(expression)
        named = f"{name}_{sha256(query.encode()).hexdigest()[:12]}"
        self.tell(engine.making(named, query))
        return engine.table(self.backend, named)

    def tell(self, statement: str) -> None:
        """Have the engine run ``statement``, unless it did."""
        for noted in self._noting:
            noted.append(statement)
        if statement not in self._made:
            self.backend.con.execute(statement)
            self._made.add(statement)

    def planned(self, key: Hashable, build: Callable[[], Mapping[str, Table]]) -> Mapping[str, str]:
        """Return the SQL of the tables that ``build`` gives, by name, with all that it reads made.

        ``build`` is called once a process for each ``key``, which has to tell everything that
        its expressions depend on: to put them together takes longer than to run them.
        """
        if (plan := PLANS.get(key)) is None:
            with self._noted() as statements:
                parts = {name: engine.sql_of(table) for name, table in build().items()}
            plan = Plan(statements=tuple(dict.fromkeys(statements)), parts=parts)
            _keep(key, plan)
        for statement in plan.statements:
            self.tell(statement)
        return plan.parts

    @contextmanager
    def _noted(self) -> Iterator[list[str]]:
        """Yield the list of what is told meanwhile."""
        self._noting.append([])
        try:
            yield self._noting[-1]
        finally:
            self._noting.pop()


def built_once(build: Callable[..., Table]) -> Callable[..., Table]:
    """Return ``build``, called once a process for the same expressions and plain values.

    It has to be made of these alone, and takes them by position.
    """

    @lru_cache(maxsize=KEPT)
    def kept(*given: Hashable) -> Table:
        return build(*(each.to_expr() if isinstance(each, Node) else each for each in given))

    @wraps(build)
    def built(*given: Expr | Hashable) -> Table:
        return kept(*(each.op() if isinstance(each, Expr) else each for each in given))

    return built


PLANS: dict[Hashable, Plan] = {}


def _keep(key: Hashable, plan: Plan) -> None:
    """Keep ``plan`` for the next who asks, and forget the oldest of too many."""
    PLANS[key] = plan
    while len(PLANS) > KEPT:
        PLANS.pop(next(iter(PLANS)), None)
