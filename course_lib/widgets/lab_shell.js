// What both labs have in common: A, B and what they are shown are chosen on top, and a line says what goes on.

const COLOURS = { A: "var(--a)", B: "var(--b)" }; // those of common.css
const SIDES = ["A", "B"];

// `what` is said of the third choice. → the parts, and names(request) of a request [a, b, shown].
function contest(model, what) {
  const { models, shown } = model.get("choices");
  let request = [...model.get("request")];
  const names = (asked) => [models[asked[0]], models[asked[1]], shown[asked[2]]];
  const status = make("p", { className: "note", role: "status" });
  const ask = (at) => (index) => {
    request = request.with(at, index);
    model.set("request", request);
    model.save_changes();
    const [a, b, on] = names(request);
    status.textContent = `${a} and ${b} on ${on}: another choice is computed where the notebook runs (course lab).`;
  };
  const tell = () => { status.textContent = model.get("status"); };
  model.on("change:status", tell);
  model.on("change:data", tell); // what was computed before comes without a word
  tell();
  const lists = [["A", models], ["B", models], [what, shown]].map(([label, options], at) => choice(label, options, request[at], ask(at)));
  return { parts: [row(...lists), status], names };
}

// "A: name"; of what is not there yet only the letter. call(name) changes it.
function heading(side) {
  const head = make("b", { style: `color: ${COLOURS[side]}` }, side);
  head.call = (name) => { head.textContent = `${side}: ${name}`; };
  return head;
}

function compared(heads, rows) {
  const line = (tag, cells) => make("tr", {}, ...cells.map((cell) => make(tag, {}, cell)));
  return make("table", {}, line("th", heads), ...rows.map((cells) => line("td", cells)));
}

function explained(about, note) {
  const lines = [...about.map((text, k) => `${SIDES[k]}: ${text}`), note];
  return make("div", { className: "note" }, ...lines.map((text) => make("div", {}, text)));
}
