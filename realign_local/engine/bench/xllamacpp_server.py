"""llama.cpp's server out of the wheel `xllamacpp`: the only file that touches that package.

    python -m realign_local.engine.bench.xllamacpp_server -m MODEL --port 8080 -c 4096 ...

It takes those options of llama-server that the benchmark gives, and serves the same addresses.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Sequence
from typing import Any

GUESSES = "COMMON_SPECULATIVE_TYPE_"
LOOK_S = 1.0


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve for as long as whoever started this process is there."""
    parent = os.getppid()
    server = _serve(_parser().parse_args(arguments))
    while server and os.getppid() == parent:
        time.sleep(LOOK_S)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(allow_abbrev=False)
    for option in ("-m", "--host", "--spec-type"):
        parser.add_argument(option, required=True)
    for option in ("--port", "-c", "-t", "-tb", "-ngl", "-np", "-cram"):
        parser.add_argument(option, type=int, required=True)
    parser.add_argument("-kvu", action="store_true")
    return parser


def _serve(given: argparse.Namespace) -> Any:
    """A server that answers from now on until it is dropped."""
    import xllamacpp

    kind = GUESSES + given.spec_type.replace("-", "_").upper()
    params = xllamacpp.CommonParams()
    params.model.path = given.m
    params.hostnames = [given.host]
    params.port = given.port
    params.n_ctx = given.c
    params.cpuparams.n_threads = given.t
    params.cpuparams_batch.n_threads = given.tb
    params.n_gpu_layers = given.ngl
    params.n_parallel = given.np
    params.kv_unified = given.kvu
    params.cache_ram_mib = given.cram
    params.speculative.types = [getattr(xllamacpp.common_speculative_type, kind)]
    return xllamacpp.Server(params)


if __name__ == "__main__":
    main()
