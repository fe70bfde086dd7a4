"""What a server can do beyond a plain chat, as a few flags; found out by find_out.py."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Abilities:
    """`continues`: how it goes on with a last message of the assistant: unasked, by two flags, or
    not (""). `top`: of how many tokens it tells the probability at each place. `grammar`: the field
    that takes a GBNF grammar. `scores`: how it tells the probability of any text: as part of the
    prompt, token by token under a grammar of tokens, or not (""). `no_thoughts`: it takes the
    switch that keeps a model from thinking aloud.
    """

    continues: Literal["", "unasked", "flags"] = ""
    top: int = 0
    grammar: str = ""
    scores: Literal["", "prompt", "tokens"] = ""
    no_thoughts: bool = False

    @property
    def told(self) -> str:
        """In words, for a person."""
        found = {
            "continues an answer": bool(self.continues),
            "tells probabilities": self.top > 0,
            "scores texts": bool(self.scores),
            "takes grammars": bool(self.grammar),
        }
        able = [what for what, can in found.items() if can]
        unable = [what for what, can in found.items() if not can]
        words = ", ".join(able) or "chats, and no more"
        return f"{words}; not: {', '.join(unable)}" if able and unable else words

    def weaker(self, other: Abilities) -> Abilities:
        """What both can do; of two ways to do it, this one's."""
        return Abilities(
            continues=self.continues if other.continues else "",
            top=min(self.top, other.top),
            grammar=self.grammar if other.grammar else "",
            scores=self.scores if other.scores else "",
            no_thoughts=self.no_thoughts and other.no_thoughts,
        )

    def can_all(self, other: Abilities) -> bool:
        """Whether this is enough for what was planned with the other."""
        return (
            self.top >= other.top
            and bool(self.continues) >= bool(other.continues)
            and bool(self.grammar) >= bool(other.grammar)
            and bool(self.scores) >= bool(other.scores)
        )
