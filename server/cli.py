"""The command line: what was typed in, an exit code out, and one Japanese sentence where something is wrong."""

from __future__ import annotations

import logging
import os
import sys

from server.interrupt import INTERRUPTED, importing

_WRONG, _MISTYPED = 1, 2


def main() -> None:
    """Run the command line. An error of ours ends with its Japanese sentence and exit code 1, without a traceback; a command that
    is not one, with exit code 2; Ctrl-C, with 130 and no word."""
    # Weights come from the model store only: nothing below may reach for a model hub while the product runs.
    os.environ.setdefault("HF_HUB_OFFLINE", "0" if "pull" in sys.argv else "1")
    os.umask(0o077)  # recordings and what residents said are for the service's own user only
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    try:
        sys.exit(_run())
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        sys.exit(_WRONG)


def _run() -> int:
    """The exit code. What is imported here takes seconds, in which somebody may press Ctrl-C."""
    with importing():
        import typer
        from typer.exceptions import TyperException

        from core.errors import MadoguchiError
        from core.faults import fault_of
        from core.logging import logger
        from server.commands.app import VERBS, app_of
        from server.commands.usage import sentence

    def told(message: str, code: int) -> int:
        if message:
            typer.secho(message, fg=typer.colors.RED, err=True)
        return code

    try:
        typed = sys.argv[1:2]
        with importing():
            app = app_of(typed if typed and typed[0] in VERBS else VERBS)
        return app(prog_name="madoguchi", standalone_mode=False) or 0
    except TyperException as e:
        return told(sentence(e), _MISTYPED)
    except MadoguchiError as e:
        return told(e.message, _WRONG)
    except BrokenPipeError:
        raise
    except Exception as e:  # noqa: BLE001 - the outermost frame: people get a sentence, whatever it was
        if fault := fault_of(e):
            return told(fault.message, _WRONG)
        if isinstance(e, OSError) and e.filename is not None:
            return told(f"{e.filename} を読み書きできません。場所と、権限を確かめてください。", _WRONG)
        logger("cli").exception("unexpected error")  # for who is to mend it
        return told(MadoguchiError.default, _WRONG)


if __name__ == "__main__":
    main()
