const SHOWN_ERROR = 0.5; // the error that is drawn in yellow

// Each cell of the result is the mean of ratio × ratio pixels.
function reduce(values, height, width, ratio) {
  const small = new Float64Array((height / ratio) * (width / ratio));
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) {
    small[Math.floor(y / ratio) * (width / ratio) + Math.floor(x / ratio)] += values[y * width + x] / ratio ** 2;
  }
  return small;
}

// Means over windows of (2 radius + 1)². As in RVM, zeros stand beyond the border and count.
function boxMean(values, height, width, radius) {
  const along = (from, count, step, to) => { // sums over 2 radius + 1 places in one line, by running totals
    const totals = [0];
    for (let i = 0; i < count; i++) totals.push(totals[i] + from(i * step));
    for (let i = 0; i < count; i++) to(i * step, totals[Math.min(i + radius + 1, count)] - totals[Math.max(i - radius, 0)]);
  };
  const rows = new Float64Array(values.length), sums = new Float64Array(values.length);
  for (let y = 0; y < height; y++) along((i) => values[y * width + i], width, 1, (i, sum) => { rows[y * width + i] = sum; });
  for (let x = 0; x < width; x++) along((i) => rows[x + i], height, width, (i, sum) => { sums[x + i] = sum; });
  return sums.map((sum) => sum / (2 * radius + 1) ** 2);
}

// Bilinear; the middles of the outer cells are repeated up to the border.
function enlarge(small, h, w, ratio) {
  const place = (i, count) => {
    const at = Math.max((i + 0.5) / ratio - 0.5, 0), low = Math.floor(at);
    return [low, Math.min(low + 1, count - 1), at - low];
  };
  const columns = Array.from({ length: w * ratio }, (_, x) => place(x, w));
  const large = new Float64Array(h * w * ratio ** 2);
  for (let y = 0; y < h * ratio; y++) {
    const [top, bottom, v] = place(y, h);
    columns.forEach(([left, right, u], x) => {
      const above = (1 - u) * small[top * w + left] + u * small[top * w + right];
      const below = (1 - u) * small[bottom * w + left] + u * small[bottom * w + right];
      large[y * w * ratio + x] = (1 - v) * above + v * below;
    });
  }
  return large;
}

// The line A · x + b of each window at the small size, both enlarged and applied to the large guide.
function guided(guide, x, y, h, w, { ratio, radius, eps }) {
  const box = (values) => boxMean(values, h, w, radius);
  const meanX = box(x), meanY = box(y), both = box(x.map((value, i) => value * y[i])), square = box(x.map((value) => value * value));
  const A = both.map((value, i) => (value - meanX[i] * meanY[i]) / (square[i] - meanX[i] ** 2 + eps));
  const b = meanY.map((value, i) => value - A[i] * meanX[i]);
  const largeA = enlarge(A, h, w, ratio), largeB = enlarge(b, h, w, ratio);
  return guide.map((value, i) => largeA[i] * value + largeB[i]);
}

export default {
  render({ model, el }) {
    const { height: H, width: W, picture, ratios, ...data } = model.get("data");
    const [guide, truth] = [data.guide, data.alpha].map((text) => Float64Array.from(unpack(text), (level) => level / 255));
    const at = { ratio: ratios[Math.min(1, ratios.length - 1)], radius: data.radius, power: data.power };
    const canvas = (label) => make("canvas", { role: "img", "aria-label": label });
    const plain = canvas("the small matte, enlarged"), filtered = canvas("the matte after the filter"), trueAlpha = canvas("the true matte");
    const errors = [canvas("error of the enlarged matte"), canvas("error of the filtered matte")];
    const said = make("p", { role: "status" });
    paint(trueAlpha, W, H, (i) => grey(truth[i]));

    function show() {
      const h = H / at.ratio, w = W / at.ratio, eps = 10 ** at.power;
      const x = reduce(guide, H, W, at.ratio), y = reduce(truth, H, W, at.ratio);
      const cut = (values) => values.map((value) => Math.min(Math.max(value, 0), 1));
      const mattes = [cut(enlarge(y, h, w, at.ratio)), cut(guided(guide, x, y, h, w, { ...at, eps }))];
      const mads = mattes.map((matte, k) => {
        const error = matte.map((value, i) => Math.abs(value - truth[i]));
        paint([plain, filtered][k], W, H, (i) => grey(matte[i]));
        paint(errors[k], W, H, (i) => heat(error[i] / SHOWN_ERROR));
        return (1000 * error.reduce((sum, value) => sum + value, 0)) / error.length;
      });
      const change = Math.round(100 * (mads[1] / mads[0] - 1));
      const side = 2 * at.radius + 1;
      said.replaceChildren(
        `Matte of ${h} × ${w} cells, windows of ${side} × ${side}, ε = ${eps.toExponential(0)}. MAD: enlarged `,
        make("b", { "data-mad": mads[0] }, mads[0].toFixed(2)), ", filtered ", make("b", { "data-mad": mads[1] }, mads[1].toFixed(2)),
        ` thousandths (${change > 0 ? "+" : "−"}${Math.abs(change)} %)`);
    }

    const sliders = [
      slider("reduced by", { min: 0, max: ratios.length - 1, value: ratios.indexOf(at.ratio), show: (k) => `1/${ratios[k]}` }, (k) => { at.ratio = ratios[k]; show(); }),
      slider("radius", { min: 1, max: 8, value: at.radius, show: (r) => `${r} cell${r > 1 ? "s" : ""}` }, (r) => { at.radius = r; show(); }),
      slider("ε", { min: -7, max: 1, step: 0.5, value: at.power, show: (p) => (10 ** p).toExponential(0) }, (p) => { at.power = p; show(); }),
    ];
    show();
    const image = make("img", { src: picture, alt: "the large frame, the filter's guide" });
    const pictures = make("div", { className: "pictures", style: "grid-template-columns: repeat(3, 1fr)" },
      captioned("frame (its grey is the guide)", image), captioned("small matte, enlarged", plain), captioned("small matte, filtered", filtered),
      captioned("true matte", trueAlpha), captioned("error of the enlarged", errors[0]), captioned("error of the filtered", errors[1]));
    frame(model, el, make("div", { className: "line narrow" }, ...sliders), pictures, row(scale(VIRIDIS, "error 0", `${SHOWN_ERROR} or more`)), said);
  },
};
