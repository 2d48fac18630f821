const SCALE = 2; // pixels of a canvas for one of a frame, so that the mark is thinner than a row
const SLICE = 132; // height of a slice on the page
const MARK = "#e69f00";

export default {
  async render({ model, el }) {
    const { names, sheets, columns, height, width, numbers, rate, first, row: firstRow } = model.get("data");
    const films = await Promise.all(sheets.map(picture));
    const last = numbers.length - 1;
    let now = first, line = firstRow, playing = null;

    const corner = (index) => [(index % columns) * width, Math.floor(index / columns) * height];
    const views = names.map(() => make("canvas", { className: "framed", width: SCALE * width, height: SCALE * height }));
    const slices = names.map(() => make("canvas", { className: "framed pixels", width: SCALE * width, height: SCALE * SLICE }));
    const cuts = names.map(() => make("canvas", { width, height: numbers.length })); // a slice, one pixel per row and frame
    const status = make("p", { className: "note", role: "status" });

    // Colours of the row in one frame, four bytes a pixel.
    const pixelsOfRow = (film, index) => {
      const [left, top] = corner(index);
      const start = 4 * ((top + line) * film.width + left);
      return film.pixels.subarray(start, start + 4 * width);
    };

    // Mean absolute change of the row since the frame before, in levels of 255.
    const change = (film) => {
      const after = pixelsOfRow(film, now), before = pixelsOfRow(film, Math.max(now - 1, 0));
      let sum = 0;
      for (let at = 0; at < after.length; at++) sum += Math.abs(after[at] - before[at]); // opacity never changes
      return sum / (3 * width);
    };

    const slice = () => films.forEach((film, n) => {
      const image = new ImageData(width, numbers.length);
      numbers.forEach((_, index) => image.data.set(pixelsOfRow(film, index), 4 * width * index));
      cuts[n].getContext("2d").putImageData(image, 0, 0);
    });

    const redraw = () => {
      films.forEach((film, n) => {
        const view = views[n].getContext("2d"), below = slices[n].getContext("2d");
        view.drawImage(film, ...corner(now), width, height, 0, 0, SCALE * width, SCALE * height);
        mark(view, SCALE * (line + 0.5), SCALE * width);
        below.imageSmoothingEnabled = false;
        below.drawImage(cuts[n], 0, 0, SCALE * width, SCALE * SLICE);
        mark(below, (SCALE * SLICE * (now + 0.5)) / numbers.length, SCALE * width);
        views[n].setAttribute("aria-label", `${names[n]}, frame ${numbers[now]}, row ${line} is marked`);
        slices[n].setAttribute("aria-label", `${names[n]}: row ${line} over time, downwards; frame ${numbers[now]} is marked`);
      });
      const changes = films.map((film, n) => `${names[n]} ${change(film).toFixed(1)}`).join(", ");
      status.textContent = now
        ? `Frame ${numbers[now]}, row ${line}. Mean change of the row since frame ${numbers[now - 1]}, of 255: ${changes}.`
        : `Frame ${numbers[now]}, row ${line}. The first frame: nothing before it to compare with.`;
    };
    const toFrame = (index) => { now = within(index, 0, last); frames.move(now); redraw(); };
    const toRow = (index) => { line = within(index, 0, height - 1); rows.move(line); slice(); redraw(); };

    const pause = () => { clearInterval(playing); playing = null; button.textContent = "▶ play"; };
    const play = () => {
      button.textContent = "❚❚ pause";
      playing = setInterval(() => (el.isConnected ? toFrame(now === last ? 0 : now + 1) : pause()), 1000 / rate);
    };
    const button = make("button", { type: "button", onclick: () => (playing === null ? play() : pause()) }, "▶ play");
    const show = (index) => String(numbers[index]);
    const frames = slider("frame", { min: 0, max: last, value: now, show }, (index) => { pause(); toFrame(index); });
    const rows = slider("row", { min: 0, max: height - 1, value: line }, toRow);
    for (const view of views) pointed(view, (x, y) => toRow(Math.floor(y * height)), (dx, dy) => toRow(line + dy));
    for (const below of slices) pointed(below, (x, y) => toFrame(Math.floor(y * numbers.length)), (dx, dy) => toFrame(now + dy));

    const titles = names.map((name, n) => make("div", {}, make("b", {}, name), views[n],
      make("div", { className: "note" }, n ? "\u00a0" : "the marked row over time ↓"), slices[n]));
    slices.forEach((below) => { below.style.height = `${SLICE}px`; });
    frame(model, el, row(button, frames, rows), make("div", { className: "columns" }, ...titles), status);
    slice();
    redraw();
  },
};

// A line across, thin so that one sees what lies under it, with a triangle at each end.
function mark(context, y, width) {
  context.fillStyle = MARK;
  context.fillRect(0, y - 0.75, width, 1.5);
  for (const [x, inwards] of [[0, 9], [width, -9]]) {
    context.beginPath();
    context.moveTo(x, y - 7); context.lineTo(x, y + 7); context.lineTo(x + inwards, y);
    context.fill();
  }
}
