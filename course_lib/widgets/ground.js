// What a person is put in front of: one of four colours, any colour, or a picture from the reader's disk. It stays in the page.

const PLAIN = { green: [0, 177, 64], white: [255, 255, 255], black: [0, 0, 0], blue: [30, 90, 200] };

// changed() is called for every choice. → the controls, and at(width, height): the colour of each pixel.
function background(changed) {
  const grounds = Object.entries(PLAIN).map(([name, colour]) => ({ name, at: () => () => colour }));
  const said = make("span", { className: "note", role: "status" });
  let chosen = grounds[0];
  const list = choice("before", grounds.map(({ name }) => name), 0, (index) => { chosen = grounds[index]; changed(); });
  // A ground of the reader's own: it joins the list, or takes the place of the last of its name.
  const choose = (ground) => {
    const at = grounds.findIndex(({ name }) => name === ground.name), place = at < 0 ? grounds.length : at;
    grounds[place] = chosen = ground;
    list.fill(grounds.map(({ name }) => name), place);
    said.textContent = "";
    changed();
  };
  const colour = make("input", { type: "color", value: "#8a5a9e" });
  colour.addEventListener("input", () => {
    const parts = [1, 3, 5].map((at) => parseInt(colour.value.slice(at, at + 2), 16));
    choose({ name: "own colour", at: () => () => parts });
  });
  const file = make("input", { type: "file", accept: "image/*" });
  file.addEventListener("change", async () => {
    if (!file.files.length) return;
    try {
      const photo = await createImageBitmap(file.files[0]);
      choose({ name: "own picture", at: (width, height) => covering(photo, width, height) });
    } catch {
      said.textContent = `${file.files[0].name} is not a picture that this browser knows.`;
    }
  });
  const controls = [list, make("label", {}, "any colour", colour), make("label", {}, "a picture of yours", file), said];
  return { controls, at: (width, height) => chosen.at(width, height) };
}

// A picture as large as it must be to cover width × height, its middle in the middle.
function covering(photo, width, height) {
  const canvas = make("canvas", { width, height }), context = canvas.getContext("2d");
  const zoom = Math.max(width / photo.width, height / photo.height), [w, h] = [zoom * photo.width, zoom * photo.height];
  context.imageSmoothingQuality = "high";
  context.drawImage(photo, (width - w) / 2, (height - h) / 2, w, h);
  const { data } = context.getImageData(0, 0, width, height);
  return (i) => data.subarray(4 * i, 4 * i + 3);
}
