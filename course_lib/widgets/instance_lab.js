const FAINT = 0.5; // of an instance's colour over the picture
const ALL = "all that is found";
const DOUBT = "4 3"; // dashes of an outline: not right

export default {
  render({ model, el }) {
    const { parts, names } = contest(model, "pictures");
    const table = make("div"), each = make("div"), about = make("div");
    const at = { picture: 0, look: 0, sure: model.get("data").sure ?? 0.4, map: { A: 0, B: 0 } };
    const loaded = new Map(); // pictures are decoded when they are first looked at
    const LOOKS = [
      { name: "what is found", paints: true },
      { name: "activation maps", maps: true },
      { name: "the objects (truth)", paints: true, truth: true },
      { name: "the picture", bare: true },
    ];
    const looks = () => LOOKS.filter((look) => model.get("data").truth || !look.truth);
    const show = (wanted) => { at.look = wanted; pick.fill(looks().map(({ name }) => name), looks().indexOf(LOOKS[wanted])); return redraw(); };
    const shownOf = (picture, side) => picture[side].found.filter(({ score }) => score >= at.sure);

    const pick = choice("show", [], 0, (k) => show(LOOKS.indexOf(looks()[k])));
    const called = (k) => model.get("data").pictures?.[k].name ?? "";
    const which = slider("picture", { min: 0, max: 1, value: 0, show: called }, (k) => { at.picture = k; redraw(); });
    const least = { min: model.get("data").least ?? 0.1, max: 0.95, step: 0.05, value: at.sure, show: (v) => v.toFixed(2) };
    const sure = slider("score at least", least, (v) => { at.sure = v; redraw(); });
    const views = {};
    for (const side of SIDES) {
      const svg = draw("svg", { role: "img" }), map = make("canvas", { className: "pixels", ariaLabel: "activation map" });
      const painted = make("canvas", { ariaLabel: "picture" });
      // Who chooses a map wants to see it.
      const maps = choice("map of", [ALL], 0, (index) => { at.map[side] = index; show(1); });
      views[side] = { painted, map, svg, maps, said: make("div"), head: heading(side) };
    }
    const columns = SIDES.map((side) => {
      const { painted, map, svg, maps, said, head } = views[side];
      return make("div", {}, head, layers(painted, map, svg), maps, said);
    });
    const legend = row(scale(VIRIDIS, "each map: 0", "its largest value"));
    const body = make("div", { hidden: true }, make("div", { className: "line narrow" }, pick, which, sure), legend,
      make("div", { className: "columns" }, ...columns), make("div", { className: "columns matches" }, table, each), about);

    const redraw = async () => {
      const data = model.get("data"), asked = { ...at };
      const picture = data.pictures[at.picture], films = await decode(picture);
      if (asked.picture !== at.picture || data !== model.get("data")) return; // the reader has gone on
      const look = LOOKS[at.look];
      SIDES.forEach((side, k) => {
        const shown = shownOf(picture, side), { painted, map, svg, maps, said } = views[side];
        const objects = picture.objects.map((object, m) => ({ ...object, mask: films.objects[m], text: object.name }));
        const found = shown.map((one, n) => ({
          ...one, mask: films[side][n], text: `${wrong(one) ? "✗ " : ""}${one.says} ${one.score.toFixed(2)}`, dashes: wrong(one),
        }));
        at.map[side] = Math.min(at.map[side], shown.length);
        const chosen = at.map[side] - 1;
        const items = look.bare ? [] : look.truth ? objects : look.maps ? (chosen < 0 ? found : [found[chosen]]) : found;
        tint(painted, films.image, look.paints ? items : [], look.maps);
        map.style.opacity = look.maps ? 0.7 : 0;
        if (look.maps) together(map, films[`maps ${side}`], chosen < 0 ? shown.map((_, n) => n) : [chosen], picture[side].cells);
        outlined(svg, picture.size, items, !look.maps);
        const what = items.map(({ text, kind }) => (kind ? `${text} (${kind})` : text)).join(", ") || "nothing";
        svg.setAttribute("aria-label", `${names(data.request)[k]}, ${picture.name}, ${look.name}: ${look.bare ? "" : what}`);
        maps.fill([ALL, ...shown.map(told)], at.map[side]);
        said.replaceChildren(matches(picture.objects, picture[side].answers, shown, Object.fromEntries(data.kinds)));
      });
      legend.hidden = !look.maps;
      counts(data);
    };

    // How many are right, and wrong in which way, in all pictures; and picture by picture.
    const counts = (data) => {
      const of = (side, pictures) => {
        const shown = pictures.flatMap((picture) => shownOf(picture, side));
        const missed = pictures.reduce((sum, picture) => sum + missing(picture, shownOf(picture, side)).length, 0);
        return (kind) => (kind === "missed" ? missed : shown.filter((one) => one.kind === kind).length);
      };
      const whole = SIDES.map((side) => of(side, data.pictures));
      table.replaceChildren(compared(["all pictures", ...SIDES], [...data.table, ...data.kinds.map(([kind, name]) => [name, ...whole.map((count) => `${count(kind)}`)])]));
      const line = (picture, k) => [`${k === at.picture ? "▸ " : ""}${picture.name}`, ...SIDES.map((side) => {
        const count = of(side, [picture]), n = shownOf(picture, side).length;
        return data.truth ? `${count("right")} / ${picture.objects.length}, ${n - count("right")} ✗` : `${n}`;
      })];
      each.replaceChildren(compared([data.truth ? "right / objects, wrong ✗" : "found", ...SIDES], data.pictures.map(line)));
    };

    // The controls stay, and with them the keyboard's focus: only what they offer changes.
    const fill = () => {
      const { pictures, truth, about: texts, note, request } = model.get("data");
      at.picture = Math.min(at.picture, pictures.length - 1);
      which.reach(pictures.length - 1); which.move(at.picture);
      SIDES.forEach((side, k) => views[side].head.call(names(request)[k]));
      const scored = "query: which one answers for the object, as in training; score: its dice^0.8 · class^0.2; IoU: of its mask. ";
      about.replaceChildren(explained(texts, `${truth ? scored : ""}Pictures: ${note}`));
      body.hidden = false;
      return show(looks().includes(LOOKS[at.look]) ? at.look : 0);
    };

    const decode = (picture) => {
      if (!loaded.has(picture)) loaded.set(picture, films(picture));
      return loaded.get(picture);
    };
    const load = () => (model.get("data").pictures ? fill() : undefined);
    model.on("change:data", () => { loaded.clear(); load(); });
    frame(model, el, ...parts, body);
    return load();
  },
};

