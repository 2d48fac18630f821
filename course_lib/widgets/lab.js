const GROUNDS = { green: [0, 177, 64], white: [255, 255, 255], black: [0, 0, 0], blue: [30, 90, 200] };

export default {
  render({ model, el }) {
    const { parts, names } = contest(model, "clip");
    let films = null, t = 0, line = 0, look = 0, ground = "green", wiped = false, edge = 0.5;

    const views = { A: make("canvas", { className: "framed" }), B: make("canvas", { className: "framed" }) };
    const cuts = { A: make("canvas", { className: "framed pixels" }), B: make("canvas", { className: "framed pixels" }) };
    const curve = make("div");
    const body = make("div");

    // Ways to look. Each gives the colour of pixel i of one side in the present frame.
    const LOOKS = [
      ["alpha", ({ alpha }) => (i) => grey(alpha(t, i) / 255)],
      ["person before a colour", ({ alpha, foreground }) => (i) => {
        const a = alpha(t, i) / 255;
        return GROUNDS[ground].map((back, c) => a * foreground(t, i, c) + (1 - a) * back);
      }],
      ["foreground", ({ foreground }) => (i) => [0, 1, 2].map((c) => foreground(t, i, c))],
      ["error against the truth", ({ alpha }) => (i) => heat((2 * Math.abs(alpha(t, i) - films.truth(t, i))) / 255)],
      ["flicker: change of alpha where the picture stands still", ({ alpha }) => (i) => {
        const before = Math.max(t - 1, 0);
        const moved = Math.max(...[0, 1, 2].map((c) => Math.abs(films.frames(t, i, c) - films.frames(before, i, c)))) >= 6;
        return moved ? [60, 60, 60] : heat(Math.abs(alpha(t, i) - alpha(before, i)) / 64);
      }],
      ["frame", () => (i) => [0, 1, 2].map((c) => films.frames(t, i, c))],
    ];

    const redraw = () => {
      const { width, height, frames } = model.get("data");
      const colours = { A: LOOKS[look][1](films.A), B: LOOKS[look][1](films.B) };
      const shared = (i) => (i % width < edge * width ? colours.A(i) : colours.B(i));
      for (const side of SIDES) {
        paint(views[side], width, height, wiped ? shared : colours[side]);
        paint(cuts[side], width, frames, (i) => grey(films[side].alpha(Math.floor(i / width), line * width + (i % width)) / 255));
        mark(views[side], line, width);
        mark(cuts[side], t, width);
        const name = names(model.get("data").request)[SIDES.indexOf(side)];
        views[side].setAttribute("aria-label", `${name}: ${LOOKS[look][0]}, frame ${t}, row ${line} is marked`);
        cuts[side].setAttribute("aria-label", `${name}: alpha of row ${line} over time, downwards`);
      }
      drawCurve();
    };

    const drawCurve = () => {
      const { name, values } = model.get("data").curve, top = Math.max(...values.flat(), 1e-6), n = values[0].length;
      const x = (k) => 46 + (640 * k) / Math.max(n - 1, 1), y = (v) => 86 - (72 * v) / top;
      const lines = values.map((one, k) => draw("polyline", {
        points: one.map((v, at) => `${x(at)},${y(v)}`).join(" "), fill: "none", stroke: COLOURS[SIDES[k]], "stroke-width": 2,
      }));
      const text = (at, up, what, anchor) => draw("text", { x: at, y: up, "font-size": 12, fill: "currentColor", "text-anchor": anchor }, what);
      curve.replaceChildren(draw("svg", { viewBox: "0 0 700 100", role: "img", "aria-label": `${name} of each frame, A and B` },
        ...lines, draw("line", { x1: x(t), x2: x(t), y1: 10, y2: 88, stroke: "#e69f00" }),
        text(40, 18, top.toPrecision(3), "end"), text(40, 90, "0", "end"), text(46, 99, `${name}, frame by frame`, "start")));
    };

    const controls = () => {
      const { frames, height, table: rows, about: texts, note, sheets, request: shown } = model.get("data");
      t = Math.min(t, frames - 1);
      line = Math.min(line || Math.floor(height / 2), height - 1);
      const looks = LOOKS.map(([name]) => name).filter((name) => sheets.truth || !name.startsWith("error"));
      if (!looks.includes(LOOKS[look][0])) look = 0;
      const pick = choice("show", looks, looks.indexOf(LOOKS[look][0]), (k) => { look = LOOKS.findIndex(([name]) => name === looks[k]); redraw(); });
      const back = choice("colour", Object.keys(GROUNDS), Object.keys(GROUNDS).indexOf(ground), (k) => {
        ground = Object.keys(GROUNDS)[k];
        look = LOOKS.findIndex(([name]) => name === "person before a colour"); // who chooses a colour wants to see it
        pick.querySelector("select").value = looks.indexOf(LOOKS[look][0]);
        redraw();
      });
      const time = slider("frame", { min: 0, max: frames - 1, value: t }, (k) => { t = k; redraw(); });
      const rowOf = slider("row", { min: 0, max: height - 1, value: line }, (k) => { line = k; redraw(); });
      const wipe = tick("A and B in one picture, edge at", wiped, (on) => { wiped = on; redraw(); });
      const where = slider("", { min: 0, max: 100, value: 100 * edge, show: (v) => `${v} %` }, (v) => {
        edge = v / 100;
        wipe.querySelector("input").checked = wiped = true; // who moves the edge wants to see it
        redraw();
      });
      where.querySelector("input").ariaLabel = "edge between A and B";
      const called = names(shown);
      const side = (name, k) => make("div", {}, heading(name, called[k]), views[name], make("div", { className: "note" }, "alpha of the row over time ↓"), cuts[name]);
      for (const cut of Object.values(cuts)) cut.style.height = "90px";
      body.replaceChildren(row(pick, back, time, rowOf), row(wipe, where), make("div", { className: "columns" }, ...SIDES.map(side)), curve,
        row(compared(["mean over the clip", "A", "B"], rows)), explained(texts, `Clip: ${note}`));
    };

    const load = async () => {
      const data = model.get("data");
      if (!data.sheets) return;
      const { columns, width, height } = data;
      const made = {};
      for (const [name, uri] of Object.entries(data.sheets)) {
        const film = await picture(uri);
        // Part c of the colour of pixel i in frame f.
        made[name] = (f, i, c = 0) => {
          const left = (f % columns) * width + (i % width), top = Math.floor(f / columns) * height + Math.floor(i / width);
          return film.pixels[4 * (top * film.width + left) + c];
        };
      }
      films = { frames: made.frames, truth: made.truth };
      for (const side of SIDES) films[side] = { alpha: made[`alpha ${side.toLowerCase()}`], foreground: made[`foreground ${side.toLowerCase()}`] };
      controls();
      redraw();
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
