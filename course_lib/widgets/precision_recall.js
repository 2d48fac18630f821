const WIDTH = 420, HEIGHT = 290, LEFT = 46, TOP = 10, BOTTOM = 42; // of the drawing, in its own units
const GREEN = "#009e73", VERMILION = "#d55e00", BLUE = "#0072b2";

// From the best score down, a detection takes the free object that it overlaps most, if their IoU reaches the threshold.
function findObjects(pairs, count, threshold) {
  const right = new Uint8Array(count), taken = new Set();
  for (let i = 0; i < pairs.length;) {
    const detection = pairs[i][0];
    let best = -1, largest = threshold;
    for (; i < pairs.length && pairs[i][0] === detection; i++) {
      const [, object, iou] = pairs[i];
      if (iou >= largest && !taken.has(object)) [best, largest] = [object, iou]; // of equal ones the last, as COCO's
    }
    if (best >= 0) { taken.add(best); right[detection] = 1; }
  }
  return right;
}

// Precision and recall after each detection, and p(r): the best precision at recall r or beyond.
function curveOf(right, objects) {
  let hits = 0;
  const precision = new Float64Array(right.length), recall = new Float64Array(right.length);
  right.forEach((hit, d) => { hits += hit; precision[d] = hits / (d + 1); recall[d] = hits / objects; });
  const envelope = precision.slice();
  for (let d = envelope.length - 2; d >= 0; d--) envelope[d] = Math.max(envelope[d], envelope[d + 1]);
  let d = 0;
  const sampled = Array.from({ length: 101 }, (_, i) => {
    while (d < recall.length && recall[d] < i * 0.01) d++; // i · 0.01 to the last digit as NumPy has it
    return d < recall.length ? envelope[d] : 0;
  });
  return { precision, recall, envelope, sampled, ap: sampled.reduce((sum, p) => sum + p) / 101 };
}

export default {
  render({ model, el }) {
    const { pairs, objects, pictures, thresholds, start, ...data } = model.get("data");
    const scores = unpack(data.scores, Float32Array), at = { t: 0, cut: start };
    const X = (recall) => LEFT + recall * (WIDTH - LEFT - 12), Y = (precision) => TOP + (1 - precision) * (HEIGHT - TOP - BOTTOM);
    const label = (text, x, y, attributes = {}) => draw("text", { x, y, fill: "currentColor", "font-size": 13, "text-anchor": "middle", ...attributes }, text);
    const moving = draw("g"), axes = draw("g");
    for (let k = 0; k <= 5; k++) {
      const value = (k / 5).toFixed(1);
      axes.append(draw("line", { x1: X(k / 5), x2: X(k / 5), y1: Y(0), y2: Y(1), stroke: "currentColor", opacity: 0.12 }),
        label(value, X(k / 5), Y(0) + 17),
        draw("line", { x1: X(0), x2: X(1), y1: Y(k / 5), y2: Y(k / 5), stroke: "currentColor", opacity: 0.12 }),
        label(value, X(0) - 7, Y(k / 5) + 4, { "text-anchor": "end" }));
    }
    axes.append(label("recall", X(0.5), HEIGHT - 6), label("precision", 0, 0, { transform: `translate(12 ${Y(0.5)}) rotate(-90)` }));
    const name = "precision against recall; the numbers beside it say where the mark stands";
    const plot = draw("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": name, style: "width: 100%" }, axes, moving);
    const table = make("table", {}), said = make("p", { role: "status" });

    function show() {
      const right = findObjects(pairs, scores.length, thresholds[at.t]);
      const { precision, recall, envelope, sampled, ap } = curveOf(right, objects);
      // Between two hits precision only falls: a line through the detections beside each hit has every corner.
      const corners = [...right.keys()].filter((d) => right[d] || right[d + 1] || d === right.length - 1);
      const path = (values) => corners.map((d, k) => `${k ? "L" : "M"}${X(recall[d]).toFixed(1)} ${Y(values[d]).toFixed(1)}`).join("");
      const down = (k) => `H${X(recall[corners[k]]).toFixed(1)}V${Y(envelope[corners[k + 1]] ?? 0).toFixed(1)}`;
      const stairs = `M${X(0)} ${Y(envelope[0] ?? 0).toFixed(1)}${corners.map((_, k) => down(k)).join("")}`;
      let shown = scores.findIndex((score) => score < at.cut);
      if (shown < 0) shown = scores.length;
      const hits = right.subarray(0, shown).reduce((sum, hit) => sum + hit, 0);
      const cutAp = curveOf(right.subarray(0, shown), objects).ap, share = shown ? hits / shown : 0;
      moving.replaceChildren(
        draw("path", { d: path(precision), fill: "none", stroke: "#8a8a8a", "stroke-width": 1.3 }),
        draw("path", { d: `${stairs}V${Y(0)}H${X(0)}Z`, fill: GREEN, "fill-opacity": 0.14 }),
        draw("path", { d: stairs, fill: "none", stroke: BLUE, "stroke-width": 1.6 }),
        ...sampled.map((p, i) => draw("circle", { cx: X(i / 100), cy: Y(p), r: 1.9, fill: GREEN })),
        ...(shown ? [draw("circle", { cx: X(hits / objects), cy: Y(share), r: 6, fill: VERMILION, stroke: "white", "stroke-width": 1.5 })] : []));
      const number = (name, value, note = "", digits = 0) => make("tr", {}, make("td", { style: "text-align: left" }, name),
        make("td", { [`data-${name.replaceAll(" ", "-")}`]: value }, make("b", {}, value.toFixed(digits))), make("td", { style: "text-align: left" }, note));
      table.replaceChildren(number("shown", shown), number("hits", hits), number("false alarms", shown - hits),
        number("misses", objects - hits, `of ${objects}`),
        number("precision", share, "", 3), number("recall", hits / objects, "", 3), number("F1", (2 * hits) / (shown + objects), "", 3));
      said.replaceChildren(`IoU from ${thresholds[at.t].toFixed(2)} on: `, make("b", { "data-ap": ap }, `AP ${ap.toFixed(4)}`),
        ` over all ${scores.length} detections of ${pictures} pictures; `,
        make("span", { "data-cut-ap": cutAp }, `${cutAp.toFixed(4)} if only those with a score from ${at.cut.toFixed(2)} on were handed in.`));
    }

    const sliders = [
      slider("IoU that counts as found", { min: 0, max: thresholds.length - 1, value: at.t, show: (k) => thresholds[k].toFixed(2) },
        (k) => { at.t = k; show(); }),
      slider("shown from score", { min: 0, max: 1, step: 0.01, value: at.cut, show: (value) => value.toFixed(2) }, (value) => { at.cut = value; show(); }),
    ];
    const key = (colour, text) => make("span", { className: "note" }, make("b", { style: `color: ${colour}` }, "● "), text);
    show();
    frame(model, el, make("div", { className: "line narrow" }, ...sliders), make("div", { className: "beside" }, plot, table),
      row(key("#8a8a8a", "after each detection"), key(BLUE, "best at or beyond"), key(GREEN, "101 points: AP is their mean"),
        key(VERMILION, "shown from this score on")), said);
  },
};
