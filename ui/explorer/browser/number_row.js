// A number of the view: a slider, and a box to type it in that says what is wrong with what was typed.
import { element } from "./elements.js";
import { complaint, parsed, typed } from "./numbers.js";
import { PLACE_DIGITS } from "./words.js";
/** @import { App, Bounds } from "./types.js" */

/**
 * @typedef {object} Tied  a number of the view, in the unit of its box
 * @property {string} name
 * @property {string} label
 * @property {string} unit
 * @property {() => Bounds} bounds
 * @property {() => number} get
 * @property {(x: number) => void} set
 * @property {number} [digits]  behind the point
 * @property {() => string} [beside]  words between label and box
 * @property {string} [title]
 */

let made = 0;

/**
 * A box to type a number in, and its message.
 * @param {App} app @param {Tied} tied
 */
export function numberBox(app, { name, label, unit, bounds, get, set, digits = PLACE_DIGITS, title = "" }) {
  const id = `box${made++}`, wrong = element("p", { class: "wrong", id: `${id}.wrong`, role: "status" });
  const box = element("input", { type: "text", inputmode: "decimal", autocomplete: "off", class: "typed", id,
    name: `box.${name}`, "aria-label": unit ? `${label}, in ${unit}` : label, "aria-describedby": wrong.id, title });
  let dirty = false, complained = NaN;  // what the view had when the message was written
  const shown = () => typed(get(), digits);
  /** @param {string} words */
  const say = (words) => {
    wrong.textContent = words;
    complained = words ? get() : NaN;
    if (words) box.setAttribute("aria-invalid", "true");
    else box.removeAttribute("aria-invalid");
  };
  const apply = () => {
    if (!dirty) return;
    dirty = false;
    const problem = complaint(box.value, unit, bounds(), shown()), x = parsed(box.value, unit);
    if (problem || x === null) return say(problem);
    say("");
    set(x);
    box.value = shown();
    if (Math.abs(get() - x) > 0.5 * 10 ** -digits) say(`The tissue ends at ${shown()} ${unit}.`);
  };
  box.oninput = () => { dirty = true; };
  box.onblur = box.onchange = apply;
  box.onkeydown = (event) => {
    if (event.key === "Enter") apply();
    if (event.key === "Escape") dirty = false;
    if (event.key === "Escape") say("");
    if (event.key === "Escape") box.value = shown();
  };
  app.page.ties.push(() => {
    if (dirty || get() === complained) return;
    say("");
    box.value = shown();
  });
  return { box, wrong };
}

/**
 * Label, box and slider of a number.
 * @param {App} app @param {Tied} tied
 */
export function numberRow(app, tied) {
  const { name, label, unit, bounds, get, set, beside = () => "", title = "" } = tied;
  const { box, wrong } = numberBox(app, tied), { least, most, step } = bounds();
  const slider = element("input", { type: "range", name, min: least ?? "", max: most ?? "", step: step ?? "any",
    "aria-label": label, title });
  const words = element("span", { class: "beside" });
  slider.oninput = () => set(+slider.value);
  app.page.ties.push(() => {
    slider.value = String(get());
    slider.setAttribute("aria-valuetext", `${box.value} ${unit}`);
    words.textContent = beside();
  });
  return element("div", { class: "number", title },
    element("label", { for: box.id }, label), words, box, element("span", { class: "unit" }, unit), slider, wrong);
}
