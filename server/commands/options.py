"""A command with groups of options as dataclasses in, one whose options Typer understands out."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from functools import wraps
from typing import Any, get_type_hints


def grouped(command: Callable[..., None]) -> Callable[..., None]:
    """The command with each parameter that is a dataclass spread out: its fields, with their defaults, become options."""
    hints = get_type_hints(command, include_extras=True)
    given = inspect.signature(command).parameters.values()
    groups: dict[str, Any] = {p.name: hints[p.name] for p in given if is_dataclass(hints[p.name])}

    @wraps(command)
    def spread(**values: object) -> None:
        for name, group in groups.items():
            values[name] = group(**{f.name: values.pop(f.name) for f in fields(group)})
        command(**values)

    parameters: list[inspect.Parameter] = []
    for p in given:
        if p.name in groups:
            own = get_type_hints(groups[p.name], include_extras=True)
            parameters += [
                inspect.Parameter(f.name, p.KEYWORD_ONLY, default=f.default, annotation=own[f.name])
                for f in fields(groups[p.name])
            ]
        else:
            parameters.append(p.replace(annotation=hints[p.name]))
    spread.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    spread.__annotations__ = {p.name: p.annotation for p in parameters}
    return spread
