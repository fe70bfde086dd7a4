/* One row in full: request, both texts side by side with what differs, verdicts, evidence. */
const Detail = (() => {
  const LEGEND = {
    removed: "only in the original", program: "added by the program", model: "written by the model",
    evidence: "from the evidence", moved: "moved", person: "changed by hand",
  };
  const OUTCOMES = { pass: "✓", fail: "✗", "n/a": "–" };

  function make(name, className, ...children) {
    const node = document.createElement(name);
    if (className) node.className = className;
    node.append(...children.filter((child) => child !== null));
    return node;
  }

  const quoted = (text, className = "text") => {
    const node = make("div", className, text);
    node.dir = "auto";
    return node;
  };

  /* The origin of each word, from the stretches that the rewrite was put together from. */
  function origins(side, sections) {
    const found = [];
    let end = 0, at = -1;
    for (const start of side.starts) {
      while (start >= end && at + 1 < sections.length) end += sections[++at][1].length;
      found.push(at >= 0 ? sections[at][0] : "model");
    }
    return found;
  }

  function evidenceWords(row) {
    const lower = (text) => Words.cut(text.toLowerCase()).words.filter((w) => w.length > 4 || /\p{N}/u.test(w));
    const words = new Set(row.evidence.flatMap((passage) => lower(`${passage.title} ${passage.text}`)));
    for (const known of lower(`${row.instruction} ${row.original}`)) words.delete(known);
    return words;
  }

  function classesAfter(side, row, edited) {
    if (edited) return [...side.kinds].map((kind) => ["", "person", "moved"][kind]);
    const from = origins(side, row.sections), evidence = evidenceWords(row);
    return [...side.kinds].map((kind, i) => {
      if (kind === Words.SAME) return "";
      if (kind === Words.MOVED || from[i] === "original") return "moved";
      if (from[i] === "given") return "program";
      if (from[i] === "evidence") return "evidence";
      return evidence.has(side.words[i].toLowerCase()) ? "evidence" : "model";
    });
  }

  /* Words of one class in a row become one mark, with the space between them. */
  function marked(side, classes, tag) {
    const node = quoted("");
    let at = 0, i = 0;
    while (i < classes.length) {
      const first = i;
      while (i + 1 < classes.length && classes[i + 1] === classes[first]) i++;
      const end = side.starts[i] + side.words[i].length;
      if (classes[first]) {
        node.append(side.text.slice(at, side.starts[first]));
        node.append(make(classes[first] === "moved" ? "span" : tag, classes[first], side.text.slice(side.starts[first], end)));
        at = end;
      }
      i++;
    }
    node.append(side.text.slice(at));
    return node;
  }

  function legend(used) {
    const items = Object.keys(LEGEND).filter((name) => used.has(name));
    return make("p", "marks", ...items.map((name) => make("span", `mark ${name}`, LEGEND[name])));
  }

  function column(title, note, body) {
    return make("section", "column", make("h4", "", title, note ? make("small", "", note) : null), body);
  }

  function sides(row, what) {
    const after = what.text ?? row.rewrite, look = row.original.includes("```") || what.code ? " code" : "";
    if (!after) return [make("div", `sides one${look}`, column("Response", "as it was", quoted(row.original)))];
    const [left, right] = Words.compare(row.original, after);
    const before = [...left.kinds].map((kind) => ["", "removed", "moved"][kind]);
    const classes = classesAfter(right, row, what.text !== undefined);
    return [
      make("div", `sides${look}`,
        column("Original", what.keptNote ?? "", marked(left, before, "del")),
        column(what.title, what.note, marked(right, classes, "ins"))),
      legend(new Set([...before, ...classes])),
    ];
  }

  function gates(checks) {
    const names = Object.keys(checks);
    if (!names.length) return null;
    const shown = names.filter((name) => checks[name] !== "n/a").map((name) =>
      make("li", checks[name] === "fail" ? "fail" : "pass", `${OUTCOMES[checks[name]] ?? checks[name]} ${name}`));
    const idle = names.filter((name) => checks[name] === "n/a");
    const rest = idle.length ? make("li", "idle", `nothing to judge: ${idle.join(", ")}`) : null;
    return make("section", "gates", make("h4", "", "Gates"), make("ul", "chips", ...shown, rest));
  }

  function evidence(row) {
    if (!row.evidence.length) return null;
    const words = evidenceWords(row);
    const items = row.evidence.map((passage, i) => {
      const side = Words.cut(passage.text ?? ""), used = new Set(Words.cut(row.rewrite.toLowerCase()).words);
      const classes = side.words.map((word) => {
        const low = word.toLowerCase();
        return words.has(low) && used.has(low) ? "evidence" : "";
      });
      const title = [passage.title, passage.section].filter(Boolean).join(" › ") || "given with the row";
      const id = passage.passage_id ? `passage ${passage.passage_id}` : "";
      const score = passage.score ? `score ${passage.score}` : "";
      return make("li", "", make("p", "source", `${i + 1}. ${title}`, make("small", "", [id, score].filter(Boolean).join(" · "))),
        marked(side, classes, "ins"));
    });
    return make("section", "evidence", make("h4", "", "Evidence that was looked up"), make("ol", "", ...items));
  }

  function asked(row) {
    const turns = row.history.map(([role, text]) => make("li", "", make("small", "", role), quoted(text)));
    const before = turns.length
      ? make("details", "", make("summary", "", `${turns.length} turns before it`), make("ol", "history", ...turns)) : null;
    return make("section", "request", make("h4", "", "Request"), before, quoted(row.instruction));
  }

  /* `facts` says what the list knows of the row, `what` how its right side is called. */
  function show(place, row, facts, what) {
    const parts = [
      make("header", "", make("h3", "", `Row ${facts.name}`), make("span", `badge ${facts.status}`, facts.status),
        make("span", "facts", facts.words)),
      facts.reason ? make("p", "verdict", make("code", "", facts.reason), row.detail ? quoted(row.detail, "why") : null)
        : row.detail ? quoted(row.detail, "note") : null,
      row.cut ? make("p", "note", "Long texts of this row are cut here; provenance.jsonl has the whole.") : null,
      row.instruction ? asked(row) : null,
      ...(row.original || row.rewrite ? sides(row, what) : []),
      gates(row.checks), evidence(row),
      make("p", "id", `id ${row.id} · ${row.tokens[0]} tokens read, ${row.tokens[1]} written · ${row.candidates} candidate${row.candidates === 1 ? "" : "s"}`),
    ];
    place.replaceChildren(...parts.filter(Boolean));
    place.scrollTop = 0;
  }

  return { show, make, quoted };
})();
