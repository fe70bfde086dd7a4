"""Code with comments in two dozen languages, what may become of it, and what may not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Commented:
    """Code with marks around what its comments say; `label` is its fence's word."""

    label: str
    marked: str
    remark: str
    """What a comment of one line looks like."""

    @property
    def code(self) -> str:
        return self.marked.replace("«", "").replace("»", "")


COMMENTED = (
    Commented("python", '''import heapq

# «keep only the nearest stations,»
# «because the map shows at most 5 of them»
def nearest(stations, here):
    """«Return the closest stations.»

    «Stations without a position are skipped.»
    """
    known = [s for s in stations if s.position]  # «unknown ones come from old files»
    ranked = heapq.nsmallest(5, known, key=lambda s: s.distance(here))
    return ranked''', "# {}"),
    Commented("javascript", '''/**
 * «Counts how often each tag is used.»
 * @param {string[]} tags «the tags of one page»
 */
function countTags(tags) {
  const counts = new Map();
  for (const tag of tags) {
    // «tags differ in case only by mistake»
    const name = tag.toLowerCase();
    counts.set(name, (counts.get(name) ?? 0) + 1); /* «starts at 1» */
  }
  return counts;
}''', "// {}"),
    Commented("typescript", '''// «a room is free when nobody holds it»
export function isFree(room: Room, hour: number): boolean {
  return !room.bookings.some((b) => b.from <= hour && hour < b.to); // «the last hour is open»
}''', "// {}"),
    Commented("java", '''/**
 * «Keeps the last readings of a sensor.»
 */
class Readings {
    private final double[] values = new double[60]; // «one for each second»

    void add(double value, int second) {
        // «an old value is overwritten»
        values[second % 60] = value;
    }
}''', "// {}"),
    Commented("c", '''/* «returns the index of the first gap,»
   «or -1 if there is none» */
int first_gap(const int *ids, int n) {
    for (int i = 1; i < n; i++) {
        if (ids[i] != ids[i - 1] + 1) { // «ids are sorted»
            return i;
        }
    }
    return -1;
}''', "// {}"),
    Commented("cpp", '''// «moves all zeros to the end and keeps the order of the rest»
void zerosLast(std::vector<int>& v) {
    std::stable_partition(v.begin(), v.end(), [](int x) { return x != 0; }); // «linear with memory»
}''', "// {}"),
    Commented("go", '''// «Clamp returns v within the limits.»
func Clamp(v, low, high int) int {
	if v < low { // «below the range»
		return low
	}
	// «never more than high»
	return min(v, high)
}''', "// {}"),
    Commented("rust", '''/// «Splits a line at its first colon.»
fn split(line: &str) -> Option<(&str, &str)> {
    // «a line without a colon is a heading»
    line.split_once(':').map(|(k, v)| (k.trim(), v.trim()))
}''', "// {}"),
    Commented("sql", '''-- «customers who came back within a month»
SELECT c.id, COUNT(*) AS visits
FROM customers c
JOIN visits v ON v.customer_id = c.id -- «guests have no id»
WHERE v.day > c.first_day + 1
GROUP BY c.id;''', "-- {}"),
    Commented("bash", '''#!/bin/bash
# «stop at the first error»
set -e
for f in *.wav; do
  # «quality 5 is enough for speech»
  oggenc -q 5 "$f"  # «writes beside the source»
done''', "# {}"),
    Commented("html", '''<!-- «the menu of the small screen» -->
<nav class="small">
  <a href="/home">Home</a>
  <!-- «hidden until somebody signs in» -->
  <a href="/mine" hidden>Mine</a>
</nav>''', "<!-- {} -->"),
    Commented("yaml", '''# «runs every night at 3»
schedule:
  hour: 3
  days: [mon, tue] # «not at weekends»
  # «where the copies go»
  target: /srv/copies''', "# {}"),
    Commented("ruby", '''# «sums the hours of each worker»
def hours(entries)
  entries.group_by(&:worker).transform_values do |list|
    list.sum(&:hours) # «breaks are left out»
  end
end''', "# {}"),
    Commented("php", '''<?php
// «prices are stored in cents»
function price(int $cents): string {
    return number_format($cents / 100, 2); // «two places»
}''', "// {}"),
    Commented("csharp", '''// «retries up to 3 times»
async Task<string> Load(string url)
{
    for (var i = 0; i < 3; i++)
    {
        try { return await client.GetStringAsync(url); }
        catch { /* «wait for the server» */ await Task.Delay(1000); }
    }
    return "";
}''', "// {}"),
    Commented("kotlin", '''// «a week starts on Monday here»
fun weekday(day: Int): String {
    val names = listOf("Mo", "Tu", "We")
    return names[day % 3] // «wraps around»
}''', "// {}"),
    Commented("lua", '''-- «shuffles the deck in place»
function shuffle(deck)
  for i = #deck, 2, -1 do
    local j = math.random(i) -- «may be i itself»
    deck[i], deck[j] = deck[j], deck[i]
  end
end''', "-- {}"),
    Commented("r", '''# «drops the outer 5 percent on both sides»
trimmed <- function(x) {
  limits <- quantile(x, c(0.05, 0.95))
  x[x > limits[1] & x < limits[2]] # «strictly inside»
}''', "# {}"),
    Commented("haskell", '''-- «pairs each item with its place»
numbered :: [a] -> [(Int, a)]
numbered xs = zip [1 ..] xs -- «counting starts at 1»''', "-- {}"),
    Commented("latex", '''% «two columns on A4»
\\documentclass[twocolumn]{article}
\\begin{document}
Text. % «to be written»
\\end{document}''', "% {}"),
    Commented("makefile", '''# «build before the tests»
test: build
\tpytest -q # «quiet»
build:
\tcc -o app app.c''', "# {}"),
    Commented("css", '''/* «dark by default» */
body { background: #111; }
a:hover { color: red; /* «only with a mouse» */ }''', "/* {} */"),
    Commented("dockerfile", '''# «small base, no compiler»
FROM alpine:3.20
RUN apk add --no-cache curl
# «the port of the health check»
EXPOSE 8080''', "# {}"),
    Commented("lisp", ''';; «adds one to every item»
(defun inc-all (xs)
  (mapcar #'1+ xs)) ; «a new list»''', ";; {}"),
)  # fmt: skip

