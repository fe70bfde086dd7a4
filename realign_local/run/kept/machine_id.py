"""All that the last digit of a result may hang on, beside what it is the result of, as a hash."""

from __future__ import annotations

from realign_local.base.assets import code_sha256
from realign_local.base.config import Settings
from realign_local.base.gpu.cards import nvidia_cards
from realign_local.base.records import content_key
from realign_local.engine.process.probe import build_key
from realign_local.run.versions import versions


def machine_id(settings: Settings, *, threads: int) -> str:
    """Code, libraries, build of llama.cpp, processor, cards, and what the settings say of them.

    What runs side by side is no part of it: rows come as they come.
    """
    cards = () if settings.gpu_layers == 0 else nvidia_cards()
    return content_key(
        code_sha256(""),
        versions(),
        build_key(),
        [(card.name, card.driver) for card in cards],
        [threads, settings.gpu_layers, settings.kv_type, settings.card_shares],
    )
