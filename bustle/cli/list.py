"""``bustle list``: the scenarios that come with the package."""

from __future__ import annotations

from argparse import ArgumentParser

from bustle.cli.consoles import print_json, results
from bustle.cli.failures import explained_failures
from bustle.cli.options import json_option


def arguments(parser: ArgumentParser) -> None:
    """What the command takes."""
    json_option(parser)
    parser.set_defaults(do=list_scenarios)


def list_scenarios(*, json_: bool) -> None:
    """List the shipped scenarios, one line each."""
    from bustle.scenarios.library import shipped
    from bustle.scenarios.yaml_nodes import MappingNode, Text
    from bustle.scenarios.yaml_reader import read

    with explained_failures():
        titles: dict[str, str] = {}
        for name, path in shipped().items():
            root, _ = read(path.read_bytes(), path.name)
            title = root.get("title") if isinstance(root, MappingNode) else None
            titles[name] = title.value if isinstance(title, Text) else ""
        if json_:
            print_json(titles)
            return
        from rich.table import Table

        table = Table(box=None, show_header=False, pad_edge=False)
        table.add_column(no_wrap=True, style="bold")
        table.add_column()
        for row in titles.items():
            table.add_row(*row)
        results().print(table)
