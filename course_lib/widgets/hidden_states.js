const WIDTH = 340, OVERVIEW = 696, GAP = 4; // pixels of a picture, of all channels together, between two channels
const MARK = "#e69f00";
const text = (value) => value.toFixed(2).replace("-", "−");

export default {
  async render({ model, el }) {
    const { frames, numbers, scales, scale: firstScale, which: firstWhich } = model.get("data");
    const [film, ...sheets] = await Promise.all([frames, ...scales.map((scale) => scale.sheet)].map(picture));
    const frameHeight = film.height / numbers.length, height = Math.round((WIDTH * frameHeight) / film.width);
    let k = firstScale, channel = firstWhich, now = 0, place = [0.5, 0.5]; // the place: 0 … 1 across and down

    // Values of one stored channel in one frame, in −1 … 1, row by row.
    const values = (index, which) => {
      const { columns, channels, height: rows, width } = scales[k], sheet = sheets[k];
      const left = (which % columns) * width, top = ((index * channels.length) / columns + Math.floor(which / columns)) * rows;
      return Float32Array.from({ length: rows * width }, (_, at) =>
        sheet.pixels[4 * ((top + Math.floor(at / width)) * sheet.width + left + (at % width))] / 127.5 - 1);
    };
    const cell = () => [scales[k].width, scales[k].height].map((count, axis) => Math.min(Math.floor(place[axis] * count), count - 1));

    const view = make("canvas", { className: "framed", width: WIDTH, height });
    const map = make("canvas", { className: "framed", width: WIDTH, height });
    const overview = make("canvas", { className: "pixels" }), one = make("canvas");
    const status = make("p", { className: "note", role: "status" }), title = make("b");

    // A rectangle around the chosen cell: on the map the cell, on the frame the pixels that it stands for.
    const mark = (canvas) => {
      const { width, height: rows } = scales[k], [x, y] = cell(), context = canvas.getContext("2d");
      context.strokeStyle = MARK; context.lineWidth = 2;
      context.strokeRect((x * WIDTH) / width, (y * height) / rows, WIDTH / width, height / rows);
    };
    const tile = (which) => {
      const shown = values(now, which);
      paint(one, scales[k].width, scales[k].height, (index) => signed(shown[index]));
      return one;
    };
    const redraw = () => {
      const { name, channels, all, width, height: rows, stride } = scales[k], [x, y] = cell(), shown = values(now, channel);
      const number = channels[channel], some = channels.length < all ? ` (here the ${channels.length} liveliest)` : "";
      view.getContext("2d").drawImage(film, 0, now * frameHeight, film.width, frameHeight, 0, 0, WIDTH, height);
      const context = map.getContext("2d");
      context.imageSmoothingEnabled = false;
      context.drawImage(tile(channel), 0, 0, WIDTH, height);
      mark(view); mark(map);
      const low = Math.min(...shown), high = Math.max(...shown), at = y * width + x;
      const past = numbers.map((frame, index) => `${frame} ≈ ${text(values(index, channel)[at])}`).join(", ");
      title.textContent = `${name}, channel ${number}: ${text(low)} to ${text(high)}`;
      status.textContent = `${name} has ${all} channels${some} of ${rows} × ${width} cells, one for ${stride} × ${stride} pixels. `
        + `Marked: row ${y}, column ${x}. Its value in channel ${number} at frame ${past}.`;
      view.setAttribute("aria-label", `frame ${numbers[now]} with the ${stride} × ${stride} pixels of the cell in row ${y}, column ${x}`);
      map.setAttribute("aria-label", `${name}, channel ${number}, frame ${numbers[now]}; the arrow keys choose a cell, now row ${y}, column ${x}`);
    };

    // All channels of the frame as small pictures, the chosen one in a frame.
    const redrawAll = () => {
      const { columns, channels, width, height: rows, name } = scales[k];
      const wide = OVERVIEW / columns, high = ((wide - GAP) * rows) / width + GAP;
      overview.width = OVERVIEW; overview.height = (high * channels.length) / columns;
      const context = overview.getContext("2d");
      context.imageSmoothingEnabled = false;
      for (let which = 0; which < channels.length; which++) {
        const x = (which % columns) * wide + GAP / 2, y = Math.floor(which / columns) * high + GAP / 2;
        context.drawImage(tile(which), x, y, wide - GAP, high - GAP);
        if (which !== channel) continue;
        context.strokeStyle = MARK; context.lineWidth = 3;
        context.strokeRect(x - 0.5, y - 0.5, wide - GAP + 1, high - GAP + 1);
      }
      overview.setAttribute("aria-label", `all channels of ${name} in frame ${numbers[now]}; the arrow keys choose one, now ${channels[channel]}`);
      redraw();
    };

    const toChannel = (which) => { channel = within(which, 0, scales[k].channels.length - 1); channelSlider.move(channel); redrawAll(); };
    const toCell = (x, y) => { place = [within(x, 0, 1), within(y, 0, 1)]; redraw(); };
    const step = (dx, dy) => {
      const [x, y] = cell();
      toCell((x + dx + 0.5) / scales[k].width, (y + dy + 0.5) / scales[k].height);
    };
    for (const canvas of [view, map]) pointed(canvas, toCell, step);
    pointed(overview, (x, y) => {
      const { columns, channels } = scales[k], lines = channels.length / columns, line = Math.min(Math.floor(y * lines), lines - 1);
      toChannel(line * columns + Math.min(Math.floor(x * columns), columns - 1));
    }, (dx, dy) => toChannel(channel + dx + dy * scales[k].columns));

    const scaleList = choice("scale", scales.map((scale) => `${scale.name} (1/${scale.stride})`), k, (index) => {
      k = index;
      channelSlider.querySelector("input").max = scales[k].channels.length - 1;
      toChannel(channel);
    });
    const channelSlider = slider("channel", { min: 0, max: scales[k].channels.length - 1, value: channel,
      show: (which) => String(scales[k].channels[which]) }, toChannel);
    const frameSlider = slider("frame", { min: 0, max: numbers.length - 1, value: now, show: (index) => String(numbers[index]) },
      (index) => { now = index; redrawAll(); });
    const pair = make("div", { className: "columns" }, make("div", {}, make("b", {}, "the frame"), view), make("div", {}, title, map));
    const controls = row(scaleList, channelSlider, frameSlider);
    controls.classList.add("narrow");
    frame(model, el, controls, pair, row(scale(BLUE_RED, "−1", "+1"), make("span", { className: "note" }, "white: 0. The channels:")), overview, status);
    redrawAll();
  },
};
