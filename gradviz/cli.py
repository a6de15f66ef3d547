"""The command line. A room is imported inside the command that needs it, so that the others start at once."""

import json
import os
import re
import subprocess
import sys
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import click

from gradviz import __version__
from gradviz.display import display_problem
from gradviz.errors import InputError
from gradviz.examples import default_example
from gradviz.source import read_source
from gradviz.translate import LANGUAGES, preferred_language, set_language, tr

PICTURE = Path("gradviz.png")


class _Formatter(click.HelpFormatter):
    """Writes help in the current language. The texts stand in English where they are declared."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        super().write_usage(prog, args, tr("Usage:") + " ")

    def write_heading(self, heading: str) -> None:
        super().write_heading(tr(heading))

    def write_text(self, text: str) -> None:
        super().write_text(tr(text))

    def write_dl(self, rows: Any, *args: int, **options: int) -> None:
        super().write_dl([(term, tr(text)) for term, text in rows], *args, **options)


class _Context(click.Context):
    formatter_class = _Formatter


class _Option(click.Option):
    def get_help_extra(self, ctx: click.Context) -> Any:
        return {}  # the help texts say themselves what click would add in English


_option = partial(click.option, cls=_Option)


class _Command(click.Command):
    context_class = _Context


class _Gradviz(click.Group):
    """`gradviz FILE` is `gradviz open FILE`: a first word that is no command is a file."""

    context_class = _Context
    command_class = _Command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in self.commands:
            args = ["open", *args]
        return super().resolve_command(ctx, args)

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        return ["[OPTIONS]", "[FILE | COMMAND]"]


def _training_options(command: Any) -> Any:
    """The options that say how a program is run; the window and `run` share them."""
    for option in (
        _option(
            "--data",
            metavar="FOLDER",
            help="Folder with MNIST's four IDX files, plain or gzip, in place of the bundled sample.",
        ),
        _option(
            "--batch-size",
            metavar="N",
            type=click.IntRange(1),
            default=64,
            help="Images in a batch of train_loader and test_loader (64).",
        ),
        _option(
            "--seed",
            metavar="N",
            type=click.IntRange(0, 2**63 - 1),
            default=0,
            help="Seed of initial weights and shuffling (0).",
        ),
    ):
        command = option(command)
    return command


def _window_options(command: Any) -> Any:
    return _option(
        "--theme", type=click.Choice(["dark", "light"]), help="Colours of the window (the last ones used)."
    )(command)


def _speak(ctx: click.Context, param: click.Parameter, language: str | None) -> None:
    if language:
        set_language(language)
        os.environ["GRADVIZ_LANG"] = language  # the processes that this one starts speak it too


def _language_option(command: Any) -> Any:
    return _option(
        "--lang",
        type=click.Choice(LANGUAGES),
        callback=_speak,
        is_eager=True,
        expose_value=False,
        help="Language of messages and window (the locale's).",
    )(command)


def _show_version(ctx: click.Context, param: click.Parameter, wanted: bool) -> None:
    if wanted:
        click.echo(f"gradviz {__version__}")
        ctx.exit()


@click.group(
    cls=_Gradviz,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Shows automatic differentiation at work: opens the window, on the program FILE if given.",
)
@_training_options
@_window_options
@_language_option
@_option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Show the version and exit.",
)
@click.pass_context
def gradviz(ctx: click.Context, **options: Any) -> None:
    # What stands before the command counts for it too.
    ctx.default_map = dict.fromkeys(gradviz.commands, options)
    if ctx.invoked_subcommand is None:
        ctx.invoke(open_window, file=None, **options)


@gradviz.command("open", hidden=True, help="Opens the window, on the program FILE if given.")
@click.argument("file", required=False)
@_training_options
@_window_options
@_language_option
@click.pass_context
def open_window(ctx: click.Context, file: str | None, theme: str | None, **options: Any) -> None:
    path = Path(file) if file else None
    if path and path.suffix.lower() != ".gvtrace":  # the window says what is wrong with one of those
        read_source(path)
    _check_data(options["data"])
    if problem := display_problem():
        ctx.exit(_work_without_display(problem, path, options, theme))
    from gradviz.ui import app

    # Without a word about the language here, the window speaks the one that was chosen in it last.
    language = preferred_language() if "GRADVIZ_LANG" in os.environ else None
    ctx.exit(app.main(path, language=language, theme=theme, **options))


@gradviz.command(
    help="Runs the program FILE without a window; with a loss snippet, trains SimpleNet with it.",
    short_help="Runs a program without a window.",
)
@click.argument("file")
@_option(
    "--timeout",
    metavar="SECONDS",
    type=click.FloatRange(0, min_open=True),
    help="Ends the program after this time, with exit code 124.",
)
@_option(
    "--memory",
    metavar="MIB",
    type=click.IntRange(1),
    help="Memory that the program may use; if it needs more, it ends with exit code 137.",
)
@_training_options
@_language_option
@click.pass_context
def run(ctx: click.Context, file: str, timeout: float | None, memory: int | None, **options: Any) -> None:
    from gradviz.session.headless import run_headless
    from gradviz.session.program import Settings

    read_source(Path(file))
    _check_data(options["data"])
    progress = sys.stderr.isatty()
    ctx.exit(run_headless(Path(file), Settings(**options), timeout, memory, progress))


@gradviz.command(
    help="Compares the gradients of the loss or program FILE with finite differences in float64, operation by"
    " operation, and says at which line one is wrong. A loss is called on a batch of SimpleNet's outputs, or"
    " with what its file gives as example_inputs; of a program one iteration is checked. Exit codes: 0 right,"
    " 1 wrong, 2 could not run.",
    short_help="Checks gradients with finite differences.",
)
@click.argument("file")
@_option(
    "--iteration",
    metavar="N",
    type=click.IntRange(1),
    default=1,
    help="The iteration of a program that is checked, counted from 1 (1).",
)
@_option("--json", "as_json", is_flag=True, help="Print the results as JSON.")
@_option(
    "--timeout",
    metavar="SECONDS",
    type=click.FloatRange(0, min_open=True),
    help="Ends the check after this time.",
)
@_option("--memory", metavar="MIB", type=click.IntRange(1), help="Memory that the program may use.")
@_training_options
@_language_option
@click.pass_context
def check(
    ctx: click.Context,
    file: str,
    iteration: int,
    as_json: bool,
    timeout: float | None,
    memory: int | None,
    **options: Any,
) -> None:
    from gradviz.session.check_command import check_headless
    from gradviz.session.program import Settings

    read_source(Path(file))
    _check_data(options["data"])
    settings = Settings(**options)
    ctx.exit(check_headless(Path(file), settings, iteration - 1, timeout, memory, as_json))


@gradviz.command(
    help="Runs the program FILE without a window and records it into a trace file, which can be walked on any"
    " machine without running anything. Iterations and events are counted from 1, as in the window. The exit"
    " code is the program's own; 2 if nothing could be recorded.",
    short_help="Records a run into a trace file.",
)
@click.argument("file")
@_option("-o", "--output", metavar="RUN.gvtrace", help="The file to write (FILE's name with .gvtrace).")
@_option("--iterations", metavar="N", type=click.IntRange(1), help="Ends the run after N iterations.")
@_option(
    "--break",
    "conditions",
    metavar="EXPR",
    multiple=True,
    help="Says where this is true of an operation, as iteration:event; for example grad.norm > 10. May be"
    " given several times.",
)
@_option(
    "--keep",
    metavar="I,J,…",
    help="Iterations to keep in full detail (the first, the last and up to 30 with hits).",
)
@_training_options
@_language_option
@click.pass_context
def trace(
    ctx: click.Context,
    file: str,
    output: str | None,
    iterations: int | None,
    conditions: tuple[str, ...],
    keep: str | None,
    **options: Any,
) -> None:
    from gradviz.session.program import Settings
    from gradviz.session.tracing import Order, record_trace

    program = Path(file)
    text = read_source(program)
    _check_data(options["data"])
    target = Path(output) if output is not None else Path(program.with_suffix(".gvtrace").name)
    kept = None if keep is None else _iterations(keep)
    order = Order(program, text, Settings(**options), target, conditions, iterations, kept)
    ctx.exit(record_trace(order))


@gradviz.command(
    help="Runs the program FILE without a window and says which common mistakes of training it makes, at"
    " their lines: a missing zero_grad, softmax before a cross entropy, a parameter without a gradient and"
    " others. A line is left out with the comment # gradviz: ignore[RULE]. Exit codes: 0 if nothing is found,"
    " 1 if something is, 2 if the program could not run.",
    short_help="Finds common mistakes of training.",
)
@click.argument("file")
@_option("--iterations", metavar="N", type=click.IntRange(1), help="Ends the run after N iterations.")
@_option(
    "--timeout",
    metavar="SECONDS",
    type=click.FloatRange(0, min_open=True),
    help="Ends the run after this time; what was found until then is said.",
)
@_option("--json", "as_json", is_flag=True, help="Print the results as JSON.")
@_training_options
@_language_option
@click.pass_context
def lint(
    ctx: click.Context,
    file: str,
    iterations: int | None,
    timeout: float | None,
    as_json: bool,
    **options: Any,
) -> None:
    from gradviz.session.lint_command import lint as lint_program
    from gradviz.session.program import Settings

    program = Path(file)
    text = read_source(program)
    _check_data(options["data"])
    ctx.exit(lint_program(program, text, Settings(**options), iterations, timeout, as_json))


def _iterations(text: str) -> list[int]:
    """ "1,5,100" as numbers from 0."""
    numbers = [int(word) for word in text.split(",") if re.fullmatch(r" *0*[1-9][0-9]{0,17} *", word)]
    if len(numbers) < len(text.split(",")):
        raise InputError(tr("--keep takes numbers of iterations, counted from 1, such as 1,5,100"))
    return [number - 1 for number in numbers]


@gradviz.command(
    help="Says what is in a trace file. With --at, which state the program had at a moment, and what had just"
    " happened; with --verify, whether it comes to the same states when it runs again. Iterations and events"
    " are counted from 1; event 0 is the beginning of an iteration. The program runs only with --verify, or"
    " for an iteration that is not in the file in full detail. Exit codes of --verify: 0 if all states agree,"
    " 1 if not, 2 if it could not run.",
    short_help="Says what is in a trace file, and checks it.",
)
@click.argument("file")
@_option("--at", metavar="I:E", help="The moment after event E of iteration I; without :E its end.")
@_option("--verify", is_flag=True, help="Runs the program again by several routes and compares the states.")
@_option("--data", metavar="FOLDER", help="Folder with the data, if it is another one than at the recording.")
@_language_option
@click.pass_context
def replay(ctx: click.Context, file: str, at: str | None, verify: bool, data: str | None) -> None:
    from gradviz.session import replaying
    from gradviz.trace.file import TraceFile

    moment = None if at is None else _moment(at)
    _check_data(data)
    code = 0
    with TraceFile(Path(file)) as run:
        if moment is None and not verify:
            replaying.describe(run)
        if moment is not None:
            code = replaying.show(run, *moment, data)
        if verify:
            code = replaying.verify(run, data) or code
    ctx.exit(code)


def _moment(text: str) -> tuple[int, int | None]:
    """(iteration, event) of "3:12" or "3", counted from 0; event -1 is before the first, None the last."""
    found = re.fullmatch(r"0*([1-9][0-9]{0,17})(?::([0-9]{1,18}))?", text.strip())
    if found is None:
        raise InputError(tr("--at takes iteration:event, counted from 1, such as 3:12; not {0}").format(text))
    return int(found[1]) - 1, None if found[2] is None else int(found[2]) - 1


@gradviz.command(
    help="Checks what gradviz needs, line by line, and says what to do about what is missing.",
    short_help="Checks what gradviz needs.",
)
@_option("--json", "as_json", is_flag=True, help="Print the results as JSON.")
@_language_option
@click.pass_context
def doctor(ctx: click.Context, as_json: bool) -> None:
    from gradviz.doctor import findings, main_job_can_run

    results = findings()
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in results], ensure_ascii=False, indent=2))
    else:
        marks = {"ok": "✓ " + tr("ok"), "warning": "! " + tr("warning"), "missing": "✗ " + tr("missing")}
        for finding in results:
            click.echo(f"{marks[finding.status]}\t{finding.check}: {finding.found}")
            if finding.advice:
                click.echo(f"\t\t→ {finding.advice}")
    ctx.exit(0 if main_job_can_run(results) else 1)


def _check_data(folder: str | None) -> None:
    """Reports an unusable data folder before anything starts."""
    if folder is not None:
        from gradviz.session.mnist import load_mnist

        load_mnist(Path(folder))


def _work_without_display(problem: str, path: Path | None, options: dict[str, Any], theme: str | None) -> int:
    """Trains, and draws the window offscreen: the main job for a machine without a display."""
    from gradviz.session.headless import run_headless
    from gradviz.session.program import Settings

    click.echo("gradviz: " + problem, err=True)
    program = path or default_example().path
    click.echo(tr("Training without a window: {0}").format(program.name), err=True)
    if code := run_headless(program, Settings(**options), progress=True):
        return code
    # In a process of its own: what is missing for a window can also make Qt abort.
    drawn = subprocess.run(
        [sys.executable, "-P", "-m", "gradviz.ui.picture", str(PICTURE), str(program), theme or "dark"],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )
    if drawn.returncode != 0:
        text = tr("the picture could not be drawn (exit code {0}); gradviz doctor says what is missing")
        click.echo("gradviz: " + text.format(drawn.returncode), err=True)
        return 1
    click.echo(tr("A picture of the window is in {0}.").format(PICTURE), err=True)
    return 0


def _usage_problem(error: click.ClickException) -> str:
    """Click's complaint in the current language, where it is one that people meet."""
    match error:
        case click.NoSuchOption():
            return tr("there is no option {0}").format(error.option_name)
        case click.MissingParameter(param=click.Argument()):
            return tr("FILE is missing")
        case click.BadOptionUsage():
            return tr("{0} needs a value").format(error.option_name)
        case click.BadParameter(param=click.Option(type=click.Choice() as choice) as option):
            return tr("{0} takes one of: {1}").format(option.opts[0], ", ".join(choice.choices))
        case click.BadParameter(param=click.Option(type=click.IntRange(min=least)) as option):
            return tr("{0} takes a whole number, at least {1}").format(option.opts[0], least)
        case click.BadParameter(param=click.Option(type=click.FloatRange(min=bound)) as option):
            return tr("{0} takes a number above {1}").format(option.opts[0], bound)
    return error.format_message().rstrip(".")


def main(arguments: list[str] | None = None) -> None:
    """The command `gradviz`. Ends the process with its exit code."""
    set_language(preferred_language())
    try:
        code = gradviz.main(arguments, prog_name="gradviz", standalone_mode=False)
    except InputError as error:
        click.echo(f"gradviz: {error}", err=True)
        code = 2
    except click.ClickException as error:
        text = tr("{0}. gradviz --help shows what it takes.")
        click.echo("gradviz: " + text.format(_usage_problem(error)), err=True)
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        code = 130
    sys.exit(code)
