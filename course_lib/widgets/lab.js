const STEEP = 64; // change of alpha, of 255, that is drawn in yellow
const MOVED = [60, 60, 60], NOTHING = [128, 128, 128]; // the picture itself changed; there is no foreground

export default {
  render({ model, el }) {
    const { parts, names } = contest(model, "clip");
    let films = null, t = 0, line = -1, look = 0, wiped = false, edge = 0.5, behind = null, measure = 0;

    // Ways to look. Each gives the colour of pixel i of one side in the present frame.
    const LOOKS = [
      { name: "alpha", of: ({ alpha }) => (i) => grey(alpha(t, i) / 255) },
      { name: "person before a new background", of: ({ alpha, foreground }) => (i) => {
        const a = alpha(t, i) / 255, back = behind(i);
        return [0, 1, 2].map((c) => a * foreground(t, i, c) + (1 - a) * back[c]);
      } },
      { name: "foreground, where alpha is not 0", of: ({ alpha, foreground }) => (i) => (alpha(t, i) ? [0, 1, 2].map((c) => foreground(t, i, c)) : NOTHING) },
      { name: "error against the truth", truth: true, legend: () => [scale(VIRIDIS, "error 0", "½ or more")],
        of: ({ alpha }) => (i) => heat((2 * Math.abs(alpha(t, i) - films.truth(t, i))) / 255) },
      { name: "flicker: change of alpha where the picture stands still", legend: () => [scale(VIRIDIS, "change 0", `${STEEP}/255 or more`), scale([MOVED, MOVED], "", "the picture itself changed")],
        of: ({ alpha }) => (i) => (films.still(t, i) ? heat(Math.abs(alpha(t, i) - alpha(Math.max(t - 1, 0), i)) / STEEP) : MOVED) },
      { name: "frame", of: () => (i) => [0, 1, 2].map((c) => films.frames(t, i, c)) },
    ];
    const looks = () => LOOKS.filter(({ truth }) => films.truth || !truth);
    const show = (wanted) => { look = wanted; pick.fill(looks().map(({ name }) => name), looks().indexOf(LOOKS[look])); redraw(); };

    const canvas = (className) => make("canvas", { className });
    const views = { A: canvas("framed"), B: canvas("framed") }, cuts = { A: canvas("framed pixels"), B: canvas("framed pixels") };
    const heads = { A: heading("A"), B: heading("B") };
    const pick = choice("show", [], 0, (k) => show(LOOKS.indexOf(looks()[k])));
    const time = slider("frame", { min: 0, max: 1, value: 0 }, (k) => { t = k; redraw(); });
    const rowOf = slider("row", { min: 0, max: 1, value: 0 }, (k) => { line = k; redraw(); });
    const ground = background(() => show(1)); // who chooses a background wants to see it
    const wipe = tick("A and B in one picture, edge at", wiped, (on) => { wiped = on; redraw(); });
    const where = slider("", { min: 0, max: 100, value: 100 * edge, show: (v) => `${v} %` }, (v) => {
      edge = v / 100;
      wipe.querySelector("input").checked = wiped = true; // who moves the edge wants to see it
      redraw();
    });
    where.querySelector("input").ariaLabel = "edge between A and B";
    const legend = row(), curve = make("div"), means = make("div"), about = make("div");
    const plotted = choice("frame by frame", [], 0, (k) => { measure = k; redraw(); });
    const side = (name) => make("div", {}, heads[name], views[name], make("div", { className: "note" }, "alpha of the row over time ↓"), cuts[name]);
    for (const cut of Object.values(cuts)) cut.style.height = "90px";
    const body = make("div", { hidden: true }, row(pick, time, rowOf), row(...ground.controls), row(wipe, where), legend,
      make("div", { className: "columns" }, ...SIDES.map(side)), row(plotted), curve, means, about);

    const redraw = () => {
      const { width, height, frames, request } = model.get("data"), { of, name, legend: explains } = LOOKS[look];
      behind = ground.at(width, height);
      const colours = { A: of(films.A), B: of(films.B) };
      const shared = (i) => (i % width < edge * width ? colours.A(i) : colours.B(i));
      SIDES.forEach((side, k) => {
        paint(views[side], width, height, wiped ? shared : colours[side]);
        paint(cuts[side], width, frames, (i) => grey(films[side].alpha(Math.floor(i / width), line * width + (i % width)) / 255));
        mark(views[side], line, width);
        mark(cuts[side], t, width);
        const who = names(request)[k];
        views[side].setAttribute("aria-label", `${wiped ? names(request).slice(0, 2).join(" and ") : who}: ${name}, frame ${t}, row ${line} is marked`);
        cuts[side].setAttribute("aria-label", `${who}: alpha of row ${line} over time, downwards`);
      });
      legend.replaceChildren(...(explains ? explains() : []));
      drawCurve();
    };

    const drawCurve = () => {
      const { A, B } = model.get("data"), name = A.curves[measure][0], values = [A, B].map(({ curves }) => curves[measure][1]);
      const top = Math.max(...values.flat(), 1e-6), n = values[0].length;
      const x = (k) => 46 + (640 * k) / Math.max(n - 1, 1), y = (v) => 86 - (72 * v) / top;
      const lines = values.map((one, k) => draw("polyline", {
        points: one.map((v, at) => `${x(at)},${y(v)}`).join(" "), fill: "none", stroke: COLOURS[SIDES[k]], "stroke-width": 2,
      }));
      const text = (at, up, what, anchor) => draw("text", { x: at, y: up, "font-size": 12, fill: "currentColor", "text-anchor": anchor }, what);
      const label = `${name}, frame ${t}: ${values.map((one, k) => `${SIDES[k]} ${one[t]}`).join(", ")}`;
      curve.replaceChildren(draw("svg", { viewBox: "0 0 700 100", role: "img", "aria-label": label },
        ...lines, draw("line", { x1: x(t), x2: x(t), y1: 10, y2: 88, stroke: "#e69f00" }),
        text(40, 18, top.toPrecision(3), "end"), text(40, 90, "0", "end"), text(46, 99, label, "start")));
    };

    // The controls stay, and with them the keyboard's focus: only what they offer changes.
    const fill = () => {
      const { frames, height, table: rows, about: texts, note, A, request } = model.get("data");
      t = Math.min(t, frames - 1);
      line = line < 0 ? Math.floor(height / 2) : Math.min(line, height - 1);
      if (!looks().includes(LOOKS[look])) look = 0;
      time.reach(frames - 1); time.move(t);
      rowOf.reach(height - 1); rowOf.move(line);
      const curves = A.curves.map(([name]) => name);
      measure = Math.min(measure, curves.length - 1);
      plotted.fill(curves, measure);
      SIDES.forEach((side, k) => heads[side].call(names(request)[k]));
      means.replaceChildren(compared(["mean over the clip", ...SIDES], rows));
      about.replaceChildren(explained(texts, `Clip: ${note}`));
      body.hidden = false;
      show(look);
    };

    const load = async () => {
      const data = model.get("data");
      if (!data.sheets) return;
      const { columns, width, height } = data;
      const film = async (uri) => {
        const sheet = await picture(uri);
        return (f, i, c = 0) => { // part c of the colour of pixel i in frame f
          const left = (f % columns) * width + (i % width), top = Math.floor(f / columns) * height + Math.floor(i / width);
          return sheet.pixels[4 * (top * sheet.width + left) + c];
        };
      };
      const all = async (sheets) => Object.fromEntries(await Promise.all(Object.entries(sheets).map(async ([name, uri]) => [name, await film(uri)])));
      const [clip, A, B] = await Promise.all([data, data.A, data.B].map(({ sheets }) => all(sheets)));
      if (data !== model.get("data")) return; // the reader has gone on
      films = { ...clip, A, B };
      fill();
    };
    model.on("change:data", load);
    frame(model, el, ...parts, body);
    return load();
  },
};

// The present row, thin and half transparent.
function mark(canvas, y, width) {
  const context = canvas.getContext("2d");
  context.fillStyle = "#e69f00aa";
  context.fillRect(0, y, width, 1);
}
