"""Formulas as trees: written in ASCII, in Unicode and in LaTeX, and with one thing changed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random

from tests.spelt.spelt import Spelt, framed, some

LETTERS = "abcghkmnprtvxyz"
GREEK = {"π": r"\pi", "θ": r"\theta", "λ": r"\lambda"}
RELATIONS = {"=": "=", "≤": r"\le", "≥": r"\geq", "≈": r"\approx", "≠": r"\neq", "<": "<"}
PLAIN_RELATIONS = {"≤": "<=", "≥": ">=", "≠": "!="}
RAISED = str.maketrans("0123456789-n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻ⁿ")
LOWERED = str.maketrans("0123456789n", "₀₁₂₃₄₅₆₇₈₉ₙ")
PREFIX = {"+": 1, "-": 1, "*": 2, "/": 2, "^": 4, "√": 3, "_": 5}
HALVES = {("1", "2"): "½", ("1", "4"): "¼", ("3", "4"): "¾", ("1", "3"): "⅓"}


@dataclass(frozen=True, slots=True)
class Node:
    """A leaf has its sign alone; else an operator with what it joins."""

    sign: str
    parts: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Style:
    """How a formula is written: in `ascii`, `unicode` or `latex`, and the ways open in each."""

    way: str
    times: str
    space: str
    implied: bool
    brackets: bool
    tall: bool


STYLES = {
    "ascii": ("*", " * ", " x "),
    "unicode": ("·", " · ", " × ", "×"),
    "latex": (r" \cdot ", r" \times ", r"\cdot "),
}


def styles(rng: Random) -> Iterator[Style]:
    """Each way, with the rest drawn."""
    for way, times in STYLES.items():
        for _ in range(2):
            yield Style(
                way,
                rng.choice(times),
                rng.choice((" ", " ", "")),
                rng.random() < 0.7,
                rng.random() < 0.3,
                rng.random() < 0.7,
            )


def leaf(rng: Random) -> Node:
    if rng.random() < 0.45:
        return Node(
            rng.choice((str(rng.randint(2, 60)), f"{rng.randint(1, 20)}.{rng.randint(1, 9)}"))
        )
    return Node(rng.choice((*LETTERS, *GREEK)))


def tree(rng: Random, depth: int) -> Node:
    if depth == 0:
        return leaf(rng)
    operator = rng.choice("++-**//^√_")
    if operator == "^":
        base = leaf(rng) if rng.random() < 0.7 else tree(rng, 1)
        return Node("^", (base, Node(rng.choice(("2", "3", "n", "-1", "10")))))
    if operator == "_":
        return Node("_", (Node(rng.choice(LETTERS)), Node(rng.choice("012n"))))
    if operator == "√":
        return Node("√", (tree(rng, depth - 1),))
    if operator == "/" and rng.random() < 0.3:
        above, below = rng.choice((*HALVES,))
        return Node("*", (Node("/", (Node(above), Node(below))), Node(rng.choice(LETTERS))))
    return Node(operator, (tree(rng, depth - 1), tree(rng, rng.randint(0, depth - 1))))


def written(node: Node, style: Style) -> str:
    if not node.parts:
        return (
            GREEK.get(node.sign, node.sign) + (" " if node.sign in GREEK else "")
            if style.way == "latex"
            else node.sign
        )
    match node.sign:
        case "+" | "-":
            left, right = node.parts
            inner = written(right, style)
            if right.sign == "-" or (right.sign == "+" and node.sign == "-") or inner[:1] == "-":
                inner = bracketed(inner, style)
            return f"{written(left, style)}{style.space}{node.sign}{style.space}{inner}"
        case "*":
            return product(node, style)
        case "/":
            return quotient(node, style)
        case "^":
            return power(node, style)
        case "_":
            return lowered(node, style)
    inner = written(node.parts[0], style)
    if style.way == "latex":
        return rf"\sqrt{{{inner}}}"
    if style.way == "unicode" and not node.parts[0].parts and len(inner) == 1:
        return f"√{inner}"
    return f"√({inner})" if style.way == "unicode" else f"sqrt({inner})"


def bracketed(inner: str, style: Style) -> str:
    if style.way == "latex" and style.tall:
        return rf"\left({inner}\right)"
    return f"({inner})"


def factor(node: Node, style: Style, above: int = 2) -> str:
    inner = written(node, style)
    weak = bool(node.parts) and PREFIX[node.sign] < above
    return bracketed(inner, style) if weak or inner[:1] == "-" else inner


def product(node: Node, style: Style) -> str:
    left, right = node.parts
    one, other = factor(left, style), factor(right, style)
    if right.sign == "/" and style.way != "latex":
        other = bracketed(other, style)
    glue = (
        other[0].isalpha()
        or other[0] in "(√"
        or other.startswith(("\\left", "\\pi", "\\sqrt", "\\theta", "\\lambda"))
    )
    number = (one[-1].isdigit() and not other[0].isdigit()) or one[-1] in "½¼¾⅓"
    if style.implied and glue and number and not other.startswith("sqrt"):
        return one + (" " if left.sign == "/" and one[-1] not in "½¼¾⅓" else "") + other
    if style.times == " x " and not (one[-1].isdigit() and other[0].isdigit()):
        return f"{one}*{other}"
    return one + style.times + other


def quotient(node: Node, style: Style) -> str:
    above, below = node.parts
    if style.way == "latex":
        one, other = written(above, style).strip(), written(below, style).strip()
        if style.tall and len(one) == len(other) == 1 and (one + other).isdigit():
            return rf"\frac{one}{other}"
        return rf"\frac{{{one}}}{{{other}}}"
    if style.way == "unicode" and style.implied and (sign := HALVES.get((above.sign, below.sign))):
        return sign
    stroke = "/" if style.space == "" or style.tall else " / "
    return factor(above, style) + stroke + factor(below, style, 3)


def power(node: Node, style: Style) -> str:
    base, exponent = node.parts
    below = factor(base, style, 5)
    if base.sign == "_" and style.way == "unicode":
        below = written(base, style)
    if style.way == "latex":
        return (
            f"{below.strip()}^{{{exponent.sign}}}"
            if len(exponent.sign) > 1 or style.brackets
            else f"{below.strip()}^{exponent.sign}"
        )
    if style.way == "unicode":
        return below + exponent.sign.translate(RAISED)
    return f"{below}^({exponent.sign})" if exponent.sign[0] == "-" else f"{below}^{exponent.sign}"


def lowered(node: Node, style: Style) -> str:
    name, index = node.parts
    if style.way == "unicode":
        return name.sign + index.sign.translate(LOWERED)
    return (
        f"{name.sign}_{{{index.sign}}}"
        if style.way == "latex" and style.brackets
        else f"{name.sign}_{index.sign}"
    )


def relation(sign: str, style: Style) -> str:
    if style.way == "latex":
        return f" {RELATIONS[sign]} "
    return f" {PLAIN_RELATIONS.get(sign, sign) if style.way == 'ascii' else sign} "


@dataclass(frozen=True, slots=True)
class Chain:
    """Sides with the relations between them."""

    sides: tuple[Node, ...]
    signs: tuple[str, ...]

    def in_style(self, style: Style, rng: Random) -> list[str]:
        """The chain in its delimiters, on one line and, if it is long, on several."""
        sides = [written(side, style).strip() for side in self.sides]
        signs = [relation(sign, style) for sign in self.signs]
        line = sides[0] + "".join(a + b for a, b in zip(signs, sides[1:], strict=True))
        if style.way != "latex":
            return [line, f"**{line}**"] if "*" not in line else [line]
        found = [f"${line}$", rf"\({line}\)", f"\n\n$$\n{line}\n$$\n\n", f"\n\n\\[{line}\\]\n\n"]
        if len(sides) > 2:
            rows = r" \\ ".join(f"&{a.strip()} {b}" for a, b in zip(signs, sides[1:], strict=True))
            found.append(aligned(f"{sides[0]} {rows}"))
        return found


def aligned(rows: str) -> str:
    return f"\n\n$$\\begin{{aligned}}\n{rows}\n\\end{{aligned}}$$\n\n"


def chain(rng: Random) -> Chain:
    first = Node(rng.choice(("A", "E", "F", "y", "S", "V", "d")))
    sides = [first, *(tree(rng, rng.choice((1, 2, 2))) for _ in range(rng.choice((1, 1, 2))))]
    signs = [rng.choice("=====≤≥≈<") if at == 0 else "=" for at in range(len(sides) - 1)]
    return Chain(tuple(sides), tuple(signs))


def places(node: Node, path: tuple[int, ...] = ()) -> Iterator[tuple[int, ...]]:
    yield path
    for at, part in enumerate(node.parts):
        yield from places(part, (*path, at))


def at_path(node: Node, path: tuple[int, ...]) -> Node:
    return at_path(node.parts[path[0]], path[1:]) if path else node


def with_part(node: Node, path: tuple[int, ...], part: Node) -> Node:
    if not path:
        return part
    parts = list(node.parts)
    parts[path[0]] = with_part(parts[path[0]], path[1:], part)
    return replace(node, parts=tuple(parts))


def changed(node: Node, rng: Random) -> Node:
    """The tree with one thing changed that makes another value of it."""
    path = rng.choice(list(places(node)))
    here = at_path(node, path)
    if here.sign == "-1":
        other = Node("2")
    elif not here.parts and here.sign[0].isdigit():
        other = Node(rng.choice((str(int(float(here.sign)) + rng.randint(1, 9)), "1" + here.sign)))
    elif not here.parts:
        other = Node(
            "2" if here.sign == "n" else rng.choice([s for s in LETTERS if s != here.sign])
        )
    elif here.sign in "+-":
        one, two = here.parts
        other = rng.choice((Node("-" if here.sign == "+" else "+", here.parts), one))
        if here.sign == "-" and one != two:
            other = rng.choice((other, Node("-", (two, one))))
    elif here.sign in "*/" and here.parts[0].sign in "+-" and rng.random() < 0.5:
        (first, second), last = here.parts[0].parts, here.parts[1]
        other = Node(here.parts[0].sign, (first, Node(here.sign, (second, last))))
    elif here.sign in "*/":
        one, two = here.parts
        other = rng.choice(
            (Node("+", here.parts), one, Node("/" if here.sign == "*" else "*", here.parts))
        )
        if here.sign == "/" and one != two:
            other = rng.choice((other, Node("/", (two, one))))
    elif here.sign == "^":
        other = rng.choice((here.parts[0], Node("^", (here.parts[0], Node("4")))))
    else:
        other = here.parts[0]
    return with_part(node, path, other)


def mutated(whole: Chain, rng: Random) -> Chain:
    at = rng.randrange(1, len(whole.sides))
    if whole.signs[0] in "≤≥<" and rng.random() < 0.2:
        turned = {"≤": "≥", "≥": "≤", "<": "≤"}[whole.signs[0]]
        return replace(whole, signs=(turned, *whole.signs[1:]))
    sides = list(whole.sides)
    sides[at] = changed(sides[at], rng)
    return replace(whole, sides=tuple(sides))


FRAMES = framed(
    "So for the whole path we get {} in the end.",
    "The rule of the second case is {}.",
    "We now use the rule:\n\n{}\n\nThat is all we need.",
)


def formula(rng: Random) -> Spelt:
    """An equation or inequality between trees."""
    whole = chain(rng)
    same = [s for style in styles(rng) for s in whole.in_style(style, rng)]
    others: list[str] = []
    for _ in range(6):
        other = mutated(whole, rng)
        style = rng.choice(list(styles(rng)))
        others.append(rng.choice(other.in_style(style, rng)))
    return Spelt("formula", some(rng, same, 7), some(rng, others, 5), FRAMES)


MOLECULES = (
    "C3H8", "O2", "CO2", "H2O", "CH4", "NH3", "N2", "H2", "Fe2O3", "HCl", "NaOH", "NaCl",
    "C6H12O6", "H2SO4", "CaCO3", "CaO",
)  # fmt: skip


def equations(rng: Random) -> Spelt:
    """Two equations, one behind the other or below it."""
    one, two = (Chain((Node(name), tree(rng, 1)), ("=",)) for name in rng.sample("FSVyA", 2))

    def wrote(one: Chain, two: Chain, style: Style) -> list[str]:
        lines = [chain.in_style(style, rng)[0] for chain in (one, two)]
        if style.way != "latex":
            return [", ".join(lines)]
        inner = [line.strip("$").replace(" = ", " &= ") for line in lines]
        return [", ".join(lines), aligned(r" \\ ".join(inner))]

    same = [s for style in styles(rng) for s in wrote(one, two, style)]
    others = [
        rng.choice(wrote(*wrong, style))
        for style in styles(rng)
        for wrong in ((mutated(one, rng), two), (one, mutated(two, rng)))
    ]
    return Spelt("equations", some(rng, same, 6), some(rng, others, 4), FRAMES)


def molecule(count: int, name: str, how: str) -> str:
    """Some molecules in one way: `low` is Unicode, `tex` and `rm` are LaTeX."""
    number = "" if count == 1 else str(count)
    if how == "low":
        return number + name.translate(LOWERED)
    if how in ("tex", "rm"):
        inner = re.sub(r"\d+", lambda m: f"_{m[0]}" if len(m[0]) == 1 else f"_{{{m[0]}}}", name)
        wrapped = "mathrm" if how == "rm" else "text" if name.isalpha() else ""
        return number + (rf"\{wrapped}{{{inner}}}" if wrapped else inner)
    return (number + " " if how == "blank" and number else number) + name


def reaction(counts: Sequence[int], names: Sequence[str], how: str) -> str:
    """What reacts, an arrow, and what comes of it."""
    one, two, three, four = (molecule(c, n, how) for c, n in zip(counts, names, strict=True))
    arrow = {"low": "→", "tex": r"\rightarrow", "rm": r"\to"}.get(how, "->")
    line = f"{one} + {two} {arrow} {three} + {four}"
    return {"tex": f"${line}$", "rm": f"$${line}$$", "ce": rf"$\ce{{{line}}}$"}.get(how, line)


def chemistry(rng: Random) -> Spelt:
    """A reaction."""
    names = rng.sample(MOLECULES, 4)
    counts = [rng.choice((1, 2, 3, 5)) for _ in names]
    ways = ("ascii", "low", "tex", "rm", "ce", "blank")
    at = rng.randrange(4)
    more = [c + (at == n) for n, c in enumerate(counts)]
    swapped = [names[2], names[1], names[0], names[3]]
    digit = [n.replace("2", "3").replace("4", "5") if at == k else n for k, n in enumerate(names)]
    wrong = [(more, names), (counts, swapped)] + [(counts, digit)] * (digit != names)
    others = [reaction(*w, rng.choice(ways)) for w in wrong]
    same = [reaction(counts, names, how) for how in ways]
    return Spelt("chemistry", some(rng, same, 6), tuple(others), FRAMES[1:])
