"""Whether a model's chat template can be used, tried out once for a template and this program."""

from __future__ import annotations

from importlib.metadata import version

from realign_local.base.assets import code_sha256
from realign_local.base.cache import recall, remember
from realign_local.base.errors import EngineError
from realign_local.base.records import content_key
from realign_local.engine.chat import ChatTemplate

KIND = "template"


def fault_of_template(source: str) -> str:
    """Why prompts will not have the template's form; "" where they will, which is remembered."""
    key = [content_key(source), code_sha256("engine"), version("jinja2")]
    if recall(KIND, key) is True:
        return ""
    try:
        ChatTemplate(source).check()
    except EngineError as error:
        return f"{error}; prompts take the plain ChatML form instead"
    remember(KIND, key, True)
    return ""
