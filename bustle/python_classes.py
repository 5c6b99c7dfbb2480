"""Finding the Python classes that a scenario's populations name, once the user has allowed it."""

from __future__ import annotations

import importlib.util
import inspect
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bustle.scenarios.model import Model
    from bustle.sim.python_agents import PythonAgent


class CodeError(Exception):
    """A scenario's Python classes may not be loaded, or cannot be; the message says which and why."""


def python_classes(model: Model, *, allow_code: bool) -> dict[str, type[PythonAgent]]:
    """The class of each population of ``model`` that has one.

    ``class: market.py:Shop`` means the class ``Shop`` in the file ``market.py`` in the scenario's folder.

    Args:
        model: the checked scenario.
        allow_code: whether code may be imported at all.

    Raises:
        CodeError: code is needed and not allowed, or a class cannot be found.
    """
    named = {name: p.python_class for name, p in model.populations.items() if p.python_class is not None}
    if named and not allow_code:
        classes = ", ".join(f"{path} for {name}" for name, path in named.items())
        raise CodeError(
            f"the scenario {model.name} has agents written in Python ({classes}); "
            "if you trust their code, allow it: --allow-code, or allow_code=True"
        )
    return {name: _python_class(path, model.folder, name) for name, path in named.items()}


def _python_class(path: str, folder: str, population: str) -> type[PythonAgent]:
    from bustle.scenarios.files import CODE, find_file
    from bustle.sim.python_agents import PythonAgent

    file_name, colon, class_name = path.rpartition(":")
    if not colon:
        raise CodeError(f"population {population}: `class: {path}` must be written as file.py:ClassName")
    try:
        file = find_file(folder, file_name, CODE)
    except ValueError as error:
        raise CodeError(f"population {population}: {error}") from None
    found = getattr(_module(file), class_name, None)
    if found is None:
        raise CodeError(f"population {population}: {file_name} has no class {class_name}")
    if not (inspect.isclass(found) and issubclass(found, PythonAgent)):
        raise CodeError(f"population {population}: {path} does not inherit from bustle.PythonAgent")
    return found


def _module(file: Path) -> ModuleType:
    """The module in ``file``, imported anew under a name that no installed module has."""
    name = f"bustle_scenario_{file.stem}"
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise CodeError(f"{file} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their class up by its module's name
    spec.loader.exec_module(module)
    return module
