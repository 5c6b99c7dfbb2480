"""The building blocks of the sections: what a mapping of a scenario file is read into.

Problems are collected in the validation context, so that all of a file are found in one pass.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    PrivateAttr,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_validator,
)

from bustle.scenarios.diagnostics import Diagnostic, Span
from bustle.scenarios.yaml_nodes import ListNode, MappingNode, Node, Text


class Section(BaseModel):
    """A mapping of the file; ``key`` is the name it stands under, as text with its place."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    shorthand: ClassVar[str] = ""
    """The entry that a bare value stands for, as in ``thieves: 40`` for ``thieves: {value: 40}``."""

    _key: Text | None = PrivateAttr(None)
    _keys: dict[str, Text] = PrivateAttr(default_factory=dict)

    @property
    def key(self) -> Text:
        """The key in the file that this section stands under."""
        assert self._key is not None
        return self._key

    def key_of(self, entry: str) -> Text:
        """The key of one of this section's own entries, as written in the file; KeyError if it is not given."""
        return self._keys[entry]


S = TypeVar("S", bound=Section)
T = TypeVar("T")

Named = Annotated[dict[str, S], Field()]
"""Sections by name, each with its ``key``."""

OneOrMany = Annotated[list[T], Field()]
"""A list, or a single value for a list of one."""
