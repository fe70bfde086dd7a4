"""`realign bundle`: carry the program and everything it needs to a machine without a network."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import click

from realign_local.base.errors import AssetError, DiskError, UsageError
from realign_local.base.stop import orderly_stop
from realign_local.cli.options import OUTPUT
from realign_local.cli.own_output import replacing_own
from realign_local.cli.terminal.output import echo, echo_json
from realign_local.cli.terminal.progress_lines import ProgressLines

JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
ARCHIVE = click.argument("archive", metavar="ARCHIVE", type=click.Path(path_type=Path))


@click.group()
def command() -> None:
    """Carry program, model, encoder, index and criteria to a machine without a network.

    Example: realign bundle create -o realign.tar -m model.gguf --index indexes/wiki
    """


@command.command("create")
@click.option(
    "-o", "--output", "archive", metavar="FILE.tar", required=True,
    type=OUTPUT, help="The archive.",
)  # fmt: skip
@click.option(
    "-m", "--model", metavar="MODEL", envvar="REALIGN_MODEL",
    help="GGUF file or a name under models/.  [default: the demo model]",
)  # fmt: skip
@click.option(
    "--encoder", metavar="DIR", envvar="REALIGN_ENCODER",
    help="Sentence encoder.  [default: the demo encoder]",
)  # fmt: skip
@click.option(
    "--index", metavar="DIR", envvar="REALIGN_INDEX", type=click.Path(path_type=Path),
    help="Evidence index.  [default: none]",
)  # fmt: skip
@click.option(
    "--criteria", metavar="DIR", envvar="REALIGN_CRITERIA", type=click.Path(path_type=Path),
    help="Folder of criteria.  [default: the 46 built in]",
)  # fmt: skip
@click.option(
    "--wheels", metavar="DIR", type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Take the wheels in DIR instead of what is installed.  [default: none]",
)  # fmt: skip
@JSON
def create(archive: Path, as_json: bool, **parts: str | Path | None) -> None:
    """Write everything that a run needs into one archive.

    It holds the sha256 of each file. Wheels are made of what is installed here, llama.cpp as it was
    compiled included, so no network and no package cache is needed. The other machine must have the
    same system, the same version of Python and a CPU that knows the instructions of this one;
    `unpack` checks all three.

    Example: realign bundle create -o realign.tar -m model.gguf --index indexes/wiki
    """
    from realign_local.commands.bundle.create import Order, create
    from realign_local.run.files.rundir import refuse_inside_run

    refuse_inside_run(archive)
    with orderly_stop(), replacing_own(archive), ProgressLines() as progress:
        made = create(Order(archive, **parts), report=progress)  # type: ignore[arg-type]
    if as_json:
        shown = {"archive": str(archive), "bytes": made.bytes, "sha256": made.sha256}
        echo_json({**shown, "parts": made.parts})
        return
    for name, size in sorted(made.parts.items(), key=lambda part: -part[1]):
        echo(f"{name:<10}{size / 1e6:>10,.1f} MB")
    echo(f"{'total':<10}{made.bytes / 1e6:>10,.1f} MB")
    echo(f"{archive}: sha256 {made.sha256}")
    echo(f"there: tar xf {archive.name} && python3 realign-bundle/unpack.py")


@command.command("verify")
@ARCHIVE
@JSON
def verify(archive: Path, as_json: bool) -> None:
    """Compare every file with its sha256.

    ARCHIVE may also be the folder of an unpacked bundle. Exits with 4 and names the file if one is
    missing, changed or does not belong there.

    Example: realign bundle verify realign.tar
    """
    from realign_local.commands.bundle import unpack

    with _mapped():
        look = unpack.check_folder if archive.is_dir() else unpack.check_archive
        manifest = look(archive)
    size = sum(entry["bytes"] for entry in manifest["files"].values())
    if as_json:
        shown = {"ok": True, "files": len(manifest["files"]), "bytes": size}
        echo_json({**shown, "machine": manifest["machine"]})
        return
    machine = manifest["machine"]
    echo(f"{len(manifest['files'])} files, {size / 1e6:,.1f} MB: all as they were packed")
    echo(f"for {machine['python']} on {machine['platform']}")


@command.command("unpack")
@ARCHIVE
@click.argument("folder", metavar="[DIR]", required=False, type=OUTPUT)
def unpack_archive(archive: Path, folder: Path | None) -> None:
    """Verify an archive, unpack it and install it, offline.

    It goes into DIR, which is ./realign-bundle unless you name one. Nothing is written under DIR
    before every checksum is right. A machine that has no realign yet does the same with the file
    unpack.py of the archive.

    Example: realign bundle unpack realign.tar realign-bundle
    """
    from realign_local.commands.bundle import unpack

    with orderly_stop(), _mapped():
        echo(unpack.unpack(archive, folder or Path(unpack.TOP)))


@contextlib.contextmanager
def _mapped() -> Iterator[None]:
    """What unpack.py raises, as errors of this program."""
    from realign_local.commands.bundle import unpack

    try:
        yield
    except unpack.Damaged as error:
        raise AssetError(str(error), hint="Copy or make the bundle again.") from error
    except unpack.UnfitBundle as error:
        raise AssetError(str(error), hint=error.hint) from error
    except unpack.Refused as error:
        raise UsageError(str(error), hint="Name a new folder.") from error
    except OSError as error:
        raise DiskError.about("use", error.filename, error) from error
