const SHARP = 640; // least width of the left canvas, so that outlines and numbers are sharp
const SHOWN = ["composite", "alpha"];

export default {
  async render({ model, el }) {
    const { people, numbers, size: [height, width], across, alphasAcross, rate, ...data } = model.get("data");
    const [frames, foregrounds, alphas, background] = await Promise.all(
      [data.frames, data.foregrounds ?? data.frames, data.alphas, data.background].map(picture));
    const B = background.pixels, masks = people.map(({ mask }) => unpackBits(mask));
    const last = numbers.length - 1, everybody = people.map((_, p) => p);
    const detail = Math.max(width, height); // what lines and letters are measured by
    const scale = Math.ceil(SHARP / width); // pixels of the left canvas for one of a frame
    let chosen = data.chosen, now = 0, shown = 0, playing = null, plates = [];

    const view = make("canvas", { className: "framed", width: scale * width, height: scale * height, tabIndex: 0 });
    const alone = make("canvas", { className: "framed", width, height, role: "img" });
    view.setAttribute("role", "application"); // a screen reader hands the keys on
    const right = make("b"), said = make("p", { role: "status" }), about = make("p", { className: "note" });

    // Frame t of a sheet, and alpha of person p in it: four bytes a pixel.
    const cut = (sheet, n, columns) =>
      sheet.getContext("2d").getImageData((n % columns) * width, Math.floor(n / columns) * height, width, height).data;
    const alphaOf = (p, t) => cut(alphas, p * numbers.length + t, alphasAcross);

    // Where person p is in frame t: 1 for each of their pixels, the outline, and the top of their head.
    const known = new Map();
    const where = (p, t) => {
      const key = `${p} ${t}`;
      if (!known.has(key)) {
        const alpha = t ? alphaOf(p, t) : null;
        const inside = alpha ? Uint8Array.from({ length: width * height }, (_, i) => alpha[4 * i] > 127) : masks[p];
        known.set(key, { inside, line: new Path2D(outline(inside, width, height)), top: topOf(inside, width) });
      }
      return known.get(key);
    };

    // Whose number or who is at a pixel of the present frame; of several the one with most of it. Undefined: nobody.
    const whoIsAt = (x, y) => {
      const plate = plates.find((one) => Math.hypot(one.x - x, one.y - y) < one.radius);
      if (plate) return plate.p;
      const i = y * width + x, there = everybody.filter((p) => where(p, now).inside[i]);
      return there.sort((p, q) => alphaOf(q, now)[4 * i] - alphaOf(p, now)[4 * i])[0];
    };

    const drawPeople = () => {
      const context = view.getContext("2d");
      const side = [(now % across) * width, Math.floor(now / across) * height, width, height];
      context.drawImage(frames, ...side, 0, 0, view.width, view.height);
      context.save();
      context.scale(scale, scale);
      const order = [...everybody.filter((p) => p !== chosen), chosen]; // the chosen one lies on top
      for (const p of order) line(context, where(p, now).line, people[p].colour, (p === chosen ? 2.2 : 1) * (detail / 192));
      plates = places(order.reverse().flatMap((p) => (where(p, now).top ? [{ p, top: where(p, now).top }] : [])), width, height);
      for (const one of plates) numberPlate(context, one, people[one.p].colour, one.p === chosen);
      context.restore();
    };

    const drawAlone = (alpha) => {
      const F = cut(foregrounds, now, across), image = new ImageData(width, height);
      for (let at = 0; at < image.data.length; at += 4) {
        const a = alpha[at] / 255;
        for (let c = at; c < at + 3; c++) image.data[c] = shown ? alpha[at] : a * F[c] + (1 - a) * B[c];
        image.data[at + 3] = 255;
      }
      alone.getContext("2d").putImageData(image, 0, 0);
    };

    const redraw = () => {
      const alpha = alphaOf(chosen, now), person = `person ${chosen + 1}`, frame = `frame ${numbers[now]}`;
      drawPeople();
      drawAlone(alpha);
      let theirs = 0;
      for (let at = 0; at < alpha.length; at += 4) theirs += alpha[at] > 127;
      const share = theirs / (width * height);
      right.textContent = shown ? `alpha of ${person}` : `${person} alone`;
      about.textContent = `Frame ${numbers[now]}: ` + (theirs ? `α of ${person} is above ½ in ${(100 * share).toFixed(share < 0.001 ? 3 : 1)} % of the picture.`
        : `${person} is not to be seen, α is nowhere above ½.`);
      const visible = everybody.filter((p) => where(p, now).top).map((p) => p + 1).join(", ") || "nobody";
      view.setAttribute("aria-label", `${frame}, with outlines and numbers of the people who are seen: ${visible}. ${person} is chosen; `
        + `press ${range(people.length)}, or the left and right arrow keys, to choose another`);
      alone.setAttribute("aria-label", `${shown ? `alpha of ${person}` : `${person} alone before a new background`}, ${frame}`);
    };

    const choose = (p) => { chosen = p; said.textContent = `Person ${p + 1} of ${people.length} is chosen.`; redraw(); };
    const nobody = (why) => { said.textContent = `${why} Person ${chosen + 1} stays chosen.`; };
    const place = (event) => {
      const box = view.getBoundingClientRect();
      return [within(Math.floor(((event.clientX - box.left) / box.width) * width), 0, width - 1),
        within(Math.floor(((event.clientY - box.top) / box.height) * height), 0, height - 1)];
    };
    view.addEventListener("click", (event) => {
      const who = whoIsAt(...place(event));
      if (who === undefined) nobody("Nobody is there: please click inside of an outline.");
      else choose(who);
    });
    view.addEventListener("pointermove", (event) => { view.style.cursor = whoIsAt(...place(event)) === undefined ? "default" : "pointer"; });
    view.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (event.ctrlKey || event.metaKey || event.altKey) return; // the browser's own
      if (step) {
        event.preventDefault(); // the page stays where it is
        choose(within(chosen + step, 0, people.length - 1));
      } else if (/^[1-9]$/.test(event.key)) {
        if (people[event.key - 1]) choose(event.key - 1);
        else nobody(`There is no person ${event.key}.`);
      }
    });

    const toFrame = (index) => { now = index; time.move(now); redraw(); };
    const pause = () => { clearInterval(playing); playing = null; button.textContent = "▶ play"; };
    const play = () => {
      button.textContent = "❚❚ pause";
      playing = setInterval(() => (el.isConnected ? toFrame(now === last ? 0 : now + 1) : pause()), 1000 / rate);
    };
    const button = make("button", { type: "button", onclick: () => (playing === null ? play() : pause()) }, "▶ play");
    const time = slider("frame", { min: 0, max: last, value: now, show: (index) => String(numbers[index]) }, (index) => { pause(); toFrame(index); });
    const show = choice("show", SHOWN, shown, (index) => { shown = index; redraw(); });
    frame(model, el, make("div", { className: "columns" }, make("div", {}, make("b", {}, "click a person"), view), make("div", {}, right, alone)),
      row(button, time, show), said, about);
    said.textContent = `Click a person in the left picture, or go there with Tab and press ${range(people.length)}.`;
    redraw();
  },
};

