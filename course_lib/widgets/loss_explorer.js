const LAYERS = 5, FULL_BARS = [5, 10, 20, 50, 100, 200, 500, 1000, 10000]; // bars: thousandths at full length

// One step of a pyramid, along rows and columns. Pictures are { values, height, width }; step(row) gives the new row.
function alongBoth({ values, height, width }, step) {
  const lines = (count, length, at) => Array.from({ length: count }, (_, i) => step(Array.from({ length }, (_, j) => at(i, j))));
  const rows = lines(height, width, (y, x) => values[y * width + x]);
  const columns = lines(rows[0].length, height, (x, y) => rows[y][x]);
  const [h, w] = [columns[0].length, columns.length];
  return { values: Float64Array.from({ length: h * w }, (_, i) => columns[i % w][Math.floor(i / w)]), height: h, width: w };
}
const mirrored = (line, i) => line[i < 0 ? -i : i >= line.length ? 2 * line.length - 2 - i : i]; // about the outer pixel
const shrink = (picture) => alongBoth(picture, (line) => line.filter((_, i) => i % 2 === 0).map((_, k) => {
  const at = (offset) => mirrored(line, 2 * k + offset);
  return (at(-2) + at(2) + 4 * (at(-1) + at(1)) + 6 * at(0)) / 16;
}));
// Zeros between the pixels, the same blur, × 4: written out for even and odd places.
const enlarge = (picture) => alongBoth(picture, (line) => line.flatMap((value, k) => {
  const before = line[k ? k - 1 : 1], after = line[Math.min(k + 1, line.length - 1)];
  return [(before + 6 * value + after) / 8, (value + after) / 2];
}));

// 2^k / 5 · mean |layer k| of one frame's error, for each layer that fits.
function laplacianLayers(values, height, width) {
  const prices = [];
  let picture = { values, height, width };
  for (let k = 0; k < LAYERS && Math.min(picture.height, picture.width) >= 4; k++) {
    const h = picture.height - (picture.height % 2), w = picture.width - (picture.width % 2); // an odd last line is left out
    picture = { values: Float64Array.from({ length: h * w }, (_, i) => picture.values[Math.floor(i / w) * picture.width + (i % w)]), height: h, width: w };
    const smaller = shrink(picture), back = enlarge(smaller).values;
    prices.push((2 ** k / LAYERS / back.length) * picture.values.reduce((sum, value, i) => sum + Math.abs(value - back[i]), 0));
    picture = smaller;
  }
  return prices;
}

// As scipy.ndimage.gaussian_filter: up to 4 σ, the picture reflected at its border.
function blur(values, height, width, sigma) {
  if (sigma === 0) return values;
  const reach = Math.floor(4 * sigma + 0.5), taps = [];
  for (let d = -reach; d <= reach; d++) taps.push(Math.exp(-(d ** 2) / (2 * sigma ** 2)));
  const total = taps.reduce((sum, tap) => sum + tap);
  const reflected = (i, count) => { const at = ((i % (2 * count)) + 2 * count) % (2 * count); return at < count ? at : 2 * count - 1 - at; };
  return alongBoth({ values, height, width }, (line) => line.map((_, i) =>
    taps.reduce((sum, tap, k) => sum + tap * line[reflected(i + k - reach, line.length)], 0) / total)).values;
}

