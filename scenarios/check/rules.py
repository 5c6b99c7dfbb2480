"""Typing the statements of a rule: blocks, branches and loops, and which names have a value where."""

from __future__ import annotations

from dataclasses import replace

from bustle.scenarios import syntax
from bustle.scenarios.check.actions import check_after, check_emit, check_perform
from bustle.scenarios.check.assignment import check_assignment, is_attribute
from bustle.scenarios.check.expressions import ExpressionChecker
from bustle.scenarios.check.names import LocalName, Scope
from bustle.scenarios.check.problems import Reject
from bustle.scenarios.check.references import check_pool
from bustle.scenarios.check.wording import a_type
from bustle.scenarios.model import Const, Expr, For, If, Pick, Self, Statement, Stop
from bustle.scenarios.types import NOTHING, Agent, AgentSet


class RuleChecker:
    """Types one rule. ``slots`` counts the places of its frame; ``assigned`` notes attributes that it writes."""

    def __init__(self, checker: ExpressionChecker, scope: Scope, assigned: set[tuple[str, str]]) -> None:
        self.checker = checker
        self.problems = checker.problems
        self.scope = scope
        self.assigned = assigned
        self.slots = len(scope.locals)

    def block(self, lines: tuple[syntax.Line, ...]) -> tuple[Statement, ...]:
        """The typed statements; those with a problem are left out after noting it."""
        statements: list[Statement] = []
        for line in lines:
            try:
                statements.append(self._statement(line))
            except Reject:
                self._forget(line)
        return tuple(statements)

    def slot(self) -> int:
        """A new place in the rule's frame."""
        self.slots += 1
        return self.slots - 1

    def labelled(self, label: str) -> Scope:
        """The rule's scope, with draws named after ``label`` from here on."""
        self.scope.purposes.label = label
        return self.scope

    def me(self, line: syntax.Node) -> Expr:
        """The acting agent, or nothing in a rule of the world."""
        if self.scope.acting is None:
            return Const(None, type=NOTHING, span=line.span)
        return Self(self.scope.acting, type=Agent(self.scope.acting), span=line.span)

    def _statement(self, line: syntax.Line) -> Statement:
        match line:
            case syntax.Assign():
                return check_assignment(self, line)
            case syntax.Emit():
                return check_emit(self, line)
            case syntax.After():
                return check_after(self, line)
            case syntax.Perform():
                return check_perform(self, line)
            case syntax.If():
                return self._if(line)
            case syntax.For():
                return self._for(line)
            case syntax.Stop():
                return Stop()
            case syntax.Broken():
                raise self.problems.follow_up("the rule", line.span)

    def _forget(self, line: syntax.Line) -> None:
        """Give the names of a broken statement no type, so that their uses are not reported again."""
        names: tuple[str, ...] = ()
        if isinstance(line, syntax.Assign) and isinstance(line.place, syntax.Name):
            names = (line.place.name,)
        elif isinstance(line, syntax.For):
            names = (line.name,)
        elif isinstance(line, syntax.Broken):
            names = line.names
        known = self.scope.names
        for name in names:
            if not (is_attribute(self, name) or name in known.world or name in known.parameters):
                self._forget_name(name)
        if isinstance(line, syntax.For):
            self.block(line.body)

    def _forget_name(self, name: str) -> None:
        local = self.scope.locals.get(name)
        self.scope.locals[name] = LocalName(self.slot(), None) if local is None else replace(local, sure=True)

    # --- branches

    def _if(self, line: syntax.If) -> Statement:
        # Draws are named in the order of the text, so everything is checked first to last.
        before = dict(self.scope.locals)
        checked: list[tuple[Expr | None, tuple[Statement, ...]]] = []
        ends: list[dict[str, LocalName]] = []
        for condition, lines in line.branches:
            typed = None
            try:
                typed = self.checker.condition(condition, self.labelled("if"), "the condition of `if`")
            except Reject:
                pass
            checked.append((typed, self._branch(lines, ends, before)))
        no = self._branch(line.otherwise, ends, before)
        self._meet(ends)
        for typed, statements in reversed(checked):
            if typed is None:
                raise Reject("if")
            no = (If(typed, statements, no),)
        assert isinstance(no[0], If)
        return no[0]

    def _branch(
        self, lines: tuple[syntax.Line, ...], ends: list[dict[str, LocalName]], before: dict[str, LocalName]
    ) -> tuple[Statement, ...]:
        """One branch, from the names before it; what it leaves is added to ``ends`` unless it stops."""
        # Slots and types found in earlier branches are kept, without a value.
        for end in ends:
            for name, local in end.items():
                self.scope.locals.setdefault(name, replace(local, sure=False))
        self.scope.locals.update(before)
        statements = self.block(lines) if lines else ()
        if not _stops(lines):
            ends.append(dict(self.scope.locals))
        for name in [n for n in self.scope.locals if n not in before]:
            self.scope.locals[name] = replace(self.scope.locals[name], sure=False)
        return statements

    def _meet(self, ends: list[dict[str, LocalName]]) -> None:
        """After branches: a name has a value for sure if every way here gave it one."""
        for end in ends:
            for name, local in end.items():
                everywhere = all(name in other and other[name].sure for other in ends)
                self.scope.locals[name] = replace(local, sure=everywhere)

    # --- loops

    def _for(self, line: syntax.For) -> Statement:
        pool = self._set(line)
        assert isinstance(pool.type, AgentSet)
        type_ = Agent(pool.type.population)
        names = self.scope.names
        if is_attribute(self, line.name) or line.name in names.parameters or line.name in names.world:
            raise self.problems.reject(
                line.name_span, f"`{line.name}` already has a meaning here", "use another name for the loop"
            )
        known = self.scope.locals.get(line.name)
        if known is not None and known.type is not None and known.type != type_:
            raise self.problems.reject(
                line.name_span,
                f"`{line.name}` already holds {a_type(known.type)}",
                "use another name for the loop",
            )
        slot = known.slot if known else self.slot()
        before = dict(self.scope.locals)
        self.scope.locals[line.name] = LocalName(slot, type_)
        body = self.block(line.body)
        # The loop may run no round at all, so what its body sets may have no value after it.
        self._meet([dict(self.scope.locals), before])
        return For(slot, line.name, pool, body)

    def _set(self, line: syntax.For) -> Expr:
        """What a loop runs over: a set, or several picked from one."""
        scope = self.labelled(line.name)
        function = line.pool.function if isinstance(line.pool, syntax.Call) else None
        if not isinstance(function, syntax.Name) or function.name != "pick":
            return check_pool(self.checker, line.pool, scope)
        pool = self.checker.check(line.pool, scope)
        if isinstance(pool, Pick) and pool.count is None:
            raise self.problems.reject(
                line.pool.span, "`for` needs several agents", "say how many: `pick(..., count=3)`"
            )
        return pool


def _stops(lines: tuple[syntax.Line, ...]) -> bool:
    """Whether a block always ends the rule, so that nothing after it is reached from it."""
    last = lines[-1] if lines else None
    if isinstance(last, syntax.If):
        return bool(last.otherwise) and _stops(last.otherwise) and all(_stops(body) for _, body in last.branches)
    return isinstance(last, syntax.Stop)
