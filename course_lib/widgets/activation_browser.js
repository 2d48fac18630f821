export default {
  render({ model, el }) {
    const { picture, size: [H, W], shape: [N, G, h, w], low, high, queries, objects, ...data } = model.get("data");
    const levels = unpack(data.levels), cells = h * w;
    const at = { query: 0, group: 0, over: true, divided: true };
    const canvas = (label) => make("canvas", { className: "pixels", role: "img", "aria-label": label });
    const large = canvas("the chosen map"), small = Array.from({ length: G }, (_, g) => canvas(`map ${g + 1} of the query`));
    const image = make("img", { src: picture, alt: "the picture", style: "filter: grayscale(1)" });
    // Twice the same line, white beneath: it is seen on any map.
    const lines = ["white", "black"].map((stroke, k) => draw("path", { fill: "none", stroke, "stroke-width": k ? W / 110 : W / 50, "stroke-linecap": "square" }));
    const contour = draw("svg", { viewBox: `0 0 ${W} ${H}`, "aria-hidden": "true" }, ...lines);
    const paths = objects.map(({ mask }) => outline(unpackBits(mask), W, H));
    const said = make("div", { role: "status" }), legend = make("div", { className: "line" });
    const thumbs = small.map((one, g) => captioned(`map ${g + 1}`, one));

    // σ of each cell, and its share of the sum: both are asked for, whichever is drawn.
    function mapOf(query, group) {
      const start = (query * G + group) * cells;
      const sigma = Float64Array.from(levels.subarray(start, start + cells), (level) => 1 / (1 + Math.exp(-(low + (level / 255) * (high - low)))));
      const sum = Math.max(sigma.reduce((total, value) => total + value, 0), 1e-6);
      return { sigma, sum, share: sigma.map((value) => value / sum) };
    }

    function show() {
      const maps = small.map((_, g) => mapOf(at.query, g));
      const top = Math.max(...maps[at.group].share);
      maps.forEach(({ sigma, share }, g) => {
        const own = at.divided ? Math.max(...share) : 1; // each map against its own largest: shares of different maps differ much
        const colour = (i) => heat((at.divided ? share : sigma)[i] / own);
        paint(small[g], w, h, colour);
        if (g === at.group) paint(large, w, h, colour);
        thumbs[g].style.outline = g === at.group ? "3px solid #d55e00" : "none";
      });
      large.style.opacity = at.over ? 0.6 : 1;
      const { sigma, sum, share } = maps[at.group], { number, says, score, object } = queries[at.query];
      lines.forEach((line) => line.setAttribute("d", object < 0 ? "" : paths[object]));
      if (object >= 0) lines[1].setAttribute("stroke", objects[object].colour);
      const entropy = -share.reduce((total, value) => total + (value > 0 ? value * Math.log(value) : 0), 0);
      const line = (name, ...text) => make("tr", {},
        make("td", { style: "text-align: left; white-space: nowrap" }, name), make("td", { style: "text-align: left" }, ...text));
      said.replaceChildren(make("table", {},
        line("query", make("b", {}, `${number}`), ` (${at.query + 1} of ${N} here)`),
        line("says", make("b", {}, says), `, score ${score.toFixed(2)}`),
        line("matched to", object < 0 ? "nobody" : make("b", {}, `${objects[object].name} (outlined)`)),
        line(`map ${at.group + 1} of ${G}`, `largest σ ${Math.max(...sigma).toFixed(3)}, sum ${sum.toFixed(1)}`),
        line("entropy H", make("span", { "data-entropy": entropy }, `${entropy.toFixed(2)} nats`)),
        line("area e^H", make("b", { "data-area": Math.exp(entropy) }, Math.exp(entropy).toFixed(1)), ` of ${cells} cells`)));
      legend.replaceChildren(scale(VIRIDIS, "0", at.divided ? `${(100 * top).toPrecision(2)} % of the map’s sum` : "σ = 1"));
    }

    const change = (name) => (value) => { at[name] = value; show(); };
    const controls = make("div", { className: "line narrow" },
      slider("query", { min: 0, max: N - 1, value: 0, show: (n) => `${queries[n].number}` }, change("query")),
      ...(G > 1 ? [slider("map", { min: 0, max: G - 1, value: 0, show: (g) => `${g + 1}` }, change("group"))] : []),
      choice("shown", ["σ(logit)", "σ / Σσ (normalised)"], 1, (index) => change("divided")(index === 1)),
      tick("over the picture", at.over, change("over")));
    show();
    const strip = make("div", { className: "pictures", style: `grid-template-columns: repeat(${G}, 1fr); max-width: ${90 * G}px` }, ...thumbs);
    const side = make("div", { style: "width: 320px; max-width: 100%" }, strip, legend, said);
    frame(model, el, controls, make("div", { className: "beside" }, layers(image, large, contour), side));
  },
};
