/* The report: the browser, with the decisions of a review where there are any. */
(() => {
  const VERDICTS = [null, "accept", "reject", "edit"].map((verdict) => verdict && { verdict });
  const hooks = {
    opened({ columns }) {
      if (columns.verdict) Object.assign(hooks, Decided.hooks((n) => VERDICTS[columns.verdict[n]]));
    },
  };
  Browser.start(hooks).catch(Browser.refuse);
})();
