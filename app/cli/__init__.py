"""The command line. Commands import what they need when they run, so that `--help` is quick."""

from __future__ import annotations

import importlib
import logging
import sys

import click

from app import __version__
from app.cli.complaints import Complaints
from app.core.errors import AppError

COMMANDS = {
    "live": "live",
    "record": "record",
    "transcribe": "transcribe",
    "meetings": "meetings",
    "models": "models",
    "voices": "voices",
    "vocabulary": "vocabulary",
    "corrections": "vocabulary",
    "glossary": "glossary",
    "doctor": "doctor",
    "soundcheck": "soundcheck",
    "bench": "bench",
    "soak": "soak",
    "drill": "drill",
}
"""Command name -> the module of this package that defines it under the same name."""


class LazyGroup(click.Group):
    """A group whose commands are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"app.cli.{COMMANDS[cmd_name]}")
        command = getattr(module, cmd_name)
        assert isinstance(command, click.Command)
        return command


@click.group(cls=LazyGroup, invoke_without_command=True)
@click.version_option(__version__, prog_name="captionist")
@click.option("--verbose", is_flag=True, help="Log what happens inside to standard error.")
@click.option("--self-test", is_flag=True, help="Check this installation, then leave.")
@click.pass_context
def cli(ctx: click.Context, *, verbose: bool, self_test: bool) -> None:
    """Live captions, recordings and notes of meetings, on your own machine.

    Without a command the desktop program starts.
    """
    logging.basicConfig(level=logging.DEBUG if verbose else logging.ERROR)
    if ctx.invoked_subcommand is not None:
        if not verbose:  # else the log says it
            complaints = Complaints()
            complaints.begin()
            ctx.call_on_close(complaints.end)
        return
    from app import main as desktop

    sys.exit(desktop.self_test() if self_test else desktop.main())


def main() -> None:
    """The program `captionist`. Exit codes: 0 done, 1 a reported error, 2 wrong usage."""
    try:
        code = cli(standalone_mode=False)  # what a command gave to `ctx.exit`, or None
        sys.exit(code)
    except click.ClickException as exc:
        exc.show()
        sys.exit(exc.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(1)
    except AppError as exc:
        click.echo(f"captionist: {exc}." + (f"\n  {exc.hint}" if exc.hint else ""), err=True)
        sys.exit(1)
    except BrokenPipeError:  # the reader of our output has gone; nobody is left to tell
        sys.stderr.close()
        sys.exit(1)
