// The controls in the inspector's tabs. Each is tied to one value of the view.
import { DEPTH_NAMES } from "./annotations.js";
import { levelOf, rangeOf } from "./channels.js";
import { button, element } from "./elements.js";
import { focusOf, offsetOf, sizeOf } from "./geometry.js";
import { makeInspector } from "./inspector.js";
import { numberBox, numberRow } from "./number_row.js";
import { css, gradient } from "./palettes.js";
import { REGION_TAB, regionPanel } from "./region_panel.js";
import { explained, TERMS } from "./terms.js";
import { makeToolbar } from "./toolbar.js";
import { number } from "./words.js";
/** @import { App, Channel, Config, View } from "./types.js" */

/** @typedef {{ [K in keyof View]: View[K] extends number ? K : never }[keyof View]} NumberName */
/** @typedef {{ [K in keyof View]: View[K] extends boolean ? K : never }[keyof View]} SwitchName */
/** @typedef {{ [K in keyof View]: View[K] extends string ? K : never }[keyof View]} ChoiceName */

const ANGLE = "The plane turns about the crosshair, so its offset changes too.";
const FOCUS_KEYS = ["cx", "cy", "cdepth"];
const BLENDS = { add: "colours added", side: "side by side", mean: "mean score" };

/**
 * A row of one number of the view, within its bounds; `times`: what the box shows of it.
 * @param {App} app @param {NumberName} name @param {string} label @param {string} unit
 * @param {{ times?: number, digits?: number, title?: string }} [how]
 */
function viewNumber(app, name, label, unit, { times = 1, digits = 1, title } = {}) {
  const { view } = app, { least, most, step } = view.schema.numbers[name];
  /** @param {number | null} x */
  const seen = (x) => x === null ? null : x * times;
  return numberRow(app, { name, label, unit, digits, title,
    bounds: () => ({ least: seen(least), most: seen(most), step: seen(step) }),
    get: () => view.values[name] * times, set: (x) => view.set({ [name]: x / times }) });
}

/**
 * @param {App} app @param {ChoiceName} name @param {string} label @param {Record<string, string>} words  of each option
 * @param {string} [title]
 */
function choice({ page, view }, name, label, words, title = "") {
  const select = element("select", { name, "aria-label": label, title });
  for (const [value, shown] of Object.entries(words)) select.append(element("option", { value }, shown));
  select.onchange = () => view.set({ [name]: select.value }, { atOnce: true });
  page.ties.push(() => { select.value = view.values[name]; });
  return element("label", { class: "pick", title }, element("span", {}, label), select);
}

/** @param {App} app @param {SwitchName} name @param {string} label @param {string} [title] */
function toggle({ page, view }, name, label, title = "") {
  const input = element("input", { type: "checkbox", name, "aria-label": label });
  input.onchange = () => view.set({ [name]: input.checked }, { atOnce: true });
  page.ties.push(() => { input.checked = view.values[name]; });
  return element("label", { class: "check", title }, input, element("span", {}, label));
}

/**
 * The lowest and the highest value that colours span.
 * @param {App} app @param {Channel} channel
 */
function rangeBounds({ packs }, channel) {
  const pack = packs.of(channel), low = Math.min(0, pack.low), high = Math.max(pack.high, channel.range[1]);
  return { low, high, least: (high - low) / 200 };
}

/** @param {App} app @param {Channel} channel @param {0 | 1} end @param {number} x */
function setEnd({ view }, channel, end, x) {
  const range = rangeOf(view, channel);
  view.setRange(channel.name, end ? [range[0], x] : [x, range[1]]);
}

