"""The environment of templates: one may be an untrusted stranger's.

Jinja's sandbox keeps a template from what is not given to it; this one keeps it from
working without end. Rounds of loops, calls and included templates are counted together;
a text that grows too long, a list within lists without end, and whatever makes such
things of little, are refused. What is exceeded is a SecurityError, a fault of the line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import BuiltinMethodType, FunctionType, MethodType
from typing import TYPE_CHECKING, Any

from jinja2 import nodes, pass_eval_context
from jinja2.compiler import CodeGenerator
from jinja2.exceptions import SecurityError
from jinja2.filters import FILTERS
from jinja2.runtime import BlockReference, LoopContext, Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment, safe_range
from jinja2.utils import Namespace
from jinja2.visitor import NodeTransformer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from jinja2 import Template
    from jinja2.compiler import Frame
    from jinja2.nodes import EvalContext
    from jinja2.runtime import Context

LONGEST = 50_000_000
"""How many characters a text that a template makes may have."""
MOST = 100_000
"""How many values a list may hold, those of the lists in it counted."""
_FILTERS = (
    "abs capitalize count d default dictsort e escape first float groupby int items "
    "last length list lower map max min reject rejectattr reverse round safe select "
    "selectattr sort string striptags title trim truncate unique upper"
)
"""The filters that a template may use: none makes much of little."""
_METHODS = (
    "capitalize endswith find get isalnum isalpha isdigit islower isspace isupper "
    "items keys lower lstrip partition removeprefix removesuffix rfind rpartition "
    "rsplit rstrip split startswith strip title upper values"
)
"""The methods of texts and mappings that a template may call, for the same reason."""
_WIDE = re.compile(r"\d{4}|\*")
"""A width or a precision that would make much of little."""


class Sandbox(ImmutableSandboxedEnvironment):
    """An environment whose templates take no more than so many *steps* in all."""

    intercepted_binops = frozenset(("+", "*", "**", "%"))

    def __init__(self, steps: int, **options: Any) -> None:
        """Allow *steps*; *options* are those of Jinja's environment."""
        super().__init__(**options)
        self.code_generator_class = _CarefulGenerator
        self.concat = _concatenate  # type: ignore[method-assign]  # as Jinja's own
        self.finalize = _refuse_lists
        self.steps = self._left = steps
        self.globals = {"range": safe_range, "namespace": Namespace}
        own = {"format": _format, "join": _join, "replace": _replace}
        hidden = {"_count": self._count_rounds, "_link": _link, "_weigh": self._weigh}
        plain = {name: FILTERS[name] for name in _FILTERS.split()}
        self.filters = {**plain, **own, **hidden}

    def step(self, steps: int = 1) -> None:
        """Count *steps*; raise SecurityError when there have been too many."""
        self._left -= steps
        if self._left < 0:
            reason = f"the templates take more than {self.steps:,} steps"
            raise SecurityError(reason)

    def _count_rounds(self, rounds: Iterable[object]) -> Iterator[object]:
        for each in rounds:
            self.step()
            yield each

    def _weigh(self, value: Any) -> Any:
        """Return a list or mapping, if it holds no more than it may."""
        left = _count(value, MOST)
        self.step(MOST - left)
        if left < 0:
            reason = f"a list has more than {MOST:,} values"
            raise SecurityError(reason)
        return value

    def _load_template(self, name: str, context: Any) -> Template:
        self.step()
        return super()._load_template(name, context)

    def is_safe_callable(self, obj: object) -> bool:
        """Tell whether a template may call *obj*: a macro, a loop, a chosen method."""
        self.step()
        if isinstance(obj, Macro | BlockReference | LoopContext | _Filler):
            return True
        if obj is Namespace or obj is safe_range:
            return True
        if isinstance(obj, MethodType | BuiltinMethodType):
            of, name = obj.__self__, obj.__name__
            of_loop = isinstance(of, LoopContext) and name in ("cycle", "changed")
            return of_loop or (
                isinstance(of, str | Mapping) and name in _METHODS.split()
            )
        return False

    def wrap_str_format(self, value: object) -> _Filler | None:
        """Return what stands for the method `format` of a text."""
        fill = super().wrap_str_format(value)
        return _Filler(fill) if isinstance(fill, FunctionType) else None

    def call_binop(
        self,
        context: Context,
        operator: str,
        left: Any,
        right: Any,
    ) -> Any:
        """Work out *left* and *right*, if no more comes of it than of them."""
        if operator == "%" and isinstance(left, str):
            _check_widths(left)
        elif operator == "+" and _is_long(left) and _is_long(right):
            _check_length(len(left) + len(right))
        elif operator in ("*", "**") and not _are_numbers(left, right):
            reason = f"`{operator}` is for numbers"
            raise SecurityError(reason)
        elif operator == "**" and abs(right) > 64:  # noqa: PLR2004 - a power
            reason = "the power is too great"
            raise SecurityError(reason)
        result = super().call_binop(context, operator, left, right)
        if isinstance(result, int) and result.bit_length() > 1024:  # noqa: PLR2004
            reason = "the number is too great"
            raise SecurityError(reason)
        return result


