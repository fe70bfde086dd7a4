/* The review: decisions by keyboard, each one on the disk before the page goes on. */
(() => {
  const { make } = Detail, byId = (id) => document.getElementById(id);
  const CHECK_MS = 400;
  let keys = [], editable = [], decisions = {}, browser = null, open = null, busy = false;

  const decided = (n) => decisions[keys[n]];

  async function ask(name, body) {
    const answer = await fetch(name, body && {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
    });
    const value = await answer.json();
    if (!answer.ok) throw new Error(value.error ?? `the server said ${answer.status}`);
    return value;
  }

  const refresh = async () => { decisions = (await ask("decisions")).decisions; };

  function tell(text) {
    const count = keys.reduce((sum, key) => sum + (key in decisions), 0);
    byId("progress").max = keys.length;
    byId("progress").value = count;
    byId("said").textContent = text || `${count.toLocaleString("en")} of ${keys.length.toLocaleString("en")} decided`;
  }

  /* Nothing moves on before the server has said that the decision is on the disk. */
  async function decide(verdict, text = "") {
    const n = browser.current();
    if (n < 0 || busy) return;
    if (!editable[n]) return tell("This row could not be read, so there is nothing to decide.");
    busy = true;
    try {
      await ask("decide", { row: n, key: keys[n], verdict, text });
      if (verdict === "undecided") delete decisions[keys[n]];
      else decisions[keys[n]] = { verdict, text };
      open = null;
      tell("");
      browser.trouble("");
      browser.list.draw();
      if (verdict === "undecided" || !browser.list.step(1)) browser.again();
    } catch (error) {
      browser.trouble(`Not saved: ${error.message}`);
    } finally {
      busy = false;
    }
  }

  /* Editing */
  async function edit() {
    const n = browser.current();
    if (n < 0 || open) return;
    if (!editable[n]) return tell("This row could not be read, so there is nothing to edit.");
    const row = await browser.source.row(n), place = document.querySelector(".sides");
    const begin = decided(n)?.text || row.rewrite || row.original;
    const area = make("textarea", ""), findings = make("ul", "findings");
    area.value = begin;
    area.dir = "auto";
    area.setAttribute("aria-label", "Your text of the response");
    open = { begin: area.value, area, row, n };
    const save = make("button", "primary", "save (Ctrl+Enter)"), cancel = make("button", "", "cancel (Esc)");
    save.addEventListener("click", saveEdit);
    cancel.addEventListener("click", cancelEdit);
    place.classList.remove("one");
    const old = place.children[1];
    const editor = make("section", "column editor", make("h4", "", "Your text", make("small", "", "exported in the place of the response")),
      area, findings, make("div", "buttons", save, cancel));
    if (old) old.replaceWith(editor); else place.append(editor);
    area.style.height = `${Math.min(Math.max(288, area.scrollHeight + 8), innerHeight * 0.6)}px`;
    let timer = 0;
    area.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(() => check(findings), CHECK_MS); });
    area.focus();
    check(findings);
  }

  async function check(findings) {
    const mine = open, text = mine.area.value;
    try {
      const found = (await ask("check", { row: mine.n, text })).findings;
      if (mine !== open || text !== mine.area.value) return;
      const items = found.map((f) => make("li", "fail", `${f.gate}: ${f.reason}`, f.words ? ` (${f.words})` : ""));
      findings.replaceChildren(...(items.length ? items : [make("li", "", "The gates have no objection.")]));
    } catch (error) {
      findings.replaceChildren(make("li", "fail", `The gates could not look at it: ${error.message}`));
    }
  }

  function saveEdit() {
    const { area, begin, row, n } = open, text = area.value;
    const current = browser.source.columns.statuses[browser.source.columns.status[n]] === "rewritten" ? row.rewrite : row.original;
    if (text === begin && !decided(n)?.text) return decide(text === current ? "accept" : "edit", text === current ? "" : text);
    return decide("edit", text);
  }

  function cancelEdit() {
    open = null;
    browser.again();
    byId("list").focus();
  }

  const mayLeave = () => {
    const dirty = open && open.area.value !== open.begin;
    if (dirty && !confirm("Leave this edit without saving it?")) return false;
    open = null;
    return true;
  };

  document.addEventListener("keydown", (event) => {
    if (!open || event.target !== open.area) return;
    if (event.key === "Escape") { event.preventDefault(); if (mayLeave()) cancelEdit(); }
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); saveEdit(); }
  });
  addEventListener("beforeunload", (event) => { if (open && open.area.value !== open.begin) event.preventDefault(); });

  /* Another tab may have decided meanwhile. */
  document.addEventListener("visibilitychange", async () => {
    if (document.hidden || !browser || open) return;
    try { await refresh(); tell(""); browser.list.draw(); browser.again(); } catch (error) { browser.trouble(`The server is gone: ${error.message}`); }
  });

  Browser.start({
    ...Decided.hooks(decided),
    mayLeave,
    async opened(source) {
      ({ keys, editable } = source.columns);
      await refresh();
      tell("");
    },
    shown(row, n) {
      for (const name of ["accept", "reject", "edit"]) byId(name).setAttribute("aria-pressed", String(decided(n)?.verdict === name));
    },
    keys: { a: () => decide("accept"), r: () => decide("reject"), e: edit, u: () => decide("undecided") },
  }).then((started) => {
    browser = started;
    for (const [id, act] of [["accept", () => decide("accept")], ["reject", () => decide("reject")], ["edit", edit], ["undo", () => decide("undecided")]]) {
      byId(id).addEventListener("click", act);
    }
  }).catch(Browser.refuse);
})();
