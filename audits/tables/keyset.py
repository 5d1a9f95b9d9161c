"""Paging by key: a page begins after the last row of the one before, however far down it is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property

from django.core import signing
from django.db import connections
from django.db.models import (
    CharField,
    DateTimeField,
    F,
    Field,
    Model,
    Q,
    QuerySet,
    TextField,
    Value,
)
from django.db.models.expressions import OrderBy
from django.db.models.functions import Cast, Collate
from django_tables2.data import TableQuerysetData

PAGE = 50
COUNTED = 10_000
SALT = "oversight.keyset"


@dataclass(frozen=True, kw_only=True)
class Key:
    """One part of an ordering: the query's name for it, its direction, its place as an alias.

    ``as_text`` for moments on SQLite, which keeps them as text of two precisions: there only
    the very text that is stored compares exactly. ``by_code_point`` for texts on PostgreSQL,
    whose databases each have an alphabet of their own: lists are in one order everywhere.
    """

    name: str
    descending: bool
    nullable: bool
    as_text: bool
    by_code_point: bool
    alias: str

    @property
    def annotations(self) -> dict[str, object]:
        """Return what the query selects besides the row to know where it stands."""
        if self.by_code_point:
            return {self.alias: Collate(self.name, "C")}
        if not self.as_text:
            return {self.alias: F(self.name)}
        return {self.alias: F(self.name), f"{self.alias}_text": Cast(self.name, TextField())}

    def value_of(self, row: Model) -> object:
        """Return where ``row`` stands, as JSON can hold it and the database reads it back."""
        value = getattr(row, f"{self.alias}_text" if self.as_text else self.alias)
        if isinstance(value, date):
            return value.isoformat()
        return str(value) if isinstance(value, Decimal) else value

    @property
    def order(self) -> OrderBy:
        """Return the ordering, nulls before all values on every engine."""
        if self.descending:
            return F(self.alias).desc(nulls_last=self.nullable or None)
        return F(self.alias).asc(nulls_first=self.nullable or None)

    @property
    def reversed(self) -> "Key":
        """Return the same key in the other direction."""
        return replace(self, descending=not self.descending)

    def beyond(self, value: object) -> Q:
        """Return the condition that a row lies beyond ``value``, which may be null."""
        if value is None:
            return Q(pk__in=[]) if self.descending else Q(**{f"{self.alias}__isnull": False})
        if not self.descending:
            return Q(**{f"{self.alias}__gt": self._compared(value)})
        less = Q(**{f"{self.alias}__lt": self._compared(value)})
        return less | Q(**{f"{self.alias}__isnull": True}) if self.nullable else less

    def same(self, value: object) -> Q:
        """Return the condition that a row has ``value``."""
        if value is None:
            return Q(**{f"{self.alias}__isnull": True})
        return Q(**{self.alias: self._compared(value)})

    def _compared(self, value: object) -> object:
        return Value(value, output_field=TextField()) if self.as_text else value


@dataclass(frozen=True, kw_only=True)
class Page:
    """The rows of one page, and cursors to its neighbours: empty where there is none."""

    rows: Sequence[Model]
    next: str
    previous: str


class KeysetRows(TableQuerysetData):
    """Rows of a queryset for a table, one page at a time.

    The ordering is the table's, made total by the primary key. ``cursor`` is what a page
    gave as ``next`` or ``previous``; one that was tampered with or belongs to another
    ordering gives the first page.
    """

    def __init__(self, queryset: QuerySet, *, cursor: str = "", size: int = PAGE):
        super().__init__(queryset)
        self._cursor = cursor
        self._size = size

    def __iter__(self) -> Iterator[Model]:
        return iter(self.page.rows)

    def __getitem__(self, key):
        return self.page.rows[key]

    def __len__(self) -> int:
        return len(self.page.rows)

    @cached_property
    def page(self) -> Page:
        """Return the page that the cursor points at."""
        keys = self._keys()
        backwards, values = _read(self._cursor, keys)
        page = self._fetch(keys, values, backwards=backwards)
        return page if page.rows or values is None else self._fetch(keys, None, backwards=False)

    @cached_property
    def count(self) -> int:
        """Return the number of rows, exact up to 10,000; more than that as 10,001."""
        return self.data.order_by()[: COUNTED + 1].count()

    @property
    def count_in_words(self) -> str:
        """Return the number of rows as a page says it."""
        return f"more than {COUNTED:,}" if self.count > COUNTED else f"{self.count:,}"

    def _fetch(self, keys: list[Key], values: list | None, *, backwards: bool) -> Page:
        """Return the page after (or before) the row with ``values``; the first where None."""
        along = [key.reversed for key in keys] if backwards else keys
        added = {name: value for key in keys for name, value in key.annotations.items()}
        rows = self.data.annotate(**added)
        if values is not None:
            rows = rows.filter(_beyond(along, values))
        found = list(rows.order_by(*(key.order for key in along))[: self._size + 1])
        more, found = len(found) > self._size, found[: self._size]
        if backwards:
            found.reverse()
        behind, ahead = (more, True) if backwards else (values is not None, more)
        return Page(
            rows=found,
            next=_cursor(keys, found[-1], backwards=False) if ahead and found else "",
            previous=_cursor(keys, found[0], backwards=True) if behind and found else "",
        )

    def _keys(self) -> list[Key]:
        """Return the ordering of the queryset, ending with the primary key."""
        query = self.data.query
        ordering = query.order_by or (self.data.model._meta.ordering if self.data.ordered else ())
        parts = [_part(item) for item in ordering]
        if ("pk", False) not in parts and ("pk", True) not in parts:
            parts.append(("pk", parts[-1][1] if parts else False))
        return [self._key(place, *part) for place, part in enumerate(parts)]

    def _key(self, place: int, name: str, descending: bool) -> Key:
        annotation = self.data.query.annotations.get(name)
        field = annotation.output_field if annotation else _field(self.data.model, name)
        engine = connections[self.data.db].vendor
        return Key(
            name=name,
            descending=descending,
            nullable=annotation is not None or _nullable(self.data.model, name),
            as_text=engine == "sqlite" and isinstance(field, DateTimeField),
            by_code_point=engine == "postgresql" and isinstance(field, (CharField, TextField)),
            alias=f"keyset_{place}",
        )


def _part(item: object) -> tuple[str, bool]:
    """Return the name and direction of one item of an ordering; raises TypeError for others."""
    if isinstance(item, OrderBy) and isinstance(item.expression, F):
        return item.expression.name, item.descending
    if isinstance(item, F):
        return item.name, False
    if isinstance(item, str):
        return item.lstrip("-+"), item.startswith("-")
    raise TypeError(f"a table is ordered by columns and annotations, not by {item!r}")


def _fields(model: type[Model], name: str) -> list[Field]:
    """Return the fields that the parts of ``name`` lead along."""
    found = []
    for part in name.split("__"):
        field = model._meta.pk if part == "pk" else model._meta.get_field(part)
        found.append(field)
        model = field.related_model or model
    return found


def _field(model: type[Model], name: str) -> Field:
    return _fields(model, name)[-1]


def _nullable(model: type[Model], name: str) -> bool:
    return any(field.null for field in _fields(model, name))


def _beyond(keys: Sequence[Key], values: Sequence[object]) -> Q:
    """Return the condition that a row comes after ``values`` in the order of ``keys``."""
    condition = Q(pk__in=[])
    for key, value in zip(reversed(keys), reversed(values), strict=True):
        condition = key.beyond(value) | (key.same(value) & condition)
    # Said twice, so that an index on the first key can be entered at its value.
    return condition & (keys[0].beyond(values[0]) | keys[0].same(values[0]))


def _cursor(keys: Sequence[Key], row: Model, *, backwards: bool) -> str:
    values = [key.value_of(row) for key in keys]
    return signing.dumps([backwards, _ordering(keys), values], salt=SALT, compress=True)


def _read(cursor: str, keys: Sequence[Key]) -> tuple[bool, list | None]:
    """Return the direction and values of a cursor; no values where it is not one of ours."""
    try:
        backwards, ordering, values = signing.loads(cursor, salt=SALT)
    except (signing.BadSignature, ValueError):
        return False, None
    return (backwards, values) if ordering == _ordering(keys) else (False, None)


def _ordering(keys: Sequence[Key]) -> list[str]:
    return [f"-{key.name}" if key.descending else key.name for key in keys]
