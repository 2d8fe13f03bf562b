"""The commands of the command line. What a command needs is imported when it runs.

The context's object is the function that opens the screen, on a model if it is called with one.
"""

from __future__ import annotations

import json
import math
import re
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from nnviz import __version__
from nnviz.cli.completion import files
from nnviz.cli.own import DataChoice, data_options
from nnviz.paths import exists

if TYPE_CHECKING:
    from nnviz.network import Network

TARGETS = ("torch", "onnx", "numpy", "history", "svg", "asciicast")
"""What `export` writes."""
DATA = "nnviz.data"
"""The key of the data that were named before the command."""

SMALL = {"help_option_names": ["-h", "--help"]}

as_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def _presets(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The presets, each with what to look at in it."""
    from nnviz.network import PRESETS, slug

    found = ((slug(preset.name), preset.look) for preset in PRESETS)
    return [CompletionItem(name, help=look) for name, look in found if name.startswith(incomplete.lower())]


def _curves(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The activation functions."""
    from nnviz.cli.show import elementwise

    names = [name.lower() for name in elementwise()]
    return [CompletionItem(name) for name in names if name.startswith(incomplete.lower())]


model_argument = click.argument("model", shell_complete=files)


class Commands(click.Group):
    """The commands, and `open` for what is none: a model file, a folder or a line."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command of the first argument; `open` if that names no command.

        Raises:
            UsageError: it is a word that names neither a command nor a model.
        """
        if args and args[0] not in self.commands:
            if hint := self._unknown(args[0]):
                raise click.UsageError(f"No command is called {args[0]!r}. {hint}", ctx)
            if {"--help", "-h"} & {*args[1:]}:
                click.echo(ctx.get_help())
                ctx.exit()
            return "open", self.commands["open"], args
        return super().resolve_command(ctx, args)

    def _unknown(self, word: str) -> str:
        """What was probably meant by a word that cannot be a model; empty if it may be one."""
        from nnviz.names import nearest

        if len(word) > 20 or not re.fullmatch("[A-Za-z][A-Za-z_-]*", word) or exists(word):
            return ""
        names = [name for name in self.commands if name != "open"]
        close = nearest(word.lower(), names)
        if not close:
            # Imported where the word is no command: the registries take a while.
            from nnviz.data import datasets
            from nnviz.network import PRESETS, slug

            if word.lower() in datasets:
                return ""
            if slug(word) in map(slug, (preset.name for preset in PRESETS)):
                return f"It is a preset: nnviz new {slug(word)}."
        return f"Did you mean {close}?" if close else f"There are: {', '.join(names)}; or pass a model file."

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """The commands, and for what is none, files and folders."""
        found = super().shell_complete(ctx, incomplete)
        return found if found or incomplete.startswith("-") else files(ctx, self.params[0], incomplete)


@click.group(cls=Commands, invoke_without_command=True, context_settings=SMALL)
@click.version_option(__version__, prog_name="nnviz")
@click.option("--resume", is_flag=True, help="Open the last session: network, weights, optimizer, step and history.")
@data_options
@click.pass_context
def command(ctx: click.Context, data: DataChoice, resume: bool) -> None:
    """See a neural network think.

    Without a command, the screen opens: on MODEL.toml, on a folder that train wrote, or on a line, if one is given;
    with --data, on a file of your own; else on a ready network and data set. space trains it, ? shows all keys, q
    quits.

    MODEL stands for a model file, a folder that train wrote, or a line: a data set, the widths of the layers, then an
    activation, an optimizer with its rate, and settings by name. Data can be a file of your own, also in a line.

    \b
    Examples:
      nnviz
      nnviz 'spiral 2-16-16-2 tanh adam:0.01 seed:1'
      nnviz --data wine.csv --target quality
      nnviz 'wine.csv 4-16-3 relu'
      nnviz new spirals -o model.toml
      nnviz summary model.toml
      nnviz train model.toml --epochs 20 -o run
      nnviz run
      nnviz --resume
      nnviz predict run new.csv
      nnviz export run --to torch -o model.py
    """
    if resume and ctx.invoked_subcommand is not None:
        raise click.UsageError("--resume opens the last session, and takes no MODEL and no command.")
    if ctx.invoked_subcommand is None:
        if resume and data.given:
            raise click.UsageError("--resume opens the last session with its own data: leave out --data.")
        ctx.obj(resume=True) if resume else ctx.obj(data=data) if data.given else ctx.obj()
    elif data.given and ctx.invoked_subcommand != "open":
        raise click.UsageError(f"Write --data after the command: nnviz {ctx.invoked_subcommand} ... --data FILE.")
    ctx.meta[DATA] = data


@command.command("open", hidden=True)
@model_argument
@data_options
@click.pass_context
def open_command(ctx: click.Context, model: str, data: DataChoice) -> None:
    """Open the screen on MODEL."""
    before: DataChoice = ctx.meta[DATA]
    chosen = DataChoice(data.path or before.path, (*before.arguments, *data.arguments))
    ctx.obj(model, chosen) if chosen.given else ctx.obj(model)


@command.command()
@click.argument("what", metavar="PRESET|LINE", required=False, shell_complete=_presets)
@click.option(
    "-o", "out", shell_complete=files, metavar="MODEL.toml", help="Write this file, which must not exist yet."
)
@click.option("--force", is_flag=True, help="Replace the file if it exists.")
@click.option("--list", "listed", is_flag=True, help="List the presets.")
@data_options
def new(what: str | None, out: str | None, force: bool, listed: bool, data: DataChoice) -> None:
    """Write a model file, from a preset or a line; from a file of data, with a small network that fits.

    \b
    Examples:
      nnviz new --list
      nnviz new residual -o model.toml
      nnviz new 'circle 2-4-2 tanh sgd:0.03' -o model.toml
      nnviz new wine.csv --target quality --drop-missing -o wine.toml
    """
    from nnviz.errors import ArgumentError
    from nnviz.files.model_file import model_text
    from nnviz.network import PRESETS, slug
    from nnviz.serialization.disk import write

    if listed:
        click.echo("\n".join(f"{slug(preset.name):<22} {preset.look}" for preset in PRESETS))
        return
    if what is None and data.path is None:
        raise click.UsageError("Missing argument 'PRESET|LINE'.")
    # The path of a file of data is written from the folder of the model file.
    text = model_text(_described(what, data), folder=Path(out).parent if out else None)
    if out is None:
        # A model file is UTF-8 in any locale.
        click.echo(text.encode(), nl=False)
    elif exists(out) and not force:
        raise ArgumentError(f"{out} exists already", "pass another name with -o, or replace it with --force")
    else:
        write(out, text.encode())


def _described(what: str | None, data: DataChoice) -> Network:
    """The network of a preset, a line or a file of data."""
    from nnviz.cli.own import on
    from nnviz.data import is_data_file
    from nnviz.errors import RegistryError
    from nnviz.files.opened import Opened
    from nnviz.names import nearest
    from nnviz.network import PRESETS, slug

    presets = {slug(preset.name): preset for preset in PRESETS}
    if what is None or (len(what.split()) > 1 and slug(what) not in presets) or is_data_file(what):
        return data.open(what).network
    if slug(what) in presets:
        network = presets[slug(what)].make()
        if not data.given:
            return network
        return on(Opened(network), data.spec_needed()).network
    close = nearest(what, presets)
    hint = f"did you mean {close}?" if close else "list them with: nnviz new --list"
    raise RegistryError(f"no preset is called {what[:60]!r}", hint)


@command.command()
@model_argument
@data_options
@as_json_option
def summary(model: str, data: DataChoice, as_json: bool) -> None:
    """Layers, shapes, parameters, multiply-adds and memory of one batch.

    Multiply-adds are torchinfo's: each parameter once a sample, those of a convolution once for each place of its
    output.

    \b
    Examples:
      nnviz summary model.toml
      nnviz summary 'digits 64-64-10 relu' --json
    """
    from nnviz.cli import show

    network = data.open(model, weights=False).network
    click.echo(json.dumps(show.summary(network)) if as_json else show.summary_text(network))
    _end_if_faulty(network)


def _end_if_faulty(network: Network) -> None:
    """Raise the error of the stack, if it has one."""
    from nnviz.errors import ShapeError
    from nnviz.network import fixes, trace

    found = trace(network)
    if found.diagnostic is not None and found.faulty is not None:
        where = f"layer {found.faulty + 1}" if found.faulty < len(found.rows) else "the loss"
        repairs = [fix.text for fix in fixes(network)]
        raise ShapeError(f"{where}: {found.diagnostic.message}", f"a fix: {repairs[0]}" if repairs else "")


@command.command()
@model_argument
@data_options
@click.option("--backward", is_flag=True, help="The operations of the backward pass as well.")
@click.option("--plan", is_flag=True, help="The instructions of the static plan instead.")
@as_json_option
def order(model: str, data: DataChoice, backward: bool, plan: bool, as_json: bool) -> None:
    """The topological order of the operations of a training step.

    The layer of an operation of the loss is loss, with --json null. The plan always contains the backward pass.

    \b
    Examples:
      nnviz order model.toml
      nnviz order 'spiral 2-8-2 tanh' --backward
      nnviz order 'spiral 2-8-2 tanh' --plan --json
    """
    from nnviz.cli import show

    network = data.open(model, weights=False).network
    rows = show.planned(network) if plan else show.order(network, backward)
    click.echo(json.dumps(rows) if as_json else show.order_text(rows))
    _end_if_faulty(network)


@command.command()
@model_argument
@data_options
@click.option("--epochs", type=click.IntRange(0, 10**9), help="Train this many epochs (more); default 10.")
@click.option("--steps", type=click.IntRange(0, 10**12), help="Train this many steps (more) instead.")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), help="Train from this seed, not the model's own.")
@click.option(
    "-o",
    "out",
    shell_complete=files,
    metavar="DIR",
    help="Save model.toml, weights, state and history.csv in this folder.",
)
@click.option("--resume", is_flag=True, help="Go on where the folder MODEL was saved, bit for bit; save there again.")
@click.option("--force", is_flag=True, help="Let -o replace the files of another run.")
@click.option("--json", "as_json", is_flag=True, help='Print JSON lines, one an evaluation; the last has "done": true.')
def train(
    model: str,
    data: DataChoice,
    epochs: int | None,
    steps: int | None,
    seed: int | None,
    out: str | None,
    resume: bool,
    force: bool,
    as_json: bool,
) -> None:
    """Train without a screen.

    From a folder, a new run starts with the saved weights; --resume goes on with the saved run instead. -o refuses a
    folder in which there is another run, unless --force replaces it. Ctrl+C stops, saves, and exits with 130; a hangup
    or a request to end, too.

    \b
    Examples:
      nnviz train model.toml --epochs 20 -o run
      nnviz train run --epochs 20 --resume
      nnviz train 'spiral 2-16-16-2 tanh' --json
      nnviz train wine.csv --target quality
      nnviz train model.toml --data wine.csv --target quality
    """
    from nnviz.cli.train import train as train_model

    if epochs is not None and steps is not None:
        raise click.UsageError("--epochs and --steps cannot be combined.")
    sys.exit(train_model(model, data, epochs, steps, seed, out, resume, force, as_json))


