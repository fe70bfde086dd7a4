/* The rows: filters, search, keys, and addresses such as #row=17 that can be passed on. */
const Browser = (() => {
  const SAMPLE = 20, TYPING_MS = 200;
  const byId = (id) => document.getElementById(id);

  async function start(hooks = {}) {
    const source = await Source.open(), c = source.columns;
    await hooks.opened?.(source);
    const filter = { status: "", task: "", reason: "", q: "", sample: "", verdict: "" };
    let current = -1, search = 0;

    const nameOf = (n) => (c.turn[n] && manyTurns ? `${c.index[n]}.${c.turn[n]}` : String(c.index[n]));
    const manyTurns = c.index.some((index, n) => n > 0 && index === c.index[n - 1]);
    const status = (n) => c.statuses[c.status[n]], reason = (n) => c.reasons[c.reason[n]];

    function line(n) {
      const { make } = Detail, what = reason(n) || `×${(c.ratio[n] / 1000).toFixed(2)}`;
      const title = make("span", "title", c.title[n] || "(no request)");
      title.dir = "auto";
      const node = make("div", `line ${status(n)}`, make("span", "number", nameOf(n)), title,
        make("span", "under", `${c.tasks[c.task[n]]} · ${status(n)} · ${what}`));
      hooks.line?.(node, n);
      return node;
    }

    const list = List.make(byId("list"), byId("space"), {
      line, chosen: (n) => choose(n, true), mayLeave: hooks.mayLeave ?? (() => true),
    });

    async function choose(n, address) {
      current = n;
      if (address) remember();
      try {
        const row = await source.row(n);
        if (n === current) show(row, n);
      } catch (error) {
        trouble(`This row cannot be shown: ${error.message}`);
      }
    }

    function show(row, n) {
      const sure = c.confidence[n] ? `, ${(c.confidence[n] / 10).toFixed(0)} % sure` : "";
      const percent = `task ${c.tasks[c.task[n]]}${sure}`;
      const ratio = status(n) === "rewritten" ? `, ${(c.ratio[n] / 1000).toFixed(2)} times as long` : "";
      const facts = { name: nameOf(n), status: status(n), reason: reason(n), words: percent + ratio };
      const titles = {
        rewritten: { title: "Rewritten", note: "in the output", keptNote: "" },
        kept: { title: "Rewrite", note: "turned down", keptNote: "in the output" },
        skipped: { title: "Response", note: "" },
      };
      const code = /(^|_)code(_|$)/.test(c.tasks[c.task[n]]);
      const what = { code, ...titles[status(n)], ...(hooks.what?.(row, n) ?? {}) };
      Detail.show(byId("detail"), row, facts, what);
      hooks.shown?.(row, n);
    }

    /* Filters */
    const hits = (n) =>
      (!filter.status || status(n) === filter.status) && (!filter.task || c.tasks[c.task[n]] === filter.task)
      && (!filter.reason || reason(n) === filter.reason) && (!filter.verdict || (hooks.hits?.(n, filter.verdict) ?? true));

    function drawn(seed) {
      let state = Number(seed) >>> 0;
      const random = () => {
        state = (state + 0x6d2b79f5) >>> 0;
        let mixed = Math.imul(state ^ (state >>> 15), state | 1);
        mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
        return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
      };
      const rows = matching(), taken = Math.min(SAMPLE, rows.length);
      for (let i = 0; i < taken; i++) {
        const j = i + Math.floor(random() * (rows.length - i));
        [rows[i], rows[j]] = [rows[j], rows[i]];
      }
      return rows.slice(0, taken);
    }

    function matching() {
      const rows = [];
      for (let n = 0; n < source.count; n++) if (hits(n)) rows.push(n);
      return rows;
    }

    async function apply() {
      const mine = ++search;
      for (const name of ["status", "task", "reason"]) byId(name).value = filter[name];
      if (byId("verdict")) byId("verdict").value = filter.verdict;
      if (document.activeElement !== byId("query")) byId("query").value = filter.q;
      byId("clear").hidden = !Object.values(filter).some(Boolean);
      const rows = filter.sample ? drawn(filter.sample) : matching();
      if (filter.q) return find(rows, mine);
      list.fill(rows, current);
      said(rows.length, "");
    }

    const said = (count, more) => {
      const what = filter.sample ? `${count} drawn at random` : count === source.count ? `${count.toLocaleString("en")} responses` : `${count.toLocaleString("en")} of ${source.count.toLocaleString("en")}`;
      byId("found").textContent = more ? `${what}, ${more}` : what;
    };

    /* Through the blocks one after the other; what is found shows at once, a newer search ends it. */
    async function find(rows, mine) {
      const wanted = filter.q.toLowerCase(), found = [];
      let shownAt = 0;
      for (const [number, group] of grouped(rows)) {
        const block = await source.block(number);
        if (mine !== search) return;
        for (const n of group) if (textOf(block[n - c.starts[number]]).includes(wanted)) found.push(n);
        if (performance.now() - shownAt > 150) {
          list.fill(found.slice(), current);
          said(found.length, "searching …");
          shownAt = performance.now();
        }
      }
      list.fill(found, current);
      said(found.length, "");
    }

    function grouped(rows) {
      const groups = new Map();
      for (const n of rows) {
        const number = source.blockOf(n);
        if (!groups.has(number)) groups.set(number, []);
        groups.get(number).push(n);
      }
      return groups;
    }

    const textOf = (row) => [row.id, row.instruction, row.original, row.rewrite, row.detail,
      ...row.history.map((turn) => turn[1]), ...row.evidence.map((e) => `${e.title} ${e.text}`)].join("\n").toLowerCase();

    /* Addresses */
    function remember() {
      const said = new URLSearchParams();
      for (const [name, value] of Object.entries(filter)) if (value) said.set(name, value);
      if (current >= 0) said.set("row", nameOf(current));
      history.replaceState(null, "", `#${said}`);
    }

    function recall() {
      const said = new URLSearchParams(location.hash.slice(1));
      if (![...said.keys()].some((name) => name in filter || name === "row")) return false;
      for (const name of Object.keys(filter)) filter[name] = said.get(name) ?? "";
      const wanted = said.get("row");
      let row = -1;
      for (let n = 0; wanted !== null && n < source.count && row < 0; n++) if (nameOf(n) === wanted) row = n;
      if (row < 0 && wanted !== null) row = c.index.indexOf(Number(wanted));
      if (row >= 0) current = row;
      apply().then(() => {
        const at = list.rows().indexOf(current);
        if (at >= 0) list.go(at); else if (row >= 0) choose(row, false); else if (list.rows().length) list.go(0);
      });
      byId("rows").scrollIntoView();
      return true;
    }

    function pick(changes) {
      Object.assign(filter, { status: "", task: "", reason: "", q: "", sample: "", verdict: "" }, changes);
      byId("query").value = filter.q;
      apply().then(() => list.go(0));
      byId("rows").scrollIntoView();
      byId("list").focus({ preventScroll: true });
    }

    const sample = () => pick({ status: "rewritten", sample: String(Math.floor(Math.random() * 1e9) + 1) });

    /* Controls */
    function choices(id, label, names) {
      byId(id).replaceChildren(new Option(label, ""), ...names.map((name) => new Option(name, name)));
      byId(id).addEventListener("change", (event) => {
        filter[id] = event.target.value;
        filter.sample = "";
        apply().then(remember);
      });
    }

    function trouble(text) {
      byId("trouble").textContent = text;
      byId("trouble").hidden = !text;
    }

    const typing = (node) => /^(INPUT|TEXTAREA|SELECT)$/.test(node.tagName);

    function onKey(event) {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === "Escape" && document.activeElement === byId("query")) return byId("list").focus();
      if (typing(event.target)) return;
      const onList = document.activeElement === byId("list");
      const act = keys[event.key] ?? (onList ? listKeys[event.key] : undefined) ?? hooks.keys?.[event.key];
      if (!act) return;
      event.preventDefault();
      act();
    }

    const step = (by) => { byId("rows").scrollIntoView(); list.step(by); };
    const keys = {
      j: () => step(1), k: () => step(-1), s: sample,
      "/": () => { byId("rows").scrollIntoView(); byId("query").focus(); byId("query").select(); },
      ...(hooks.keys ?? {}),
    };
    const listKeys = {
      ArrowDown: () => list.step(1), ArrowUp: () => list.step(-1), PageDown: () => list.step(10),
      PageUp: () => list.step(-10), Home: () => list.go(0), End: () => list.go(list.rows().length - 1),
    };

    choices("status", "every status", c.statuses);
    choices("task", "every task", [...c.tasks].sort());
    choices("reason", "every reason", c.reasons.filter(Boolean).sort());
    hooks.controls?.(choices);
    let timer = 0;
    byId("query").addEventListener("input", (event) => {
      clearTimeout(timer);
      timer = setTimeout(() => { filter.q = event.target.value; apply().then(remember); }, TYPING_MS);
    });
    byId("clear").addEventListener("click", () => pick({}));
    byId("sample")?.addEventListener("click", sample);
    document.querySelectorAll("button.pick").forEach((button) => {
      button.addEventListener("click", () => pick({ ...button.dataset }));
    });
    document.addEventListener("keydown", onKey);
    window.addEventListener("hashchange", recall);
    if (!recall()) {
      await apply();
      if (source.count) { current = list.rows()[0]; list.fill(list.rows(), current); choose(current, false); }
    }
    setTimeout(() => { document.documentElement.dataset.ready = "yes"; });
    return { source, list, apply, trouble, current: () => current, again: () => current >= 0 && choose(current, false) };
  }

  function refuse(error) {
    const place = byId("trouble");
    place.textContent = typeof DecompressionStream === "undefined"
      ? "This browser cannot unpack the rows (it has no DecompressionStream). Any browser of 2023 or later can; provenance.jsonl has the same rows."
      : `The rows cannot be read: ${error.message}`;
    place.hidden = false;
    document.documentElement.dataset.ready = "no";
  }

  return { start, refuse };
})();
