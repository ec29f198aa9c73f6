// Buttons and sliders around the picture. Each is tied to one value of the view.
import { DEPTH_NAMES } from "./annotations.js";
import { levelOf, rangeOf } from "./channels.js";
import { button, element, group } from "./elements.js";
import { offsetOf, sizeOf } from "./geometry.js";
import { toggleHelp } from "./help.js";
import { lasso } from "./lasso.js";
import { css, gradient } from "./palettes.js";
import { saveMenu } from "./save.js";
import { turntable } from "./turntable.js";
import { lengthWords, number } from "./words.js";
/** @import { App, Bounds, Channel, Config, View } from "./types.js" */

/** @typedef {{ [K in keyof View]: View[K] extends number ? K : never }[keyof View]} NumberName */
/** @typedef {{ [K in keyof View]: View[K] extends boolean ? K : never }[keyof View]} SwitchName */
/** @typedef {{ [K in keyof View]: View[K] extends string ? K : never }[keyof View]} ChoiceName */

const CAMERA_NAMES = /** @type {Record<string, string>} */ (
  { oblique: "Oblique", top: "Above", front: "Front", side: "Side" });

const BLENDS = { add: "colours added", side: "side by side", mean: "mean score" };

/**
 * @param {App} app @param {string} name @param {string} label
 * @param {{ bounds: Bounds, get: () => number, set: (x: number) => void, words: (x: number) => string,
 *   title?: string }} tied
 */
function slider(app, name, label, { bounds, get, set, words, title = "" }) {
  const input = element("input", { type: "range", name, min: bounds.least ?? "", max: bounds.most ?? "",
    step: bounds.step ?? "any", "aria-label": label, title });
  const value = element("output");
  input.oninput = () => set(+input.value);
  app.page.ties.push(() => {
    input.value = String(get());
    value.textContent = words(get());
  });
  return element("label", { class: "slide", title }, element("span", {}, label), input, value);
}

/**
 * A slider of one number of the view, within its bounds.
 * @param {App} app @param {NumberName} name @param {string} label @param {(x: number) => string} words
 * @param {string} [title]
 */
const numberSlider = (app, name, label, words, title) => slider(app, name, label, {
  bounds: app.view.schema.numbers[name], get: () => app.view.values[name], set: (x) => app.view.set({ [name]: x }),
  words, title,
});

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

/** @param {App} app @param {Channel} channel  two handles over the colour map: the range that colours span */
function rangeSlider(app, channel) {
  const { page, view } = app, pack = app.packs.of(channel), strip = element("div", { class: "strip" });
  const low = Math.min(0, pack.low), high = Math.max(pack.high, channel.range[1]), least = (high - low) / 200;
  const inputs = [0, 1].map((i) => {
    const input = element("input", { type: "range", min: low, max: high, step: least, class: `end${i}`,
      "aria-label": `${i ? "Highest" : "Lowest"} colour of ${channel.name}`, name: `range${i}.${channel.name}` });
    input.oninput = () => {
      const [from, to] = rangeOf(view, channel);
      view.setRange(channel.name, i ? [from, Math.max(+input.value, from + least)]
        : [Math.min(+input.value, to - least), to]);
    };
    return input;
  });
  const words = element("output");
  page.ties.push(() => {
    const range = rangeOf(view, channel);
    inputs.forEach((input, i) => { input.value = String(range[i]); });
    strip.style.background = stripOf(app, channel, range.map((x) => 100 * (x - low) / (high - low)));
    words.textContent = `${number(range[0])} – ${number(range[1])}`;
  });
  const reset = button(`reset.${channel.name}`, "↺", () => view.resetRange(channel.name),
    "Back to the suggested range: 1 to 99 % of the values above 0");
  return element("div", { class: "slide range" }, element("span", {}, "Colours"),
    element("div", { class: "two" }, strip, ...inputs), words, reset);
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
  const level = slider(app, `level.${channel.name}`, "Level", {
    bounds: view.schema.level, words: (p) => `${number(levelOf(app, channel))} (${+p.toFixed(1)} %)`,
    get: () => view.values.levels[channel.name] ?? channel.level, set: (p) => view.setLevel(channel.name, p),
    title: "Expression at the surface. The share of the tissue below this value is in brackets.",
  });
  return element("div", { class: "gene" },
    element("div", { class: "name" }, element("i", { style: `background: ${css(channel.colour)}` }),
      element("b", {}, channel.name), element("small", {}, `${channel.unit}, predicted${note}`)),
    level, rangeSlider(app, channel));
}