@command.command()
@model_argument
@click.argument("file", metavar="FILE", shell_complete=files)
@click.option("--json", "form", flag_value="json", help="Print JSON: a list of one object a row.")
@click.option("--csv", "form", flag_value="csv", help="Print CSV.")
def predict(model: str, file: str, form: str | None) -> None:
    """Predict the rows of a CSV file: classes with their probabilities, or values in their own units.

    FILE has the columns that the network was trained on, in any order; the target may be missing, and is not read.
    Inputs are standardized as the training data were, texts become the same inputs.

    \b
    Examples:
      nnviz predict run new.csv
      nnviz predict run new.csv --csv > predictions.csv
      nnviz predict run new.csv --json
    """
    from nnviz.cli import predict as predictions
    from nnviz.files.opened import open_model

    found = predictions.predicted(open_model(model), file)
    if form == "csv":
        click.echo(predictions.as_csv(found).encode(), nl=False)
    else:
        click.echo(predictions.as_json(found) if form == "json" else predictions.text(found))


@command.command()
@model_argument
@data_options
@as_json_option
def check(model: str, data: DataChoice, as_json: bool) -> None:
    """Compare the gradient of every parameter with central differences, in float64.

    Of a parameter with more than 64 elements, 64 are compared. Exits with 1 if one is wrong.

    \b
    Examples:
      nnviz check model.toml
      nnviz check 'spiral 2-8-2 gelu' --json
    """
    from nnviz.cli import check as checks
    from nnviz.errors import GraphError

    rows = checks.check(data.open(model))
    click.echo(checks.as_json(rows) if as_json else checks.text(rows))
    wrong = [row.parameter for row in rows if not row.error <= checks.TOLERANCE]
    if wrong:
        raise GraphError(f"wrong gradients: {', '.join(wrong)}")