const wrong = ({ kind }) => kind !== "right" && kind !== "found";
const told = ({ says, score, query }) => `${query < 0 ? "" : `query ${query}: `}${says} ${score.toFixed(2)}`;
const missing = ({ objects }, shown) => objects.filter((_, m) => !shown.some(({ object }) => object === m));

// The pictures of one entry of `data.pictures`: masks as Uint8Arrays of 0 and 1, maps as those of 0 … 255, one for each instance.
async function films({ image, size: [height, width], objects, masks, A, B }) {
  const whole = await picture(image);
  return {
    image: whole,
    objects: await cut(masks, objects.length, height, width, 1),
    A: await cut(A.masks, A.found.length, height, width, 1), B: await cut(B.masks, B.found.length, height, width, 1),
    "maps A": await cut(A.maps, A.found.length, ...A.cells), "maps B": await cut(B.maps, B.found.length, ...B.cells),
  };
}

// A sheet of pictures, `columns` in a row, cut up. binary: 1 where it is light.
async function cut(sheet, count, height, width, binary) {
  if (!sheet || !count) return [];
  const { pixels, width: across } = await picture(sheet.uri);
  return Array.from({ length: count }, (_, n) => {
    const left = (n % sheet.columns) * width, top = Math.floor(n / sheet.columns) * height;
    return Uint8Array.from({ length: width * height }, (_, i) => {
      const level = pixels[4 * ((top + Math.floor(i / width)) * across + left + (i % width))];
      return binary ? level > 127 : level;
    });
  });
}

