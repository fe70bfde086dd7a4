/* What a person decided on a row, as both pages show it; `of` gives a row's decision or nothing. */
const Decided = (() => {
  const MARKS = { accept: "✓", reject: "✗", edit: "✎" };
  const OUTCOMES = {
    accept: () => ({}),
    reject: () => ({ note: "rejected: the original is exported", keptNote: "is exported" }),
    edit: (text) => ({ title: "Text by hand", note: "is exported", text, keptNote: "" }),
  };

  const hooks = (of) => ({
    line(node, n) {
      const decision = of(n);
      if (decision) node.querySelector(".under").prepend(Detail.make("b", "verdict-mark", `${MARKS[decision.verdict]} ${decision.verdict}`));
    },
    what: (row, n) => (of(n) ? OUTCOMES[of(n).verdict](of(n).text ?? row.edited) : {}),
    hits: (n, verdict) => (verdict === "undecided" ? !of(n) : of(n)?.verdict === verdict),
    controls: (choices) => choices("verdict", "every decision", ["undecided", "accept", "reject", "edit"]),
  });

  return { hooks };
})();