export default {
  render({ model, el }) {
    const { length: T, height: H, width: W, alpha, hole, coherence } = model.get("data");
    const levels = unpack(alpha), pixels = H * W;
    const truth = Array.from({ length: T }, (_, t) => Float64Array.from(levels.subarray(t * pixels, (t + 1) * pixels), (level) => level / 255));
    const at = { shift: 0, sigma: 0, radius: 0, factor: 1, flicker: 0 };
    const canvas = (label) => make("canvas", { className: "pixels", role: "img", "aria-label": label });
    const wrong = truth.map((_, t) => canvas(`wrong matte, frame ${t}`)), errors = truth.map((_, t) => canvas(`its error, frame ${t}`));
    const said = make("p", { role: "status" }), bars = make("div", { className: "bars" });

    function spoiled(frame, t) {
      const shifted = frame.map((_, i) => frame[i - (i % W) + Math.max((i % W) - at.shift, 0)]);
      return blur(shifted, H, W, at.sigma).map((value, i) => {
        const away = Math.hypot(Math.floor(i / W) - hole[0], (i % W) - hole[1]) - at.radius;
        const kept = at.radius ? Math.min(Math.max(away, 0), 1) : 1; // a soft edge, one pixel wide
        return Math.min(Math.max(value * kept * at.factor + (t % 2 ? -at.flicker : at.flicker), 0), 1);
      });
    }

    function show() {
      const mattes = truth.map(spoiled), e = mattes.map((matte, t) => matte.map((value, i) => value - truth[t][i]));
      mattes.forEach((matte, t) => {
        paint(wrong[t], W, H, (i) => grey(matte[i]));
        paint(errors[t], W, H, (i) => signed(e[t][i]));
      });
      const mean = (frames, price) => frames.reduce((sum, frame) => sum + frame.reduce((part, value, i) => part + price(value, i), 0), 0) / (frames.length * pixels);
      const l1 = mean(e, Math.abs), layers = e.map((frame) => laplacianLayers(frame, H, W));
      const byLayer = layers[0].map((_, k) => layers.reduce((sum, frame) => sum + frame[k], 0) / T);
      const changes = e.slice(1).map((frame, t) => frame.map((value, i) => value - e[t][i]));
      const prices = { pha_l1: [l1], pha_laplacian: byLayer, pha_coherence: [coherence * mean(changes, (value) => value ** 2)] };
      const sums = Object.values(prices).map((parts) => parts.reduce((sum, part) => sum + part, 0));
      const largest = Math.max(...sums), total = sums.reduce((sum, price) => sum + price), full = FULL_BARS.find((end) => 1000 * largest <= end);
      bars.replaceChildren(...Object.entries(prices).flatMap(([name, parts], k) => [
        make("span", {}, name), make("b", { "data-price": sums[k] }, (1000 * sums[k]).toFixed(1)),
        make("div", { className: "bar" }, ...parts.map((part, layer) => make("i", {
          title: parts.length > 1 ? `layer ${layer}: ${(1000 * part).toFixed(1)}` : "",
          style: `width: ${(100000 * part) / full}%; opacity: ${parts.length > 1 ? 0.35 + 0.16 * layer : 0.85}` })))]),
        make("span", {}, "their sum"), make("b", { "data-price": total }, (1000 * total).toFixed(1)),
        make("span", { className: "note" }, `full bar: ${full} thousandths`));
      const dearest = Object.keys(prices)[sums.indexOf(largest)];
      said.textContent = total === 0 ? "Nothing is wrong yet: move a slider."
        : `Thousandths. ${dearest} asks for most: ${Math.round((100 * largest) / total)} % of the sum.`;
    }

    const knob = (label, name, options) => slider(label, { min: 0, value: at[name], ...options }, (value) => { at[name] = value; show(); });
    const px = (value) => `${value} px`;
    const knobs = [knob("shift", "shift", { max: 8, show: px }), knob("blur σ", "sigma", { max: 5, step: 0.25, show: px }),
      knob("hole radius", "radius", { max: Math.floor(Math.min(H, W) / 4), show: px }),
      knob("factor on α", "factor", { max: 1.5, step: 0.05, show: (value) => value.toFixed(2) }),
      knob("flicker ±", "flicker", { max: 0.3, step: 0.01, show: (value) => value.toFixed(2) })];
    const trueFrames = truth.map((frame, t) => { const one = canvas(`true matte, frame ${t}`); paint(one, W, H, (i) => grey(frame[i])); return one; });
    show();
    const names = truth.map((_, t) => `frame ${t}`), sheet = [trueFrames, wrong, errors].flatMap((frames, k) =>
      [make("span", {}, ["true", "wrong", "error"][k]), ...frames.map((one, t) => (k ? one : captioned(names[t], one)))]);
    frame(model, el, make("div", { className: "beside" },
      make("div", { className: "pictures", style: `grid-template-columns: 2.8em repeat(${T}, 1fr); align-items: center` }, ...sheet),
      make("div", { className: "knobs" }, ...knobs)),
      row(scale(BLUE_RED, "error −1", "+1 (too much)"), make("span", { className: "note" }, "layers of the Laplacian: pale = fine, full = coarse")), bars, said);
  },
};