/** @param {App} app @param {Channel} channel  the range that colours span: two boxes, two handles over the colours */
function rangeRow(app, channel) {
  const { page, view } = app, strip = element("div", { class: "strip" });
  const { low, high, least } = rangeBounds(app, channel);
  const ends = /** @type {const} */ ([0, 1]), named = (/** @type {0 | 1} */ end) => (
    `${end ? "Highest" : "Lowest"} colour of ${channel.name}`);
  const sliders = ends.map((end) => {
    const input = element("input", { type: "range", min: low, max: high, step: least, class: `end${end}`,
      "aria-label": named(end), name: `range${end}.${channel.name}` });
    input.oninput = () => {
      const [from, to] = rangeOf(view, channel);
      setEnd(app, channel, end, end ? Math.max(+input.value, from + least) : Math.min(+input.value, to - least));
    };
    return input;
  });
  const boxes = ends.map((end) => numberBox(app, {
    name: `range${end}.${channel.name}`, label: named(end), unit: "", digits: 2,
    bounds: () => {
      const [from, to] = rangeOf(view, channel);
      return { least: end ? from + least : null, most: end ? null : to - least, step: null };
    },
    get: () => rangeOf(view, channel)[end], set: (x) => setEnd(app, channel, end, x),
  }));
  page.ties.push(() => {
    const range = rangeOf(view, channel);
    sliders.forEach((input, i) => { input.value = String(range[i]); });
    strip.style.background = stripOf(app, channel, range.map((x) => 100 * (x - low) / (high - low)));
  });
  const reset = button(`reset.${channel.name}`, "↺", () => view.resetRange(channel.name),
    "Back to the suggested range: 1 to 99 % of the values above 0");
  return element("div", { class: "range" }, element("span", {}, "Colours from"), boxes[0].box,
    element("span", {}, "to"), boxes[1].box, reset, element("div", { class: "two" }, strip, ...sliders),
    ...boxes.map(({ wrong }) => wrong));
}

/** @param {App} app @param {Channel} channel @param {number[]} at  percent of the strip where colours begin and end */
function stripOf({ view: { values, config }, packs }, channel, [from, to]) {
  const added = values.blend === "add" && packs.genes.length > 1;
  const colours = added ? ["rgb(0, 0, 0)", css(channel.colour)] : gradient(config.maps[values.colours]);
  const stops = colours.map((one, i) => `${one} ${from + (to - from) * i / (colours.length - 1)}%`);
  return `linear-gradient(90deg, ${colours[0]} 0%, ${stops.join(", ")}, ${colours[colours.length - 1]} 100%)`;
}

/** @param {App} app @param {Channel} channel */
function channelControls(app, channel) {
  const { view } = app, note = channel.note ? ` · ${channel.note}` : "";
  const level = numberRow(app, {
    name: `level.${channel.name}`, label: "Level", unit: "%", bounds: () => view.schema.level,
    get: () => view.values.levels[channel.name] ?? channel.level, set: (p) => view.setLevel(channel.name, p),
    beside: () => `${number(levelOf(app, channel))} ${channel.unit}`,
    title: "Expression at the surface, as the share of the tissue below this value.",
  });
  return element("div", { class: "gene" },
    element("div", { class: "name" }, element("i", { style: `background: ${css(channel.colour)}` }),
      element("b", { title: channel.name }, channel.name),
      element("small", {}, ...explained(`${channel.unit}, predicted${note}`))),
    level, rangeRow(app, channel));
}

/** @param {string} title @param {...(Node | string)} children */
const section = (title, ...children) => element("section", {}, element("h2", {}, title), ...children);

/** @param {App} app */
function planePanel(app) {
  const { view } = app, { box } = view.config, far = Math.hypot(...sizeOf(box)) / 2;
  return [
    section("Plane",
      viewNumber(app, "azimuth", "Azimuth", "°", { title: ANGLE }),
      viewNumber(app, "tilt", "Tilt", "°", { title: ANGLE }),
      viewNumber(app, "spin", "In-plane turn", "°", { title: "The slice's picture, turned in its plane" }),
      numberRow(app, {
        name: "offset", label: "Offset", unit: "µm", bounds: () => ({ least: -far, most: far, step: far / 500 }),
        get: () => offsetOf(view.values, box), set: (x) => view.movePlane(x - offsetOf(view.values, box)),
        title: "How far the plane is from the middle of the tissue",
      })),
    section("Go to", ...DEPTH_NAMES.map((name, d) => goTo(app, name, d))),
    element("div", { class: "checks" }, toggle(app, "flip", "View from behind"),
      toggle(app, "y_down", "y downwards",
        "As images and the instruments' viewers draw them. It holds on all pages.")),
  ];
}