@command.command()
@click.argument("names", metavar="[NAME...]", nargs=-1, shell_complete=_curves)
@click.option("--range", "limits", type=(float, float), default=(-6.0, 6.0), metavar="A B", help="Draw from A to B.")
@click.option("--table", is_flag=True, help="Print what holds of them, a line each; without a name, of all.")
@click.option("--sort", metavar="COLUMN", default="", help="Sort the table by this column, such as mean.")
@click.option("--time", "timed", is_flag=True, help="Measure a million numbers, as a multiple of ReLU's time.")
@click.option("--slope", type=click.FloatRange(-1e6, 1e6), default=0.2, help="a of LeakyReLU; default 0.2.")
def curves(
    names: tuple[str, ...], limits: tuple[float, float], table: bool, sort: str, timed: bool, slope: float
) -> None:
    """Draw activation functions, or print the table of all of them.

    \b
    Examples:
      nnviz curves tanh sigmoid
      nnviz curves gelu relu --range -3 3
      nnviz curves --sort std
      nnviz curves --table --time sigmoid tanh relu leakyrelu
    """
    from nnviz.cli import show

    low, high = limits
    if not -1e6 <= low < high <= 1e6:
        raise click.UsageError("--range wants two numbers from -1000000 to 1000000, the lower one first.")
    if not math.isfinite(slope):
        raise click.UsageError("--slope wants a finite number.")
    if table or not names:
        click.echo(show.curves_table(names, slope, sort, timed))
        return
    if sort or timed:
        raise click.UsageError("--sort and --time are of the table: add --table.")
    columns, rows = shutil.get_terminal_size()
    click.echo(show.curves(names, low, high, min(columns, 100), min(max(rows - 4, 8), 24), slope))