/** @param {App} app */
function buttons(app) {
  const { page, view } = app;
  return [
    group(...Object.keys(view.schema.cameras).map((name) => (
      button(`camera.${name}`, CAMERA_NAMES[name] ?? name, () => view.setCamera(name))))),
    group(
      button("turntable", "Turntable", () => turntable(app)),
      button("panes", "3 panes", () => view.flip("panes"), "Three panes at right angles, through the crosshair"),
      button("cells_pane", "Measured", () => view.flip("cells_pane"),
        "The nearest measured section, next to the slice"),
      button("fit", "Fit slice", () => view.fit(), "Zoom so that the slice fills its pane"),
      button("lasso", "Region", () => lasso(app),
        "Draw a region on the slice. Its statistics and files appear below.")),
    saveMenu(app),
    group(
      button("undo", "Undo", () => view.undo()),
      button("reset", "Reset", () => view.reset()),
      button("help", "?", () => toggleHelp(page), "Mouse and keys")),
  ];
}

/** @param {string} title @param {...(Node | string)} children */
const section = (title, ...children) => element("section", {}, element("h4", {}, title), ...children);

/** @param {App} app */
function planeControls(app) {
  const { view } = app, { box } = view.config, far = Math.hypot(...sizeOf(box)) / 2;
  /** @param {number} x */
  const degrees = (x) => `${Math.round(x)}°`;
  return section("Plane", numberSlider(app, "azimuth", "Azimuth", degrees), numberSlider(app, "tilt", "Tilt", degrees),
    slider(app, "offset", "Offset", {
      bounds: { least: -far, most: far, step: far / 500 }, words: lengthWords, get: () => offsetOf(view.values, box),
      set: (x) => view.movePlane(x - offsetOf(view.values, box)),
    }),
    element("div", { class: "checks" }, toggle(app, "flip", "From behind"),
      toggle(app, "y_down", "y downwards", "Slices and sections as the instruments' viewers draw them. It holds on all "
        + "pages."),
      toggle(app, "plane", "Plane in 3D"),
      toggle(app, "frame", "Box, sections", "The box of the tissue and the measured sections")));
}

/** @param {App} app */
function geneControls(app) {
  const { channels } = app.packs, several = channels.length > 1;
  const made = section(several ? "Genes" : "Gene", ...channels.map((one) => channelControls(app, one)),
    several ? choice(app, "blend", "Show together as", BLENDS) : "");
  made.className = "wide";
  return made;
}

/** @param {App} app */
function lookControls(app) {
  const { schema } = app.view;
  return section("Look",
    numberSlider(app, "opacity", "Opacity", (x) => `${Math.round(100 * x)} %`),
    numberSlider(app, "stretch", "Depth ×", (x) => `${x}×`, "1× is true to scale"),
    choice(app, "colours", "Colours", Object.fromEntries(schema.choices.colours.map((name) => [name, name]))),
    choice(app, "cells", "Cells in 3D", { off: "none", grey: "measured, grey", gene: "measured, by gene" }),
    element("div", { class: "checks" }, toggle(app, "outline", "Outline"),
      toggle(app, "figure", "Figure mode", "White background and no crosshair, for publications")),
    ...DEPTH_NAMES.map((name) => {
      const key = /** @type {ChoiceName} */ (`ends_${name}`);
      const words = schema.choices[key].map((ends) => [ends, endWords(app.view.config, ends)]);
      return choice(app, key, `Direction of ${name}`, Object.fromEntries(words),
        "Anatomical direction of this axis. It puts letters at the edges of the slices.");
    }));
}

/** @param {Config} config @param {string} ends  of an axis, from low to high */
function endWords({ schema: { end_names } }, ends) {
  return ends ? `${end_names[ends[0]]} to ${end_names[ends[1]]}` : "not set";
}

/** @param {App} app */
function doubtControls(app) {
  const { known } = app.view.config, made = section("Uncertainty");
  if (known) {
    made.append(choice(app, "uncertainty", "Show it", { off: "off", show: "mark", hide: "hide uncertain places" }),
      numberSlider(app, "least", "Least resolved", (x) => `${x} %`,
        "Resolved share: how much of a gene's pattern your sections determine at a place"));
  } else made.append(element("p", {}, "This run has no uncertainty by place."));
  made.append(choice(app, "layer", "Slice of",
    { values: "expression", ...(known ? { known: "resolved share" } : {}), sd: "sd of a cell" }));
  return made;
}

/** @param {App} app */
export function makeControls(app) {
  const { page } = app;
  page.ties.length = 0;
  page.bar.replaceChildren(...buttons(app));
  page.sides.replaceChildren(planeControls(app), geneControls(app), lookControls(app), doubtControls(app));
}