// The picture with each item's mask in its colour, the first on top; pale and grey where a map is to be laid over it.
function tint(canvas, { pixels, width, height }, items, pale) {
  const last = [...items].reverse();
  paint(canvas, width, height, (i) => {
    let colour = [0, 1, 2].map((c) => pixels[4 * i + c]);
    if (pale) return colour.fill((colour[0] + colour[1] + colour[2]) / 3);
    for (const item of last) if (item.mask[i]) colour = colour.map((part, c) => (1 - FAINT) * part + FAINT * item.colour[c]);
    return colour;
  });
}

// Maps of several queries laid together: at each cell the largest. Each is given from 0 to its own largest value.
function together(canvas, maps, chosen, [height, width]) {
  paint(canvas, Math.max(width, 1), Math.max(height, 1), (i) => heat(Math.max(0, ...chosen.map((n) => maps[n]?.[i] ?? 0)) / 255));
}

// Outlines, and tags that do not lie on each other.
function outlined(svg, [height, width], items, tags) {
  const letter = Math.max(height, width) / 24, taken = [];
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  const lines = items.map(({ mask, colour, dashes }) => draw("path", {
    d: outline(mask, width, height), fill: "none", stroke: `rgb(${colour})`, "stroke-width": 1.6, "stroke-dasharray": dashes ? DOUBT : "none",
  }));
  const plates = !tags ? [] : items.map(({ mask, colour, text }) => {
    const first = Math.max(mask.indexOf(1), 0), wide = Math.min(text.length * 0.6 * letter + 4, width), tall = 1.25 * letter;
    const left = within((first % width) - wide / 2, 0, width - wide);
    let top = within(Math.floor(first / width) - tall, 0, height - tall);
    while (taken.some(([x, y, w]) => x < left + wide && left < x + w && Math.abs(y - top) < tall) && top + 2 * tall <= height) top += tall;
    taken.push([left, top, wide]);
    return draw("g", {}, draw("rect", { x: left, y: top, width: wide, height: tall, fill: `rgb(${colour})` }),
      draw("text", { x: left + 2, y: top + letter, "font-size": letter, fill: readable(colour) }, text));
  });
  svg.replaceChildren(...lines, ...plates);
}

// Object by object: which query answers for it, and whether it was found; then what is wrong without pointing at any.
function matches(objects, answers, shown, kinds) {
  const called = (colour, name) => make("span", { className: "together" }, make("span", { style: `color: rgb(${colour})` }, "■ "), name);
  const by = ({ query, says, score, kind }, own) => (kind === "right" ? `✓ ${score.toFixed(2)}` : `✗ ${kinds[kind]}: ${says} ${score.toFixed(2)}`) + (query === (own?.query ?? query) ? "" : `, query ${query}`);
  const cells = ({ query, score, iou }) => (query < 0 ? ["–", "–", "–"] : [`${query}`, score.toFixed(2), iou.toFixed(2)]);
  const rows = objects.map(({ name, colour }, m) => {
    const pointing = shown.filter(({ object }) => object === m);
    const best = pointing.find(({ kind }) => kind === "right") ?? pointing[0];
    return [called(colour, name), ...(answers ? cells(answers[m]) : []), best ? by(best, answers?.[m]) : "missed"];
  });
  const others = shown.filter(({ object }) => object < 0).map((one) => [called(one.colour, told(one)), one.kind === "found" ? "" : `✗ ${kinds[one.kind]}, IoU ${one.iou.toFixed(2)}`]);
  const filled = (cells) => make("tr", {}, ...cells.map((cell) => make("td", {}, cell)));
  const heads = answers ? ["object", "query", "score", "IoU", "found"] : ["object", "found"];
  return make("div", { className: "matches" },
    ...(rows.length ? [make("table", {}, make("tr", {}, ...heads.map((head) => make("th", {}, head))), ...rows.map(filled))] : []),
    ...(others.length ? [make("div", { className: "note" }, rows.length ? "found, but no object of its own:" : "found:"), make("table", {}, ...others.map(filled))] : []));
}
