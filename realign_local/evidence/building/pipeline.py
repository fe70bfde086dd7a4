"""Sources to an index in resumable steps: read, assemble, encode, index, and last the manifest."""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
import sqlite3
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from realign_local import __version__
from realign_local.base.assets import sha256_of
from realign_local.base.errors import AssetError, DataError, DiskError, UsageError
from realign_local.base.lock import held
from realign_local.base.words.plural import byte_size
from realign_local.evidence import dense, filenames, lexical, manifest, store
from realign_local.evidence.building.assemble import assemble
from realign_local.evidence.building.built import FOLDER, LOCK, BuildLedger
from realign_local.evidence.building.dump import open_source
from realign_local.evidence.building.parts import Context
from realign_local.evidence.building.reader import read_sources
from realign_local.evidence.building.workshop import OnThisMachine, PartEncoding, PartTask, Workshop
from realign_local.evidence.encoders.encoder import Encoder, Precision, encoder_sha256
from realign_local.evidence.encoders.tokens import max_tokens_of
from realign_local.evidence.manifest import Manifest, SourceEntry
from realign_local.evidence.native_errors import sqlite_as_os_error

Report = Callable[[str, int, int], None]
PROBE_ROWS = 48  # passages on which precisions are measured, and int8 is calibrated
LEAST_ROWS_TO_MEASURE = 1000
TEXT_PER_BYTE = {".bz2": 2.6, ".gz": 1.8, ".zst": 2.2, ".xml": 0.5, ".jsonl": 1.0, ".parquet": 2.0}
PASSAGE_CHARACTERS = 600
DISK_PER_CHARACTER = 2.3  # unit files, passages.sqlite and the lexical index, measured


def quiet(_phase: str, _done: int, _total: int) -> None:
    """No report."""


@dataclass(frozen=True, slots=True)
class BuildPlan:
    """What to build; equal plans give byte-identical passages and vectors."""

    sources: tuple[Path, ...]
    folder: Path
    encoder: Path
    limit_pages: int | None = None
    jobs: int | None = None
    threads: int | None = None
    language: str | None = None
    fields: tuple[tuple[str, str], ...] = ()

    @property
    def key(self) -> str:
        """Hash of all that decides the result: contents of the sources by size and two samples."""
        parts = [__version__, manifest.VERSION, encoder_sha256(self.encoder), self.limit_pages]
        parts += [self.language, self.fields]
        parts += [[path.name, *_fingerprint(path)] for path in self.sources]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _fingerprint(path: Path) -> tuple[int, str]:
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(1 << 20)
        file.seek(max(0, size - (1 << 20)))
        return size, hashlib.sha256(head + file.read()).hexdigest()


def build_index(
    plan: BuildPlan, *, report: Report = quiet, workshop: Workshop | None = None
) -> Manifest:
    """Build, or go on building, the index of this plan; a finished one is left as it is.

    The reading, the ledger and all files are this process's; units and vectors come from the
    workshop, by default on this machine.

    Raises DataError for a source that is none, UsageError where the folder holds something else,
    DiskError before the start when the space will not do.
    """
    for path in plan.sources:
        open_source(path, fields=dict(plan.fields))  # so that a wrong file leaves nothing behind
    _check_target(plan)
    if not {manifest.NAME, FOLDER} & {path.name for path in plan.folder.glob("*")}:
        Encoder(plan.encoder, threads=plan.threads)  # a damaged one is told of before hours of work
    try:
        with _locked(plan.folder), sqlite_as_os_error(plan.folder):
            if (plan.folder / manifest.NAME).is_file():
                shutil.rmtree(plan.folder / FOLDER, ignore_errors=True)
                return manifest.read_manifest(plan.folder)
            with contextlib.closing(_open_ledger(plan)) as ledger:
                return _Build(plan, ledger, report, workshop or OnThisMachine()).run()
    except DataError:
        _remove_if_unused(plan.folder)
        raise
    except sqlite3.DatabaseError as error:
        raise AssetError(
            f"{plan.folder / FOLDER} is damaged: {error}",
            hint="Remove that folder: the same command then begins anew.",
        ) from error
    except OSError as error:
        raise DiskError.about("write the index to", plan.folder, error) from error


def _remove_if_unused(folder: Path) -> None:
    """A source without text leaves no folder behind, unless the folder held something else."""
    if {path.name for path in folder.iterdir()} <= {LOCK}:
        shutil.rmtree(folder)


