"""Fixtures that several test files share."""

from __future__ import annotations

import pytest
from hypothesis import settings

from realign_local.base.assets import find_encoder, find_model
from realign_local.base.errors import AssetError

settings.register_profile("laws", deadline=None)
settings.load_profile("laws")
"""No law depends on how busy the machine is."""


@pytest.fixture(scope="session")
def demo_assets() -> None:
    """Skip where the demo's model and encoder are not installed."""
    try:
        find_model(None)
        find_encoder(None)
    except AssetError as error:
        pytest.skip(str(error))
