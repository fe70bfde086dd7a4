"""Fixtures that several test files share."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from realign_local.base.assets import find_encoder, find_model
from realign_local.base.errors import AssetError
from realign_local.data.formats import Dataset, open_dataset

os.environ.setdefault("OMP_WAIT_POLICY", "passive")
"""Two processes of tests share the cores: threads that spin at their barriers would stand still."""

settings.register_profile("laws", deadline=None)
settings.load_profile("laws")
"""No law depends on how busy the machine is."""


def pytest_unconfigure() -> None:
    """llama_cpp opens the null device twice and leaves it open, which Python tells at its end."""
    opened = vars(sys.modules.get("llama_cpp._utils", object))
    for name in ("outnull_file", "errnull_file"):
        if name in opened:
            opened[name].close()


@pytest.fixture(scope="session")
def demo_assets() -> None:
    """Skip where the demo's model and encoder are not installed."""
    try:
        find_model(None)
        find_encoder(None)
    except AssetError as error:
        pytest.skip(str(error))


@pytest.fixture
def dataset(tmp_path: Path) -> Any:
    """Write rows as JSON lines and open them."""

    def make(*rows: Any, name: str = "d.jsonl", **options: Any) -> Dataset:
        path = tmp_path / name
        texts = [row if isinstance(row, str) else json.dumps(row) for row in rows]
        path.write_text("\n".join(texts), encoding="utf-8")
        return open_dataset(path, **options)

    return make