const range = (count) => (count === 1 ? "1" : `1 to ${Math.min(count, 9)}`);

// Where a mask begins, or null for an empty one: the middle of the first row that has a thirtieth of it above. A scrap that is
// left over from somebody else, above the head, is smaller than that.
function topOf(inside, width) {
  const total = inside.reduce((sum, one) => sum + one, 0);
  for (let y = 0, above = 0; above < total; y++) {
    const row = inside.subarray(y * width, (y + 1) * width), count = row.reduce((sum, one) => sum + one, 0);
    above += count;
    if (count && above >= total / 30) return [row.reduce((sum, one, x) => sum + one * (x + 0.5), 0) / count, y];
  }
  return null;
}

// An outline with a dark rim, so that it is seen on any ground.
function line(context, path, colour, thick) {
  context.lineCap = "square";
  for (const [strokeStyle, lineWidth] of [["rgba(0, 0, 0, 0.6)", 1.8 * thick], [colour, thick]]) {
    Object.assign(context, { strokeStyle, lineWidth });
    context.stroke(path);
  }
}

// Where the numbers go: above the heads, lower where that is outside of the picture or taken.
function places(heads, width, height) {
  const radius = Math.max(width, height) / 22, taken = [];
  for (const { p, top: [middle, head] } of heads) {
    const x = within(middle, radius + 1, width - radius - 1);
    let y = within(head - radius, radius + 1, height - radius - 1);
    while (taken.some((one) => Math.hypot(one.x - x, one.y - y) < 2.2 * radius) && y + 1.5 * radius < height) y += radius / 2;
    taken.push({ p, x, y, radius });
  }
  return taken;
}

function numberPlate(context, { p, x, y, radius }, colour, chosen) {
  context.beginPath(); context.arc(x, y, radius, 0, 7);
  Object.assign(context, { fillStyle: colour, strokeStyle: chosen ? "white" : "rgba(0, 0, 0, 0.6)", lineWidth: radius / (chosen ? 4 : 8) });
  context.fill(); context.stroke();
  context.fillStyle = readable([1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16)));
  Object.assign(context, { font: `bold ${1.4 * radius}px sans-serif`, textAlign: "center", textBaseline: "middle" });
  context.fillText(p + 1, x, y + radius / 12);
}