def _locked(folder: Path) -> AbstractContextManager[None]:
    """Hold a folder, made where it is not there; raises UsageError and DiskError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DiskError.about("write", folder, error) from error
    return held(folder / LOCK, busy=f"another build is at work in {folder}", hint="Wait for it.")


def _check_target(plan: BuildPlan) -> None:
    manifest.check_name(plan.folder)
    if plan.folder.exists() and not plan.folder.is_dir():
        raise UsageError(f"{plan.folder} is a file; -o must name a folder")
    if not (plan.folder / manifest.NAME).is_file():
        _check_ours(plan.folder)
        return
    if manifest.read_manifest(plan.folder).key != plan.key:
        raise UsageError(
            f"{plan.folder} already holds an index of other sources or settings",
            hint="Choose another folder with -o, or delete that one.",
        )


def _check_ours(folder: Path) -> None:
    """Raise UsageError for files of somebody else, among which a build has not begun."""
    held = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    if held and not {FOLDER, LOCK} & set(held):
        raise UsageError(
            f"{folder} is no index, and holds {held[0]}", hint="Give a new folder: -o DIR."
        )


def _open_ledger(plan: BuildPlan) -> BuildLedger:
    """The ledger of an unfinished build of the same plan, else a new one."""
    folder = plan.folder / FOLDER
    ledger = BuildLedger(folder)
    if ledger.note("key") not in (None, plan.key):
        ledger.close()
        shutil.rmtree(folder)
        ledger = BuildLedger(folder)
    return ledger


class _Build:
    """One run of `build_index`; each step looks into the ledger for what is done already."""

    def __init__(
        self, plan: BuildPlan, ledger: BuildLedger, report: Report, workshop: Workshop
    ) -> None:
        self.plan, self.ledger, self.report = plan, ledger, report
        self.workshop, self.encoded = workshop, 0
        self.work = plan.folder / FOLDER
        self.started = time.time()

    def run(self) -> Manifest:
        """All steps in order."""
        if self.ledger.note("key") is None:
            _check_disk(self.plan)
            self.ledger.set_note("key", self.plan.key)
        sources = self._read()
        totals = self._assemble(sources)
        dim, dtype = self._encode(totals["passages"])
        built = self._index(totals["passages"], dim)
        return self._finish(sources, totals, dim, dtype, built)

    def _read(self) -> list[dict[str, Any]]:
        context = Context(self.plan.encoder, max_tokens_of(self.plan.encoder))
        return read_sources(
            self.plan.sources,
            self.ledger,
            context,
            limit_pages=self.plan.limit_pages,
            jobs=self.plan.jobs,
            report=self.report,
            language=self.plan.language,
            fields=dict(self.plan.fields),
            workshop=self.workshop,
        )

    def _assemble(self, sources: list[dict[str, Any]]) -> dict[str, Any]:
        target = self.plan.folder / store.NAME
        totals = self.ledger.note("assembled")
        if totals is None or not self.ledger.is_whole(target):
            totals = assemble(self.work, target, self.ledger, self.report)
            if not totals["passages"]:
                shutil.rmtree(self.work)
                target.unlink()
                names = ", ".join(str(path) for path in self.plan.sources)
                why = next((f": {s['damage']}" for s in sources if s["damage"]), "")
                raise DataError(f"{names}: no article text found in it{why}")
            self.ledger.vouch_for(target)
            self.ledger.set_note("assembled", totals)
        return dict(totals)

    def _encode(self, rows: int) -> tuple[int, str]:
        """Write the parts of the vectors that are missing; returns their length and precision."""
        self.report("encode", 0, rows)  # loading the encoder takes some seconds
        encoder = Encoder(self.plan.encoder, threads=self.plan.threads)
        passages = store.Store(self.plan.folder / store.NAME)
        encoding = self._encoding(encoder, passages, rows)
        missing = {
            number: range(start, min(start + dense.ROWS_PER_PART, rows))
            for number, start in enumerate(range(0, rows, dense.ROWS_PER_PART))
            if not self.ledger.is_whole(self.plan.folder / dense.part_name(number))
        }
        tasks = (
            PartTask(n, [row.encoded_text for row in passages.scan(span.start, span.stop)])
            for n, span in missing.items()
        )
        self.encoded = rows - sum(map(len, missing.values()))
        heard = partial(self._tell_encoded, rows)
        if missing:
            with self.workshop.vectors(encoding, heard) as make:
                for task, vectors in make(tasks):
                    dense.write_part(self.plan.folder, task.number, vectors)
                    self.ledger.vouch_for(self.plan.folder / dense.part_name(task.number))
                    self.encoded += len(task.texts)
                    heard(0)
        passages.close()
        return encoder.dim, encoding.precision

    def _tell_encoded(self, rows: int, more: int) -> None:
        """Of a part that is not finished, so many passages more are done."""
        self.report("encode", self.encoded + more, rows)

    def _encoding(self, encoder: Encoder, passages: store.Store, rows: int) -> PartEncoding:
        """Measured once a build and kept, so that a resumed build gives the same vectors."""
        precision: Precision | None = self.ledger.note("dtype")
        step = max(1, rows // PROBE_ROWS)
        probe = passages.get(range(0, rows, step)[:PROBE_ROWS])
        texts = [row.encoded_text for _, row in sorted(probe.items())]
        if precision is None:
            enough = rows >= LEAST_ROWS_TO_MEASURE
            precision = encoder.fastest(texts) if enough else "float32"
            self.ledger.set_note("dtype", precision)
        elif precision == "int8":
            encoder.calibrate(texts)
        return PartEncoding(encoder, precision, texts)

    def _index(self, rows: int, dim: int) -> dense.Built:
        self.report("index", 0, 2)
        threads = self.plan.threads or 2
        built = dense.build(self.plan.folder, rows=rows, dim=dim, threads=threads)
        self.report("index", 1, 2)
        passages = store.Store(self.plan.folder / store.NAME)
        lexical.build(self.plan.folder, passages.scan(), language=self._language())
        passages.close()
        self.report("index", 2, 2)
        return built

    def _language(self) -> str:
        return str(self.ledger.note("language") or "en")

    def _finish(
        self,
        sources: list[dict[str, Any]],
        totals: dict[str, Any],
        dim: int,
        dtype: str,
        built: dense.Built,
    ) -> Manifest:
        counts: Counter[str] = Counter(totals["counts"])
        for found in sources:
            counts.update(found["counts"])
        names = _names_of_files(self.plan.folder, totals["passages"])
        made = Manifest(
            key=self.plan.key,
            created=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            program=__version__,
            language=self._language(),
            source=[_source_entry(p, f) for p, f in zip(self.plan.sources, sources, strict=True)],
            pages=totals["pages"],
            passages=totals["passages"],
            counts=dict(sorted(counts.items())),
            templates_dropped=totals["dropped"],
            encoder=self.plan.encoder.name,
            encoder_sha256=encoder_sha256(self.plan.encoder),
            encoder_dtype=dtype,
            dim=dim,
            factory=built.factory,
            nprobe=built.nprobe,
            files=manifest.describe_files(self.plan.folder, names),
            **{"recall@10": built.recall},  # type: ignore[arg-type]
        )
        manifest.write_atomically(self.plan.folder / manifest.NAME, made.to_json().encode())
        self.ledger.close()
        shutil.rmtree(self.work, ignore_errors=True)
        return made


def _names_of_files(folder: Path, rows: int) -> list[str]:
    return sorted(set(filenames.files_read(folder, rows)))


def _source_entry(path: Path, found: dict[str, Any]) -> SourceEntry:
    size = path.stat().st_size
    return SourceEntry(
        name=path.name,
        bytes=size,
        sha256=sha256_of(path),
        kind=found["kind"],
        damage=found["damage"],
    )


def disk_need_bytes(plan: BuildPlan, *, dim: int = 768) -> int:
    """About how many bytes the build takes, from the sizes and kinds of the sources."""
    text = sum(p.stat().st_size * TEXT_PER_BYTE.get(p.suffix, 1.0) for p in plan.sources)
    if plan.limit_pages is not None:
        text = min(text, plan.limit_pages * 20_000)
    rows = text / PASSAGE_CHARACTERS
    flat = rows <= dense.FLAT_UP_TO
    return int(text * DISK_PER_CHARACTER + rows * dim * (6 if flat else 3))


def _check_disk(plan: BuildPlan) -> None:
    need, free = disk_need_bytes(plan), shutil.disk_usage(plan.folder).free
    if need > free:
        raise DiskError(
            f"{plan.folder}: the index needs about {byte_size(need)}, {byte_size(free)} are free"
        )
