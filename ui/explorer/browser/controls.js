// Buttons and sliders around the picture. Each is tied to one value of the view.
const SHORT_HELP = [
  ["drag in 3D", "turn; with the right button or Shift, move; wheel zooms"], ["click", "put the crosshair there; the plane and all panes go through it"],
  ["arrow in 3D", "drag its tip to tilt the plane"], ["wheel on a slice", "move the plane along its arrow; with Ctrl or Shift, zoom"],
  ["drag on a slice", "move the crosshair; with Shift, move the picture"], ["← →  ↑ ↓", "azimuth and tilt, 1° (with Shift 10°)"],
  ["PgUp PgDn", "move the plane"], ["F", "see the slice from behind"], ["1 2 3 4", "view from oblique, above, front, side"], ["O", "three orthogonal panes"],
  ["M", "measured cells beside the slice"], ["U", "uncertainty: off, mark, hide weak places"], ["L", "draw a region on the slice (Esc ends it)"],
  ["T", "turntable"], ["Z", "undo"], ["0", "fit the slice into its pane"], ["R", "reset the view"], ["x* y* depth*", "an axis of a tilted plane that runs mostly along x, y or depth"], ["?", "this help (Esc closes it)"],
];

// Ends of an axis, from low to high: left, right, anterior, posterior, dorsal, ventral.
const ENDS = ["", "LR", "RL", "AP", "PA", "DV", "VD"], END_NAMES = { L: "left", R: "right", A: "anterior", P: "posterior", D: "dorsal", V: "ventral" };
const endWords = (ends) => `${END_NAMES[ends[0]]} to ${END_NAMES[ends[1]]}`;

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) name.startsWith("on") ? made[name] = value : made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function slider(app, name, label, { min, max, step, words = String, get, set, title = "" }) {
  const input = element("input", { type: "range", name, min, max, step, "aria-label": label, title }), value = element("output");
  const tied = { get: get || (() => app.view[name]), set: set || ((x) => { app.view[name] = x; }) };
  input.oninput = () => { tied.set(+input.value); changed(app); };
  app.ties.push(() => { input.value = tied.get(); value.textContent = words(tied.get()); });
  return element("label", { class: "slide", title }, element("span", {}, label), input, value);
}

function choice(app, name, label, options, { shown = () => true, title = "" } = {}) {
  const select = element("select", { name, "aria-label": label, title }), made = element("label", { class: "pick", title }, element("span", {}, label), select);
  for (const [value, words] of options) select.append(element("option", { value }, words));
  select.onchange = () => { app.view[name] = select.value; changed(app, true); };
  app.ties.push(() => { select.value = app.view[name]; made.hidden = !shown(); });
  return made;
}

function toggle(app, name, label, title = "") {
  const input = element("input", { type: "checkbox", name, "aria-label": label });
  input.onchange = () => { app.view[name] = input.checked; changed(app, true); };
  app.ties.push(() => { input.checked = !!app.view[name]; });
  return element("label", { class: "check", title }, input, element("span", {}, label));
}

const button = (name, label, act, title = label) => element("button", { type: "button", name, title, onclick: act }, label);

// Two handles over the colour map: the range that colours span.
function rangeSlider(app, channel) {
  const pack = packOf(app, channel), low = Math.min(0, pack.low), high = Math.max(pack.high, channel.range[1]), strip = element("div", { class: "strip" });
  const inputs = [0, 1].map((i) => {
    const input = element("input", { type: "range", min: low, max: high, step: (high - low) / 200, class: `end${i}`,
      "aria-label": `${i ? "Highest" : "Lowest"} colour of ${channel.name}`, name: `range${i}.${channel.name}` });
    input.oninput = () => {
      const range = [...rangeOf(app, channel)], least = (high - low) / 200;
      range[i] = i ? Math.max(+input.value, range[0] + least) : Math.min(+input.value, range[1] - least);
      app.view.ranges[channel.name] = range;
      changed(app);
    };
    return input;
  });
  const words = element("output");
  app.ties.push(() => {
    const range = rangeOf(app, channel), at = range.map((x) => 100 * (x - low) / (high - low));
    inputs.forEach((input, i) => { input.value = range[i]; });
    const colours = app.view.blend === "add" && app.packs.length > 1 ? ["rgb(0, 0, 0)", css(channel.colour)] : app.gradients[app.view.colours];
    const stops = colours.map((one, i) => `${one} ${at[0] + (at[1] - at[0]) * i / (colours.length - 1)}%`);
    strip.style.background = `linear-gradient(90deg, ${colours[0]} 0%, ${stops.join(", ")}, ${colours[colours.length - 1]} 100%)`;
    words.textContent = `${number(range[0])} – ${number(range[1])}`;
  });
  const reset = button(`reset.${channel.name}`, "↺", () => { delete app.view.ranges[channel.name]; changed(app, true); },
    "Back to the 1–99 % range of the non-zero values");
  return element("div", { class: "slide range" }, element("span", {}, "Colours"), element("div", { class: "two" }, strip, ...inputs), words, reset);
}