def _size(ctx: click.Context, param: click.Parameter, value: str | None) -> tuple[int, int] | None:
    """Columns and rows of a screen, such as 80x24."""
    if value is None:
        return None
    found = re.fullmatch(r"([0-9]{1,3})x([0-9]{1,3})", value)
    columns, rows = (int(found[1]), int(found[2])) if found else (0, 0)
    if not (20 <= columns <= 500 and 5 <= rows <= 200):
        raise click.BadParameter(f"{value[:20]!r} is no size from 20x5 to 500x200, such as 80x24.", ctx, param)
    return columns, rows


@command.command()
@model_argument
@data_options
@click.option("--to", "form", type=click.Choice(TARGETS), required=True, help="The format.")
@click.option("-o", "out", shell_complete=files, metavar="FILE", help="Write this file; default standard output.")
@click.option("--size", callback=_size, metavar="COLUMNSxROWS", help="svg, asciicast: the screen's; default 120x40.")
@click.option("--epochs", type=click.IntRange(1, 10_000), help="asciicast: show this many epochs; default 10.")
def export(
    model: str, data: DataChoice, form: str, out: str | None, size: tuple[int, int] | None, epochs: int | None
) -> None:
    """Export a network, one training step of it, its screen, or the history of a run.

    \b
    torch      a PyTorch script whose build() gives the network with its weights
    onnx       the network in evaluation mode as an ONNX model; needs pip install 'nnviz-tui[onnx]'
    numpy      the numpy lines of the next training step, with weights and batch: a script that needs numpy alone
    history    the losses and accuracies of a run as CSV
    svg        the screen on it as a picture
    asciicast  its training on the screen, a picture an epoch, for asciinema play

    \b
    Examples:
      nnviz export run --to torch -o model.py
      nnviz export 'spiral 2-8-2 tanh' --to numpy -o step.py
      nnviz export run --to history -o history.csv
      nnviz export run --to svg --size 80x24 -o screen.svg
      nnviz export 'spiral 2-8-2 tanh' --to asciicast --epochs 50 -o training.cast
    """
    from nnviz.cli.export import exported
    from nnviz.serialization.disk import write

    if size is not None and form not in ("svg", "asciicast"):
        raise click.UsageError(f"--size is the screen's, for svg and asciicast, not for {form}.")
    if epochs is not None and form != "asciicast":
        raise click.UsageError(f"--epochs is for asciicast, not for {form}.")
    if form == "onnx" and out is None and sys.stdout.isatty():
        raise click.UsageError("an ONNX model is binary: write it with -o FILE.")
    content = exported(model, data, form, size or (120, 40), epochs or 10)
    if out is None:
        click.echo(content, nl=False)
    else:
        write(out, content)
