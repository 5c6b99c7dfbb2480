"""How tables are audited: read from a run's manifest, or from a file that somebody wrote for their own data."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from bustle.outputs.audit.dataset import Dataset
from bustle.outputs.errors import OutputError, one_clear_line
from bustle.scenarios.check.audits import AuditChecker, Columns
from bustle.scenarios.check.problems import Problems, TooManyProblems
from bustle.scenarios.diagnostics import Span, suggest
from bustle.scenarios.model import Audit
from bustle.scenarios.structure import AuditSection
from bustle.scenarios.structure.parse import parse_audit_file
from bustle.scenarios.written import dump
from bustle.scenarios.yaml_reader import MAX_BYTES, read


def audits_of(dataset: Dataset, mapping: Path | str | Mapping[str, Any] | None, table: str | None) -> dict[str, Audit]:
    """How to audit the tables of ``dataset``.

    Args:
        dataset: what to audit.
        mapping: the file that says how, or what it would hold under `audit:`; None to take what the manifest says.
        table: the only table to audit; None for all.

    Raises:
        ScenarioError: the file has problems; all of them are in ``diagnostics``.
        OutputError: nothing says how to audit the dataset, or the table.
    """
    audits = _from_manifest(dataset) if mapping is None else _from_file(dataset, mapping, table)
    if table is None or (mapping is not None and dataset.table is not None):
        return audits
    if table not in audits:
        hint = suggest(table, audits, "tables")
        raise OutputError(f"nothing says how to audit the table {table}" + (f" ({hint})" if hint else ""))
    return {table: audits[table]}


def _from_manifest(dataset: Dataset) -> dict[str, Audit]:
    if dataset.audits is None:
        raise OutputError(f"{dataset.name} is no run of bustle: --mapping FILE.yaml says what its columns are")
    if not dataset.audits:
        raise OutputError(
            f"the scenario of {dataset.name} has no section `audit:`; add one, or give --mapping FILE.yaml"
        )
    try:
        return TypeAdapter(dict[str, Audit]).validate_python(dataset.audits)
    except ValidationError as error:
        raise OutputError(f"the manifest of {dataset.name} is damaged: its part `audit` cannot be read") from error


def _from_file(dataset: Dataset, mapping: Path | str | Mapping[str, Any], table: str | None) -> dict[str, Audit]:
    """The audits of a file. A single one is that of the file that is audited, whatever its name."""
    name, content = "mapping", b""
    if isinstance(mapping, Mapping):
        content = dump({"audit": dict(mapping)}).encode()
    else:
        name = str(mapping)
        with one_clear_line("read", name), Path(name).open("rb") as opened:
            content = opened.read(MAX_BYTES + 1)
    problems = Problems()
    problems.add_source(name, content)
    try:
        audits = _checked(content, dataset, name, table, problems)
    except TooManyProblems:
        audits = {}
    problems.raise_if_any()
    return audits


def _checked(content: bytes, dataset: Dataset, path: str, table: str | None, problems: Problems) -> dict[str, Audit]:
    if not content.strip():
        problems.note(Span(path, 1, 1), "the file is empty", "start it with `audit:`")
        return {}
    node, found = read(content, path)
    for diagnostic in found:
        problems.keep(diagnostic)
    file = None
    if node is not None:
        file, found = parse_audit_file(node)
        for diagnostic in found:
            problems.keep(diagnostic)
    sections = {} if file is None else _chosen(file.audit, dataset, table)
    audits = {}
    for name, section in sections.items():
        if name not in dataset.files:
            problems.note(
                section.key.span, f"{dataset.name} has no table `{name}`", suggest(name, dataset.files, "tables")
            )
            continue
        audits[name] = AuditChecker(problems, name, _columns(dataset, name, section)).check(section)
    return audits


def _chosen(sections: Mapping[str, AuditSection], dataset: Dataset, table: str | None) -> Mapping[str, AuditSection]:
    """The sections that are meant, by the names of the dataset's tables."""
    if dataset.table is None:
        return sections
    if table is not None and table not in sections:
        hint = suggest(table, sections, "tables")
        raise OutputError(f"the mapping does not tell of {table}" + (f" ({hint})" if hint else ""))
    if table is not None:
        return {dataset.table: sections[table]}
    if dataset.table in sections:
        return {dataset.table: sections[dataset.table]}
    if len(sections) == 1:
        return {dataset.table: next(iter(sections.values()))}
    names = ", ".join(sections)
    raise OutputError(f"the mapping tells of {names or 'no table'}, not of {dataset.table}: --table says which to use")


def _columns(dataset: Dataset, table: str, section: AuditSection) -> dict[str, Columns]:
    """The columns of the audited table, and of the table of its payees."""
    names = [table]
    if section.payees is not None and section.payees.table.value in dataset.files:
        names.append(section.payees.table.value)
    return {name: dataset.columns(name) for name in names}
