"""Finding the Python classes that a scenario's populations name, once the user has allowed it."""

from __future__ import annotations

import importlib
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

    ``class: market.Shop`` means the class ``Shop`` of ``market.py`` in the scenario's folder or, where there is no such
    file, of an installed module ``market``.

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
    return {name: _python_class(path, Path(model.folder), name) for name, path in named.items()}


def _python_class(path: str, folder: Path, population: str) -> type[PythonAgent]:
    from bustle.sim.python_agents import PythonAgent

    module_name, _, class_name = path.rpartition(".")
    if not module_name:
        raise CodeError(f"population {population}: class: {path} must be written as module.Class")
    module = _module(module_name, folder, population)
    found = getattr(module, class_name, None)
    if found is None:
        raise CodeError(f"population {population}: the module {module_name} has no class {class_name}")
    if not (inspect.isclass(found) and issubclass(found, PythonAgent)):
        raise CodeError(f"population {population}: {path} does not inherit from bustle.PythonAgent")
    return found


def _module(name: str, folder: Path, population: str) -> ModuleType:
    """The module ``name``: a file in the scenario's folder, else an installed one."""
    file = folder.joinpath(*name.split(".")).with_suffix(".py")
    if not file.is_file():
        try:
            return importlib.import_module(name)
        except ModuleNotFoundError as error:
            if error.name is None or not name.startswith(error.name):
                raise
            raise CodeError(f"population {population}: there is no module {name}, and no file {file}") from None
    spec = importlib.util.spec_from_file_location(f"bustle_scenario.{name}", file)
    if spec is None or spec.loader is None:
        raise CodeError(f"population {population}: {file} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses and pickling look a class up by its module's name
    spec.loader.exec_module(module)
    return module
