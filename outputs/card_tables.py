"""The parts of a dataset's card that explain its tables, columns and labels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bustle.outputs.expression_text import expression_text
from bustle.outputs.markdown import code, markdown_table, one_line
from bustle.outputs.recorders import RecordedTable
from bustle.outputs.table_schema import TableColumn, unit_of
from bustle.scenarios.model import (
    AgentTable,
    Attr,
    Column,
    EachTable,
    EdgeTable,
    Emit,
    Expr,
    Field,
    For,
    If,
    Model,
    Statement,
    Table,
)
from bustle.scenarios.types import Bool, Category, Episode, Instant, Quantity, State, Text, Type
from bustle.scenarios.walk import expressions

_SHOWN_LEVELS = 8
_OF_EVERY_ROW = {
    "time": "when it happened",
    "behavior": "the behavior that caused it",
    "row": "number of the row, from 0",
}


def table_section(recorded: RecordedTable, table: Table, model: Model) -> Iterator[str]:
    """The section of one table: what a row is and what each column means."""
    yield from (f"### {code(recorded.name)}", "")
    if table.about:
        yield from (table.about.strip(), "")
    if not isinstance(table, EdgeTable | EachTable | AgentTable) or table.where is None:
        yield f"{recorded.rows:,} rows."
    else:
        yield f"{recorded.rows:,} rows: those with {code(expression_text(table.where, model))}."
    yield ""
    by, features = (table.by, table.features) if isinstance(table, EachTable) else ((), ())
    own = len(recorded.columns) - len(by) - len(table.columns) - len(features)
    declared: list[Column | None] = [None] * own + [*by, *table.columns] + [None] * len(features)
    rows = [
        [
            code(column.name),
            type_name(column.type),
            unit_of(column.type, model.clock.timezone),
            column.role,
            column.about if source is None else column_meaning(source, model),
        ]
        for column, source in zip(recorded.columns, declared, strict=True)
    ]
    yield from markdown_table(["column", "type", "unit", "role", "meaning"], rows)
    yield ""


def type_name(type_: Type) -> str:
    """The type of a table's column as the files hold it, with a category's levels where they are few."""
    match type_:
        case Category(levels) | State(_, levels):
            shown = ", ".join(levels[:_SHOWN_LEVELS])
            return f"category: {shown}{', ...' if len(levels) > _SHOWN_LEVELS else ''}"
        case Bool():
            return "bool"
        case Instant():
            return "timestamp"
        case Text():
            return "text"
        case Quantity() if not (type_.is_plain and type_.whole):
            return "float64"
        case _:
            return "int64"


def column_meaning(column: Column, model: Model) -> str:
    """What a column means: what the scenario says about it, and how it is computed where that is not its name."""
    about = column.about or _said_about(column.value, model)
    written = expression_text(column.value, model)
    if written == column.name:
        return about
    return f"{about.rstrip('.')}: {code(written)}" if about else code(written)


def _said_about(value: Expr, model: Model) -> str:
    """What the scenario says about the field or attribute that a column shows."""
    match value:
        case Field(name=name) if name in _OF_EVERY_ROW:
            return _OF_EVERY_ROW[name]
        case Field() if value.event in model.events:
            return next((f.about for f in model.events[value.event].fields if f.name == value.name), "")
        case Attr() if value.population in model.populations:
            attributes = model.populations[value.population].attributes
            return next((a.about for a in attributes if a.name == value.name), "")
        case _:
            return ""


def labels(tables: Sequence[RecordedTable], model: Model) -> Iterator[str]:
    """The section on labels: what each one says, which behaviors set it, and when it becomes known."""
    labelled = [t for t in tables if any(c.role == "label" for c in t.columns)]
    if not labelled:
        return
    yield from ("## Labels", "")
    yield (
        "Labels are ground truth: they say what the simulation did, not what anybody could see at the time. "
        "Do not use them as inputs of a model."
    )
    yield ""
    for recorded in labelled:
        table = model.tables[recorded.name]
        columns = {column.name: column for column in table.columns}
        for shown in recorded.columns:
            if shown.role == "label" and shown.name in columns:
                name = code(f"{recorded.name}.{shown.name}")
                yield f"- {name}{_definition(columns[shown.name], shown, recorded, model)}"
        yield from _known(recorded, columns, model)
    yield ""


def _definition(column: Column, shown: TableColumn, recorded: RecordedTable, model: Model) -> str:
    meaning = column_meaning(column, model)
    sources = []
    for field in dict.fromkeys(e.name for e in expressions(column.value) if isinstance(e, Field)):
        event = next(e.event for e in expressions(column.value) if isinstance(e, Field) and e.name == field)
        sources += _settings(event, field, model)
    share = ""
    if shown.name in recorded.true and recorded.rows:
        share = f" True in {recorded.true[shown.name]:,} rows, {recorded.true[shown.name] / recorded.rows:.3%}."
    text = f": {one_line(meaning).rstrip('.')}." if meaning else f" ({type_name(shown.type)})."
    if isinstance(shown.type, Episode):
        text += " Rows with the same value belong to one case; without a value they belong to none."
    return text + share + (f" Set by {'; '.join(sources)}." if sources else "")


def _settings(event: str, field: str, model: Model) -> list[str]:
    """Which behaviors give the field which values."""
    if event not in model.events:
        return []
    names = [f.name for f in model.events[event].fields]
    if field not in names:
        return []
    place = names.index(field)
    settings = []
    for behavior in model.behaviors.values():
        emitted = [e for e in _emits(behavior.body) if e.event == event and place < len(e.values)]
        values = dict.fromkeys(expression_text(e.values[place], model) for e in emitted)
        if values:
            settings.append(f"{code(behavior.name)} to {' or '.join(map(code, values))}")
    return settings


def _emits(body: tuple[Statement, ...]) -> Iterator[Emit]:
    for statement in body:
        match statement:
            case Emit():
                yield statement
            case If():
                yield from _emits(statement.yes)
                yield from _emits(statement.no)
            case For():
                yield from _emits(statement.body)
            case _:
                pass


def _known(recorded: RecordedTable, columns: dict[str, Column], model: Model) -> Iterator[str]:
    known = next((c for c in recorded.columns if c.role == "known"), None)
    if known is None:
        yield f"- In {code(recorded.name)} the labels are known at once."
        return
    written = code(expression_text(columns[known.name].value, model))
    yield (
        f"- {code(f'{recorded.name}.{known.name}')} is the time at which the labels of a row become known: {written}. "
        "Until then, treat them as missing."
    )
