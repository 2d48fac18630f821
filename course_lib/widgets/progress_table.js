export default {
  render({ model, el }) {
    const { rows, levels, summary } = model.get("data");
    const body = make("tbody");
    const total = (done) => done.split(" of ").map(Number);
    const show = (onlyOpen) => {
      const shown = rows.filter(({ done }) => !onlyOpen || total(done)[0] < total(done)[1]);
      body.replaceChildren(...shown.map((row) => make("tr", {},
        make("td", {}, row.chapter), make("td", { style: "text-align: left" }, row.name),
        ...levels.map((level) => make("td", { style: "text-align: center" }, row[level])), make("td", {}, row.done))));
      status.textContent = `${summary}; ${shown.length} chapters shown. ✓ done, · tried, – not yet`;
    };
    const status = make("p", { className: "note", role: "status" });
    const head = ["", "chapter", ...levels, "done"].map((name) => make("th", { scope: "col" }, name));
    show(false);
    frame(model, el, tick("only chapters with something left to do", false, show), make("table", {}, make("thead", {}, make("tr", {}, ...head)), body), status);
  },
};