/** @param {App} app @param {string} label @param {number} d  a coordinate of the crosshair */
function goTo(app, label, d) {
  const { view } = app, [low, high] = view.config.box;
  return numberRow(app, {
    name: FOCUS_KEYS[d], label, unit: "µm",
    bounds: () => ({ least: low[d], most: high[d], step: (high[d] - low[d]) / 500 }),
    get: () => focusOf(view.values)[d],
    set: (x) => {
      const focus = focusOf(view.values);
      focus[d] = x;
      view.setFocus(focus);
    },
    title: `${label} of the crosshair`,
  });
}

/** @param {App} app */
function colourPanel(app) {
  const { channels } = app.packs, { schema } = app.view;
  return [...channels.map((one) => channelControls(app, one)),
    ...(channels.length > 1 ? [choice(app, "blend", "Together as", BLENDS, "How the genes are shown together")] : []),
    choice(app, "colours", "Colour map", Object.fromEntries(schema.choices.colours.map((name) => [name, name]))),
    ...(app.view.config.histology.length ? [histologyControls(app)] : [])];
}

/**
 * The histology image under the measured cells, whose picture it opens.
 * @param {App} app
 */
function histologyControls(app) {
  const { page, view } = app, input = element("input", { type: "checkbox", name: "histology" });
  input.onchange = () => view.set(
    { histology: input.checked, cells_pane: input.checked || view.values.cells_pane }, { atOnce: true });
  page.ties.push(() => { input.checked = view.values.histology && view.values.cells_pane; });
  return section("Measured", element("label", { class: "check",
    title: `Under the measured ${view.config.noun}s beside the slice. It is a picture only: no value comes from it.` },
  input, element("span", {}, "Histology image")),
  viewNumber(app, "histology_opacity", "Its opacity", "%", { times: 100, digits: 0 }));
}

/** @param {App} app */
function solidPanel(app) {
  const { schema, config: { noun } } = app.view;
  return [viewNumber(app, "opacity", "Opacity", "%", { times: 100 }),
    viewNumber(app, "stretch", "Stretch depth", "×", { title: "1× is true to scale" }),
    choice(app, "cells", `Measured ${noun}s`, { off: "none", grey: "grey", gene: "by gene" }),
    element("div", { class: "checks" }, toggle(app, "outline", "Outline"),
      toggle(app, "plane", "Plane in 3D"),
      toggle(app, "frame", "Show box and sections", "The box of the tissue and the measured sections"),
      toggle(app, "figure", "Figure mode", "White background and no crosshair, for publications")),
    section("Directions", ...DEPTH_NAMES.map((name) => {
      const key = /** @type {ChoiceName} */ (`ends_${name}`);
      const words = schema.choices[key].map((ends) => [ends, endWords(app.view.config, ends)]);
      return choice(app, key, `Direction of ${name}`, Object.fromEntries(words),
        "Anatomical direction of this axis. It puts letters at the edges of the slices.");
    }))];
}

/** @param {Config} config @param {string} ends  of an axis, from low to high */
function endWords({ schema: { end_names } }, ends) {
  return ends ? `${end_names[ends[0]]} to ${end_names[ends[1]]}` : "not set";
}

/** @param {App} app */
function doubtPanel(app) {
  const { known, noun } = app.view.config;
  const made = known ? [
    choice(app, "uncertainty", "Show it", { off: "off", show: "mark", hide: "hide uncertain places" }),
    viewNumber(app, "least", "Least resolved", "%", { digits: 0,
      title: TERMS["resolved share"] }),
  ] : [element("p", {}, "This run has no uncertainty by place.")];
  return [...made, choice(app, "layer", "Slice of",
    { values: "expression", ...(known ? { known: "resolved share" } : {}), sd: `sd of a ${noun}` },
    `What colours the slice. ${TERMS["resolved share"]}`)];
}

/** @param {App} app */
export function makeControls(app) {
  app.page.ties.length = 0;
  makeToolbar(app);
  const panels = { Plane: planePanel(app), Colours: colourPanel(app), "3D": solidPanel(app),
    Uncertainty: doubtPanel(app), [REGION_TAB]: [regionPanel(app)] };
  makeInspector(app, panels);
}
