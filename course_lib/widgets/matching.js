const FRAME = "#d55e00", MILLISECONDS = 500; // that a step stands when it plays

export default {
  render({ model, el }) {
    const { picture, size: [H, W], drawn: [h, w], objects, queries, steps, assigned, ...data } = model.get("data");
    const scores = unpack(data.scores, Float32Array), N = queries.length, M = objects.length;
    const drawings = data.drawings.map((text) => unpackBits(text));
    const at = { step: 0, query: assigned[0][0], object: 0 };
    const scoreOf = (step, n, m) => scores[(step * N + n) * M + m];

    // Every object in its colour, the chosen one thicker; above all, what the chosen query draws.
    const image = make("img", { src: picture, alt: "the picture", style: "opacity: 0.45" });
    const line = (more) => draw("path", { fill: "none", "stroke-linecap": "square", ...more });
    const shapes = objects.map(({ mask, colour }) => line({ d: outline(unpackBits(mask), W, H), stroke: colour }));
    const query = ["white", "black"].map((stroke, k) => line({ stroke, "stroke-width": k ? 0.35 : 0.9, transform: `scale(${W / w} ${H / h})` }));
    // The picture fades towards white, also on a dark page: the same colours stand out from it.
    const outlines = { viewBox: `0 0 ${W} ${H}`, role: "img", "aria-label": "outlines of the objects and of the chosen query's mask" };
    const view = layers(image, draw("svg", outlines, ...shapes, ...query));
    view.style.background = "white";

    // A grid that is one stop for the keyboard: arrows move inside it.
    const cells = objects.map((_, m) => queries.map((_, n) => make("td", { role: "gridcell", tabIndex: -1, onclick: () => choose(n, m, true) })));
    const label = "score of each query (column) for each object (row)";
    const grid = make("table", { role: "grid", className: "scores", "aria-label": label, onkeydown: (event) => {
      const [right, down] = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] }[event.key] ?? [0, 0];
      if (!right && !down) return;
      event.preventDefault();
      choose(Math.min(Math.max(at.query + right, 0), N - 1), Math.min(Math.max(at.object + down, 0), M - 1), true);
    } },
    make("tr", {}, make("th", { style: "text-align: left; font-weight: 400" }, "query"),
      ...queries.map((number) => make("th", { scope: "col" }, `${number}`))),
    ...objects.map(({ name, colour }, m) => make("tr", {},
      make("th", { scope: "row", style: "text-align: left" }, make("span", { style: `color: ${colour}` }, "■ "), name), ...cells[m])));
    const said = make("p", { role: "status" });

    function choose(n, m, focus = false) {
      [at.query, at.object] = [n, m];
      show();
      if (focus) cells[m][n].focus();
    }

    function show() {
      const now = assigned[at.step], before = assigned[Math.max(at.step - 1, 0)];
      cells.forEach((line, m) => line.forEach((cell, n) => {
        const score = scoreOf(at.step, n, m), chosen = n === at.query && m === at.object;
        cell.textContent = score.toFixed(2).replace(/^0/, "");
        cell.style.cssText = `background: rgb(${heat(score)}); color: ${readable(heat(score))};`
          + (now[m] === n ? `box-shadow: inset 0 0 0 3px ${FRAME};` : "")
          + (chosen ? "outline: 2px solid currentColor; outline-offset: -6px" : "");
        cell.tabIndex = chosen ? 0 : -1;
        cell.setAttribute("aria-selected", chosen);
        cell.setAttribute("aria-label", `query ${queries[n]}, ${objects[m].name}: ${score.toFixed(2)}${now[m] === n ? ", matched" : ""}`);
      }));
      shapes.forEach((shape, m) => shape.setAttribute("stroke-width", m === at.object ? W / 45 : W / 110));
      const path = outline(drawings[at.step].subarray(at.query * h * w, (at.query + 1) * h * w), w, h);
      query.forEach((line) => line.setAttribute("d", path));
      const sum = now.reduce((total, n, m) => total + scoreOf(at.step, n, m), 0);
      const moved = objects.filter((_, m) => now[m] !== before[m]);
      const { name } = objects[at.object], own = now[at.object], holder = now.indexOf(at.query);
      const others = moved.length ? `another query than in the picture before for ${moved.map((one) => one.name).join(", ")}. `
        : "nobody has another query than in the picture before. ";
      said.replaceChildren(`Step ${steps[at.step]}: sum of the framed scores `, make("b", { "data-sum": sum }, sum.toFixed(2)), "; ",
        at.step === 0 ? "the start. " : others,
        `Chosen: query ${queries[at.query]} for ${name}, ${scoreOf(at.step, at.query, at.object).toFixed(2)}; `,
        own === at.query ? "they are matched."
          : `${name} has query ${queries[own]}, query ${queries[at.query]} has ${holder < 0 ? "nobody" : objects[holder].name}.`,
        path ? "" : " This query draws nothing.");
    }

    const go = (step) => { at.step = step; show(); };
    const slide = slider("step", { min: 0, max: steps.length - 1, value: 0, show: (k) => `${steps[k]}` }, go);
    let timer = null;
    const stop = () => { clearInterval(timer); timer = null; play.textContent = "▶ play"; };
    const play = make("button", { type: "button", onclick: () => {
      if (timer) return stop();
      if (at.step === steps.length - 1) { slide.move(0); go(0); }
      play.textContent = "⏸ pause";
      timer = setInterval(() => {
        if (!el.isConnected || at.step === steps.length - 1) return stop();
        slide.move(at.step + 1); go(at.step + 1);
      }, MILLISECONDS);
      return undefined;
    } }, "▶ play");
    show();
    const note = (...parts) => make("span", { className: "note" }, ...parts);
    const marks = [make("b", { style: `color: ${FRAME}` }, "□"), " matched; thick outline: the chosen object; black and white: what the chosen query draws"];
    frame(model, el, row(slide, play, note("click a cell, or arrow keys in the table")),
      make("div", { className: "beside picture-first" }, view, grid), row(scale(VIRIDIS, "score 0", "1"), note(...marks)), said);
    return () => clearInterval(timer);
  },
};