_SAID = re.compile("«([^«»]*)»")


def fenced(code: str, label: str) -> str:
    return f"```{label}\n{code}\n```"


def faithful(sample: Commented) -> Iterator[str]:
    """Rewrites that keep every comment: framed, with one more in front, before the last line."""
    lines = sample.code.split("\n")
    remark = sample.remark.format("an aside of the editor")
    yield f"Here it is.\n\n{fenced(sample.code, sample.label)}\n\nIt is ready to use."
    if not lines[0].startswith(("#!", "<?")):
        yield fenced("\n".join([remark, *lines]), sample.label)
    yield fenced("\n".join([*lines[:-1], remark, lines[-1]]), sample.label)


def words_changed(sample: Commented) -> Iterator[str]:
    """Each comment with one word in another's place."""
    for found in _SAID.finditer(sample.marked):
        words = found[1].split()
        for n in range(len(words)):
            yield _put(sample, found, " ".join([*words[:n], "other", *words[n + 1 :]]))


def words_dropped(sample: Commented) -> Iterator[str]:
    """Each comment without one of its words, of the several that it has."""
    for found in _SAID.finditer(sample.marked):
        words = found[1].split()
        for n in range(len(words) if len(words) > 1 else 0):
            yield _put(sample, found, " ".join([*words[:n], *words[n + 1 :]]))


def words_added(sample: Commented) -> Iterator[str]:
    """Each comment with a word more in front and behind."""
    for found in _SAID.finditer(sample.marked):
        yield _put(sample, found, f"never {found[1]}")
        yield _put(sample, found, f"{found[1]} or so")


def lines_dropped(sample: Commented) -> Iterator[str]:
    """Without one line that is nothing but a comment."""
    lines = sample.marked.split("\n")
    for n, line in enumerate(lines):
        if re.fullmatch(r"\s*(?:#|//+|/?\*+|--|;+|%|<!--)?\s*«[^»]*»\s*(?:\*/|-->)?", line):
            left = "\n".join(lines[:n] + lines[n + 1 :])
            closes = (
                line.rstrip().endswith(("*/", "-->")) and "/*" not in line and "<!--" not in line
            )
            if not closes:
                yield left.replace("«", "").replace("»", "")


def all_dropped(sample: Commented) -> Iterator[str]:
    """Nothing left of what the comments say."""
    yield _SAID.sub("", sample.marked)


def _put(sample: Commented, found: re.Match[str], said: str) -> str:
    marked = sample.marked[: found.start()] + said + sample.marked[found.end() :]
    return marked.replace("«", "").replace("»", "")


DAMAGE: dict[str, Callable[[Commented], Iterator[str]]] = {
    "a word changed": words_changed,
    "a word dropped": words_dropped,
    "a word added": words_added,
    "a line dropped": lines_dropped,
    "all comments emptied": all_dropped,
}