class _Filler:
    """The method `format` of a text, without widths that make much of little."""

    def __init__(self, fill: FunctionType) -> None:
        self.fill = fill

    def __call__(self, *values: object, **named: object) -> str:
        _check_widths(self.fill.__wrapped__.__self__)  # type: ignore[attr-defined]
        filled: str = self.fill(*values, **named)
        return filled


class _CarefulGenerator(CodeGenerator):
    """Writes the code of a template with its loops counted and its lists weighed."""

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:  # noqa: N802 - Jinja's
        super().visit_Template(_Careful(self.environment).visit(node), frame)


class _Careful(NodeTransformer):
    """Puts filters round what a template could make much with."""

    def __init__(self, environment: Any) -> None:
        self.environment = environment

    def visit_For(self, node: nodes.For) -> nodes.Node:  # noqa: N802 - Jinja's
        self.generic_visit(node)
        node.iter = self._filter("_count", node.iter)
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802 - Jinja's
        self.generic_visit(node)
        return self._filter("_link", nodes.List(node.nodes, lineno=node.lineno))

    def visit_List(self, node: nodes.List) -> nodes.Node:  # noqa: N802 - Jinja's
        self.generic_visit(node)
        return self._filter("_weigh", node)

    visit_Dict = visit_List  # noqa: N815 - Jinja's

    def visit_Tuple(self, node: nodes.Tuple) -> nodes.Node:  # noqa: N802 - Jinja's
        self.generic_visit(node)
        return self._filter("_weigh", node) if node.ctx == "load" else node

    def _filter(self, name: str, node: Any) -> nodes.Filter:
        made = nodes.Filter(node, name, [], [], None, None, lineno=node.lineno)
        made.set_environment(self.environment)
        for each in made.find_all(nodes.Node):
            each.set_environment(self.environment)
        return made


# --- what is made of values ----------------------------------------------------------


def _concatenate(parts: Iterable[str]) -> str:
    listed = list(parts)
    _check_length(sum(map(len, listed)))
    return "".join(listed)


def _refuse_lists(value: object) -> object:
    """Return *value*, if it is something that can be printed."""
    if isinstance(value, list | tuple | Mapping):
        reason = "a list or a mapping cannot be printed: print what is in it"
        raise SecurityError(reason)
    return value


def _count(value: object, left: int) -> int:
    """Return how many of *left* values remain when those of *value* are taken off."""
    inner: Iterable[object] = ()
    if isinstance(value, Mapping):
        inner = value.values()
    elif isinstance(value, list | tuple):
        inner = value
    left -= 1
    for each in inner:
        if left < 0:
            break
        left = _count(each, left)
    return left


@pass_eval_context
def _join(
    context: EvalContext,
    value: Iterable[object],
    d: str = "",
    attribute: str | int | None = None,
) -> str:
    values = list(value)
    given = values if attribute is None else []
    _check_length(sum(len(str(_refuse_lists(v))) + len(d) for v in given))
    joined: str = FILTERS["join"](context, values, d, attribute)
    return joined


@pass_eval_context
def _link(context: EvalContext, parts: Iterable[object]) -> str:
    """Return what `~` makes of *parts*."""
    return _join(context, parts)


@pass_eval_context
def _replace(
    context: EvalContext, s: str, old: str, new: str, count: int | None = None
) -> str:
    _check_length((len(str(_refuse_lists(s))) + 1) * max(1, len(str(new))))
    replaced: str = FILTERS["replace"](context, s, old, new, count)
    return replaced


def _format(value: str, *values: object, **named: object) -> str:
    _check_widths(value)
    filled: str = FILTERS["format"](value, *values, **named)
    return filled


def _check_length(length: int) -> None:
    if length > LONGEST:
        reason = f"a text has more than {LONGEST:,} characters"
        raise SecurityError(reason)


def _check_widths(form: str) -> None:
    if _WIDE.search(form):
        reason = f"a width or a precision is too great: `{form[:40]}`"
        raise SecurityError(reason)


def _is_long(value: object) -> bool:
    return isinstance(value, str | list | tuple)


def _are_numbers(*values: object) -> bool:
    return all(isinstance(value, int | float) for value in values)
