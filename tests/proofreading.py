"""A proofreader whose words and weights a test decides."""

from __future__ import annotations

from collections.abc import Callable

from realign_local.base.records import Sample
from realign_local.engine.request import Completion, Finish, Given
from realign_local.rewriting.draft import FollowUp
from realign_local.rewriting.proofread import LEAST_GAIN, proofread

BEFORE = "The old harbour lies at the edge of the town, and many visitors like it for the quiet. "


AFTER = " In the summer it is open from six in the morning, and the view of the bay is worth it."


REQUEST = "Tell me about the place."


STANDS = -90.0
"""How probable the text is as it stands: the logarithm."""


Gain = Callable[[str], float]
"""(the text with one edit) -> by how much more probable it is than without."""


def gains(_text: str) -> float:
    return LEAST_GAIN + 1


def done_with(text: str = "", log_probability: float = 0.0) -> Completion:
    return Completion("", (text,), Finish.STOP, log_probability=log_probability)


def weighed(original: str, copy: str, *, request: str = REQUEST) -> FollowUp | None:
    """What the model is asked after it has returned this copy of a text."""
    draft = proofread(Sample(0, 0, "a", request, original), original)
    assert draft is not None
    more = draft.finish([done_with(copy)])
    assert more is None or isinstance(more, FollowUp)
    return more


def texts_of(more: FollowUp) -> list[str]:
    """The texts whose probability is asked for: as it stands, then with each edit."""
    given = [part for ask in more.asks for part in ask.answer if isinstance(part, Given)]
    assert len(given) == len(more.asks)
    return [part.text for part in given]


def proofread_by(
    original: str, copy: str, *, gain: Gain = gains, request: str = REQUEST
) -> str | None:
    """What becomes of the text where each edit makes it more probable by its gain."""
    more = weighed(original, copy, request=request)
    if more is None:
        return None
    stands, *others = texts_of(more)
    assert stands == original
    return more.finish(
        [done_with("", STANDS), *(done_with("", STANDS + gain(text)) for text in others)]
    )


def amid(original: str, copy: str, *, gain: Gain = gains, request: str = REQUEST) -> str:
    """The same for a sentence in a longer text; the original where nothing is taken over."""
    text = BEFORE + original + AFTER
    new = proofread_by(text, f"\n{BEFORE}{copy}{AFTER}\n", gain=gain, request=request)
    return original if new is None else new.removeprefix(BEFORE).removesuffix(AFTER)
