/* A list of any length: only the lines in sight are in the page. */
const List = (() => {
  const LINE = 54, BEYOND = 6;

  function make(place, space, { line, chosen, mayLeave }) {
    let rows = [], at = -1;

    function draw() {
      const first = Math.max(0, Math.floor(place.scrollTop / LINE) - BEYOND);
      const last = Math.min(rows.length, Math.ceil((place.scrollTop + place.clientHeight) / LINE) + BEYOND);
      const nodes = [];
      for (let i = first; i < last; i++) nodes.push(option(i));
      space.style.height = `${rows.length * LINE}px`;
      space.replaceChildren(...nodes);
      if (at >= first && at < last) place.setAttribute("aria-activedescendant", `line-${at}`);
      else place.removeAttribute("aria-activedescendant");
    }

    function option(i) {
      const node = line(rows[i]);
      node.id = `line-${i}`;
      node.setAttribute("role", "option");
      node.setAttribute("aria-selected", String(i === at));
      node.setAttribute("aria-setsize", rows.length);
      node.setAttribute("aria-posinset", i + 1);
      node.style.top = `${i * LINE}px`;
      node.addEventListener("click", () => go(i));
      return node;
    }

    function go(i) {
      if (!rows.length || !mayLeave()) return false;
      const before = at;
      at = Math.max(0, Math.min(rows.length - 1, i));
      const top = at * LINE, bottom = top + LINE;
      if (top < place.scrollTop) place.scrollTop = top;
      if (bottom > place.scrollTop + place.clientHeight) place.scrollTop = bottom - place.clientHeight;
      draw();
      chosen(rows[at]);
      return at !== before;
    }

    /* Show other rows; the chosen one stays chosen where it is still among them. */
    function fill(next, keep) {
      rows = next;
      at = rows.indexOf(keep);
      draw();
    }

    let waiting = false;
    place.addEventListener("scroll", () => {
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(() => { waiting = false; draw(); });
    });
    new ResizeObserver(draw).observe(place);
    return { fill, draw, go, step: (by) => go(at + by), place: () => at, rows: () => rows };
  }

  return { make };
})();