function channelControls(app, channel) {
  const level = slider(app, `level.${channel.name}`, "Level", { min: 1, max: 99.5, step: 0.5,
    words: (p) => `${number(levelOf(app, channel))} (${+p.toFixed(1)} %)`, get: () => app.view.levels[channel.name] ?? channel.level,
    set: (p) => { app.view.levels[channel.name] = p; }, title: "Expression at the surface and, in brackets, the share of the tissue below it" });
  return element("div", { class: "gene" }, element("div", { class: "name" }, element("i", { style: `background: ${css(channel.colour)}` }),
    element("b", {}, channel.name), element("small", {}, `${channel.unit}, predicted${channel.note ? ` · ${channel.note}` : ""}`)), level, rangeSlider(app, channel));
}

function makeControls(app) {
  const { config, root } = app, bar = root.querySelector(".bar"), sides = root.querySelector(".sides");
  app.ties = [];
  bar.replaceChildren(); sides.replaceChildren();
  const far = Math.hypot(...sizeOf(config.box)) / 2, known = config.known;
  bar.append(element("div", { class: "group" }, ...Object.keys(CAMERAS).map((name) => button(`camera.${name}`, { oblique: "Oblique", top: "Above", front: "Front", side: "Side" }[name],
    () => setCamera(app, name)))),
    element("div", { class: "group" }, button("turntable", "Turntable", () => turntable(app)), button("panes", "3 panes", () => flip(app, "panes"), "Three orthogonal panes through the crosshair"),
      button("cells_pane", "Measured", () => flip(app, "cells_pane"), "The nearest measured section beside the slice: of each gene where they stand side by side, else of the first"),
      button("fit", "Fit slice", () => fit(app), "Zoom the slice to the tissue that it cuts"),
      button("lasso", "Region", () => lasso(app), "Draw a region on the slice: its statistics and files appear below")),
    saveMenu(app),
    element("div", { class: "group" }, button("undo", "Undo", () => undo(app)), button("reset", "Reset", () => reset(app)), button("help", "?", () => help(app), "Mouse and keys")));
  const plane = element("section", {}, element("h4", {}, "Plane"),
    slider(app, "azimuth", "Azimuth", { min: 0, max: 360, step: 1, words: (x) => `${Math.round(x)}°` }), slider(app, "tilt", "Tilt", { min: 0, max: 180, step: 1, words: (x) => `${Math.round(x)}°` }),
    slider(app, "offset", "Offset", { min: -far, max: far, step: far / 500, words: lengthWords, get: () => offsetOf(app), set: (x) => movePlane(app, x - offsetOf(app)) }),
    element("div", { class: "checks" }, toggle(app, "flip", "From behind"), toggle(app, "plane", "Plane in 3D"), toggle(app, "frame", "Box, sections", "The box of the tissue and the measured sections")));
  const genes = element("section", { class: "wide" }, element("h4", {}, config.channels.length > 1 ? "Genes" : "Gene"), ...config.channels.map((one) => channelControls(app, one)),
    config.channels.length > 1 ? choice(app, "blend", "Together as", [["add", "colours added"], ["side", "side by side"], ["mean", "mean score"]]) : "");
  const look = element("section", {}, element("h4", {}, "Look"), slider(app, "opacity", "Opacity", { min: 0.1, max: 1, step: 0.05, words: (x) => `${Math.round(100 * x)} %` }),
    slider(app, "stretch", "Depth ×", { min: 1, max: 10, step: 0.5, words: (x) => `${x}×`, title: "1× is true to scale" }),
    choice(app, "colours", "Colours", Object.keys(config.maps).filter((m) => m !== "RdBu").map((m) => [m, m])),
    choice(app, "cells", "Cells in 3D", [["off", "none"], ["grey", "measured, grey"], ["gene", "measured, by gene"]]),
    element("div", { class: "checks" }, toggle(app, "outline", "Outline"), toggle(app, "figure", "Figure mode", "White background, no crosshair: for a publication")),
    ...DEPTH_NAMES.map((name) => choice(app, `ends_${name}`, `${name} runs`, ENDS.map((ends) => [ends, ends ? endWords(ends) : "not said"]),
      { title: "Anatomical directions of the axis: letters at the edges of the slices" })));
  const trust = element("section", {}, element("h4", {}, "Uncertainty"));
  if (known) trust.append(choice(app, "uncertainty", "Show it", [["off", "off"], ["show", "mark"], ["hide", "hide weak places"]]),
    slider(app, "least", "Least known", { min: 0, max: 100, step: 5, words: (x) => `${x} %`, title: "Known share: how much of the variance of a gene's pattern the sections fix at a place" }));
  else trust.append(element("p", {}, "Not known by place for this run."));
  trust.append(choice(app, "layer", "Slice of", [["values", "expression"], ...(known ? [["known", "known share"]] : []), ["sd", "sd of a cell"]]));
  sides.append(plane, genes, look, trust);
}

// Brings the controls in line with the view.
function tie(app) {
  for (const one of app.ties) one();
  for (const name of ["panes", "cells_pane"]) app.root.querySelector(`[name=${name}]`)?.classList.toggle("on", !!app.view[name]);
  app.root.querySelector("[name=lasso]")?.classList.toggle("on", !!app.drawing);
  app.root.querySelector("[name=turntable]")?.classList.toggle("on", !!app.turning);
}

function help(app) {
  const box = app.root.querySelector(".help");
  if (!box.childElementCount) box.append(button("close_help", "✕", () => help(app), "Close"), ...SHORT_HELP.map(([keys, words]) => element("div", {}, element("kbd", {}, keys), element("span", {}, words))));
  box.hidden = !box.hidden;
}
