/* Words, and what differs between two texts: which words stayed, changed, or moved elsewhere. */
const Words = (() => {
  const SAME = 0, CHANGED = 1, MOVED = 2;
  const ALONE = "\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}";
  const WORD = `(?:(?![${ALONE}])[\\p{L}\\p{M}\\p{N}_])+`;
  const TOKEN = new RegExp(`[${ALONE}]|${WORD}(?:[.,](?=\\p{N})\\p{N}+|['’]\\p{L}+)*|[^\\s]`, "gu");
  const STEPS = 2e7, MOST_EDITS = 1500, MOVED_WORDS = 4;

  function cut(text) {
    const words = [], starts = [];
    for (const match of text.matchAll(TOKEN)) {
      words.push(match[0]);
      starts.push(match.index);
    }
    return { text, words, starts };
  }

  /* Equal words get equal numbers: comparing numbers is quick. */
  function numbered(...sides) {
    const numbers = new Map();
    return sides.map((side) => Int32Array.from(side.words, (word) => {
      if (!numbers.has(word)) numbers.set(word, numbers.size);
      return numbers.get(word);
    }));
  }

  /* E. W. Myers, "An O(ND) Difference Algorithm", 1986; null where it takes more than `most` edits. */
  function shortest(a, b, [fromA, toA, fromB, toB], most, match) {
    const n = toA - fromA, m = toB - fromB;
    const limit = Math.min(n + m, most), ends = new Int32Array(2 * limit + 3), middle = limit + 1;
    const trace = [];
    for (let d = 0; d <= limit; d++) {
      for (let k = -d; k <= d; k += 2) {
        const down = k === -d || (k !== d && ends[middle + k - 1] < ends[middle + k + 1]);
        let x = down ? ends[middle + k + 1] : ends[middle + k - 1] + 1;
        while (x < n && x - k < m && a[fromA + x] === b[fromB + x - k]) x++;
        ends[middle + k] = x;
        if (x >= n && x - k >= m) return walk(trace, d, n, m, fromA, fromB, match);
      }
      trace.push(ends.slice(middle - d, middle + d + 1));
    }
    return null;
  }

  function walk(trace, edits, x, y, fromA, fromB, match) {
    for (let d = edits; d >= 0; d--) {
      const k = x - y, last = d ? trace[d - 1] : null, end = (at) => last[at + d - 1] ?? -1;
      let startX = 0, startY = 0;
      if (d) {
        const down = k === -d || (k !== d && end(k - 1) < end(k + 1));
        const before = down ? k + 1 : k - 1;
        startX = end(before);
        startY = startX - before;
      }
      while (x > startX && y > startY) match[fromA + --x] = fromB + --y;
      x = startX;
      y = startY;
    }
    return true;
  }

  /* Words that both stretches have exactly once, in the longest order that both share. */
  function anchors(a, b, [fromA, toA, fromB, toB]) {
    const seen = new Map();
    const count = (side, from, to, slot) => {
      for (let i = from; i < to; i++) {
        const entry = seen.get(side[i]) ?? [0, 0, 0, 0];
        entry[slot]++;
        entry[slot + 2] = i;
        seen.set(side[i], entry);
      }
    };
    count(a, fromA, toA, 0);
    count(b, fromB, toB, 1);
    const pairs = [...seen.values()].filter((e) => e[0] === 1 && e[1] === 1).map((e) => [e[2], e[3]]);
    return rising(pairs.sort((p, q) => p[0] - q[0]));
  }

  function rising(pairs) {
    const tops = [], before = new Array(pairs.length).fill(-1);
    pairs.forEach(([, y], i) => {
      let low = 0, high = tops.length;
      while (low < high) {
        const half = (low + high) >> 1;
        if (pairs[tops[half]][1] < y) low = half + 1; else high = half;
      }
      before[i] = low ? tops[low - 1] : -1;
      tops[low] = i;
    });
    const chain = [];
    for (let i = tops.length ? tops[tops.length - 1] : -1; i >= 0; i = before[i]) chain.push(pairs[i]);
    return chain.reverse();
  }

  function pair(a, b, range, match) {
    let [fromA, toA, fromB, toB] = range;
    while (fromA < toA && fromB < toB && a[fromA] === b[fromB]) match[fromA++] = fromB++;
    while (fromA < toA && fromB < toB && a[toA - 1] === b[toB - 1]) match[--toA] = --toB;
    if (fromA === toA || fromB === toB) return;
    const size = toA - fromA + toB - fromB, rest = [fromA, toA, fromB, toB];
    if (shortest(a, b, rest, Math.min(MOST_EDITS, Math.ceil(STEPS / size)), match)) return;
    let [x, y] = [fromA, fromB];
    for (const [nextX, nextY] of anchors(a, b, rest)) {
      match[nextX] = nextY;
      if (x < nextX && y < nextY) pair(a, b, [x, nextX, y, nextY], match);
      [x, y] = [nextX + 1, nextY + 1];
    }
    if (x > fromA && x < toA && y < toB) pair(a, b, [x, toA, y, toB], match);
  }

  /* A short word that stayed by chance between two long changes only makes them harder to read. */
  function tidy(match, a, b) {
    const chars = (side, from, to) => side.words.slice(from, to).reduce((n, w) => n + w.length, 0);
    const runs = [];
    let i = 0, j = 0;
    while (i < match.length) {
      const startA = i, startB = j;
      while (i < match.length && match[i] < 0) i++;
      const upTo = i < match.length ? match[i] : b.words.length;
      const change = Math.max(chars(a, startA, i), chars(b, startB, upTo)), from = i;
      j = upTo;
      while (i < match.length && match[i] === j) { i++; j++; }
      runs.push({ change, from, to: i });
    }
    const tail = chars(b, j, b.words.length);
    runs.forEach(({ change, from, to }, n) => {
      const after = runs[n + 1] ? runs[n + 1].change : tail, size = chars(a, from, to);
      const weak = to - from <= 2 && !a.words.slice(from, to).some((word) => /\p{N}/u.test(word));
      if (weak && size < change && size < after) match.fill(-1, from, to);
    });
  }

  /* A run of changed words can often stand a little further left or right: best at a line's begin. */
  function slide(side, numbers, partner) {
    const gap = (i) => (i ? side.text.slice(side.starts[i - 1] + side.words[i - 1].length, side.starts[i]) : "\n");
    const worth = (i) => (gap(i).includes("\n") ? 3 : i && /^[.!?。！？]$/.test(side.words[i - 1]) ? 2 : gap(i) ? 1 : 0);
    const left = (s, e) => { partner[e - 1] = partner[s - 1]; partner[s - 1] = -1; };
    const right = (s, e) => { partner[s] = partner[e]; partner[e] = -1; };
    let i = 0;
    while (i < partner.length) {
      let s = i;
      while (s < partner.length && partner[s] >= 0) s++;
      let e = s;
      while (e < partner.length && partner[e] < 0) e++;
      if (s === e) return;
      i = e;
      while (s > 0 && partner[s - 1] >= 0 && numbers[s - 1] === numbers[e - 1]) left(s--, e--);
      let best = s, from = s, to = e;
      while (to < partner.length && partner[to] >= 0 && numbers[from] === numbers[to]) {
        right(from++, to++);
        if (worth(from) > worth(best)) best = from;
      }
      while (from > best) left(from--, to--);
      i = Math.max(i, to);
    }
  }

  function markMoved(kinds, numbers, otherKinds, otherNumbers) {
    const runs = new Set(), key = (side, i) => side.subarray(i, i + MOVED_WORDS).join();
    const whole = (k, i) => k.subarray(i, i + MOVED_WORDS).every((kind) => kind !== SAME);
    for (let i = 0; i + MOVED_WORDS <= otherKinds.length; i++) {
      if (whole(otherKinds, i)) runs.add(key(otherNumbers, i));
    }
    for (let i = 0; runs.size && i + MOVED_WORDS <= kinds.length; i++) {
      if (whole(kinds, i) && runs.has(key(numbers, i))) kinds.fill(MOVED, i, i + MOVED_WORDS);
    }
  }

  function inverse(match, size) {
    const back = new Int32Array(size).fill(-1);
    match.forEach((to, from) => { if (to >= 0) back[to] = from; });
    return back;
  }

  /* Both texts cut into words, each word with its kind. */
  function compare(before, after) {
    const a = cut(before), b = cut(after), [x, y] = numbered(a, b);
    const match = new Int32Array(x.length).fill(-1);
    pair(x, y, [0, x.length, 0, y.length], match);
    tidy(match, a, b);
    const back = inverse(match, y.length);
    slide(b, y, back);
    const forth = inverse(back, x.length);
    slide(a, x, forth);
    a.kinds = Uint8Array.from(forth, (to) => (to >= 0 ? SAME : CHANGED));
    b.kinds = Uint8Array.from(inverse(forth, y.length), (to) => (to >= 0 ? SAME : CHANGED));
    markMoved(a.kinds, x, b.kinds, y);
    markMoved(b.kinds, y, a.kinds, x);
    return [a, b];
  }

  return { cut, compare, SAME, CHANGED, MOVED };
})();
