// What opens below a button: a menu of acts, and the drawer that takes what a narrow bar has no room for.
import { element } from "./elements.js";

const STEPS = /** @type {Record<string, number>} */ ({ ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity });

/**
 * A button and the panel that it opens; Esc, and a click or the focus elsewhere, close it.
 * @param {string} name @param {string} label @param {string} title @param {string} popup  kind of the panel
 */
function opener(name, label, title, popup) {
  const ask = element("button", { type: "button", name, title, "aria-expanded": "false", "aria-haspopup": popup },
    `${label} ▾`);
  const panel = element("div", { class: "popup", hidden: "" }), around = element("div", { class: "menu" }, ask, panel);
  /** @param {boolean} is */
  const open = (is) => {
    panel.hidden = !is;
    ask.setAttribute("aria-expanded", String(is));
    if (is) panel.querySelector("button")?.focus();
  };
  ask.onclick = () => open(Boolean(panel.hidden));
  around.addEventListener("focusout", ({ relatedTarget }) => {
    if (!(relatedTarget instanceof Node && around.contains(relatedTarget))) open(false);
  });
  around.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || panel.hidden) return;
    event.stopPropagation();
    open(false);
    ask.focus();
  });
  return { around, ask, panel, open };
}

/**
 * A menu of acts by name.
 * @param {string} name @param {string} label @param {string} title @param {Record<string, () => void>} acts
 */
export function menu(name, label, title, acts) {
  const { around, ask, panel, open } = opener(name, label, title, "menu");
  panel.setAttribute("role", "menu");
  panel.setAttribute("aria-label", title);
  const items = Object.entries(acts).map(([words, act]) => {
    const item = element("button", { type: "button", role: "menuitem", tabindex: -1 }, words);
    item.onclick = () => {
      open(false);
      ask.focus();
      act();
    };
    return item;
  });
  panel.append(...items);
  panel.onkeydown = (event) => {
    const at = items.findIndex((item) => item.matches(":focus")), step = STEPS[event.key];
    if (step === undefined) return;
    event.preventDefault();
    items[Math.min(Math.max(at + step, 0), items.length - 1)].focus();
  };
  return around;
}

/** The drawer of a bar: groups of buttons that have no room. */
export function drawer() {
  const { around, panel, ask } = opener("more", "More", "More buttons", "true");
  ask.removeAttribute("aria-haspopup");
  return { around, panel };
}

/**
 * Keep a bar in one row: what has no room goes into the drawer, the last of `leaving` at the latest.
 * @param {HTMLElement} bar @param {{ around: HTMLElement, panel: HTMLElement }} more
 * @param {HTMLElement[]} groups  in their order on the bar @param {HTMLElement[]} leaving  the first goes first
 */
export function fitBar(bar, more, groups, leaving) {
  for (const group of groups) bar.insertBefore(group, more.around);
  more.around.hidden = true;
  for (const group of leaving) {
    if (bar.scrollWidth <= bar.clientWidth) return;
    more.around.hidden = false;
    more.panel.prepend(group);
  }
}
