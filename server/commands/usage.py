"""How a command is typed, in Japanese: the words around its help, and what is wrong where Typer can't read one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import typer
from rich.console import Group, RenderableType
from rich.table import Table
from typer import rich_utils
from typer._click import Command, Context
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption
from typer.exceptions import TyperException

# Typer has sentences in English only. Each of ours says one thing that is found in its sentence, in this order.
_WRONG = (
    (r"No such command '(.*?)'\.", "「{}」というコマンドはありません。"),
    (r"Missing command\.", "コマンドを指定してください。"),
    (r"No such option: (\S+)", "「{}」という指定はありません。"),
    (r"Did you mean '(.*)'\?", "「{}」ではありませんか。"),
    (r"\(Possible options: (.*)\)", "「{}」ではありませんか。"),
    (r"Option '(.*)' requires", "「{}」のあとに値を書いてください。"),
    (r"Option '(.*)' does not take a value", "「{}」には値を付けられません。"),
    (r"unexpected extra arguments?(?:\(s\))? \((.*)\)", "「{}」は余分です。空白のある言葉は、引用符で囲んでください。"),
    (r"Missing (?:option|argument) '(.*?)'", "「{}」を指定してください。"),
    (r"Invalid value for '(.*?)':", "「{}」の値が正しくありません。"),
    (r"is not one of (.*)\.", "{} のどれかにしてください。"),
    (r"valid integer", "整数にしてください。"),
    (r"valid number", "数にしてください。"),
    (r"greater than or equal to (\S+)", "{} 以上にしてください。"),
    (r"less than or equal to (\S+)", "{} 以下にしてください。"),
)

_KINDS = {"str": "文字", "int": "整数", "float": "数", "Path": "場所"}
_AROUND = {"Usage:": "書き方:", "[OPTIONS]": "[オプション]", "COMMAND [ARGS]...": "コマンド [指定]..."}


def sentence(error: TyperException) -> str:
    """What is wrong with a command, and where it says how it is written; nothing where Typer has shown the help already."""
    said = error.format_message()
    if not said:
        return ""
    found = [(ours, match) for pattern, ours in _WRONG if (match := re.search(pattern, said, re.DOTALL))]
    told = "".join(ours.format(*match.groups()) for ours, match in found) or "コマンドの書き方が正しくありません。"
    context: Context | None = getattr(error, "ctx", None)
    return f"{told}「{context.command_path if context else 'madoguchi'} --help」で書き方を確かめられます。"


def in_japanese(app: typer.Typer) -> None:
    """Put what Typer writes around the help of every command into Japanese."""
    rich_utils.ARGUMENTS_PANEL_TITLE = "指定するもの"
    rich_utils.OPTIONS_PANEL_TITLE = "オプション"
    rich_utils.COMMANDS_PANEL_TITLE = "コマンド"
    rich_utils.REQUIRED_LONG_STRING = "[必須]"
    rich_utils.DEFAULT_STRING = "[初期値: {}]"
    rich_utils.Table = _Table  # type: ignore[attr-defined]
    rich_utils.Columns = _lines  # type: ignore[attr-defined, assignment]
    TyperArgument.display_type = TyperOption.display_type = _value  # type: ignore[assignment, method-assign]
    app.info.cls = _Group
    for command in app.registered_commands:
        command.cls = _Command
    for group in app.registered_groups:
        if group.typer_instance:
            group.cls = _Group
            in_japanese(group.typer_instance)


class _Table(Table):
    """Japanese has no spaces to break a line at: what is too long for one goes on in the next instead of being cut."""

    def add_row(self, *cells: RenderableType | None, **options: Any) -> None:
        super().add_row(*cells, **options)
        for column in self.columns:
            column.overflow = "fold"


def _lines(parts: Iterable[RenderableType]) -> Group:
    """What is said of an option, each part in lines of its own, where Typer has columns that cut it."""
    return Group(*parts)


def _value(parameter: TyperArgument | TyperOption, _: Context) -> str:
    """What is to be written for a parameter: one of its choices, or what kind of thing; nothing for a switch."""
    kind = parameter.type_descriptor
    if kind.is_choice:
        return "|".join(kind.choices or ())
    return next((ours for name, ours in _KINDS.items() if name in str(kind.annotation)), "")


class _InJapanese(Command):
    def get_usage(self, ctx: Context) -> str:
        usage = super().get_usage(ctx)
        for theirs, ours in _AROUND.items():
            usage = usage.replace(theirs, ours, 1)
        return usage

    def get_help_option(self, ctx: Context) -> TyperOption | None:
        option = super().get_help_option(ctx)
        if option:
            option.help = "この説明を表示します。"
        return option


class _Command(_InJapanese, TyperCommand):
    pass


class _Group(_InJapanese, TyperGroup):
    pass
