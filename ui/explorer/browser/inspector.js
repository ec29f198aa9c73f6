// The inspector beside the picture: what is at the crosshair, and the controls in tabs. It folds away, and how it was
// left is kept. On a narrow window it is a sheet over the foot of the picture, closed at first.
import { sectionWords } from "./captions.js";
import { button, element } from "./elements.js";
import { keep, kept } from "./kept.js";
import { crosshairLines, lineElements } from "./readout.js";
/** @import { App, Page } from "./types.js" */

const NARROW = "(max-width: 700px)", FOLD = "inspector_open", TAB = "inspector_tab", QUIET_MS = 250, ROOMY = 700;
const STEPS = /** @type {Record<string, number>} */ ({ ArrowRight: 1, ArrowLeft: -1, Home: -Infinity, End: Infinity });

/** @param {Page} page @param {boolean} is */
export function openInspector(page, is) {
  page.inspector.hidden = !is;
  page.root.querySelector("[name=inspector]")?.setAttribute("aria-expanded", String(is));
  if (!matchMedia(NARROW).matches) keep(FOLD, is);
}

/** On a narrow window, out of the way of the picture. @param {Page} page */
export function giveWay(page) {
  if (matchMedia(NARROW).matches) openInspector(page, false);
}

/** @param {App} app  folds the inspector away and back */
export function foldButton({ page }) {
  const made = button("inspector", "Inspector", () => openInspector(page, Boolean(page.inspector.hidden)),
    "Show or fold away the numbers, colours and regions beside the picture");
  made.setAttribute("aria-controls", page.inspector.id);
  made.setAttribute("aria-expanded", String(!page.inspector.hidden));
  return made;
}

/**
 * Tabs, each a name and what it shows.
 * @param {App} app @param {Record<string, HTMLElement[]>} panels
 */
export function makeInspector(app, panels) {
  const { page } = app, names = Object.keys(panels), last = String(kept(TAB));
  const tabs = names.map((name) => element("button", { type: "button", role: "tab", id: `tab.${name}`,
    name: `tab.${name}`, "aria-controls": `panel.${name}` }, name));
  const made = names.map((name) => element("div", { role: "tabpanel", class: "panel", id: `panel.${name}`,
    "aria-labelledby": `tab.${name}` }, ...panels[name]));
  const list = element("div", { role: "tablist", class: "tabs", "aria-label": "Controls" }, ...tabs);
  tabs.forEach((tab, i) => { tab.onclick = () => chooseTab(page, names[i]); });
  list.onkeydown = (event) => {
    const step = STEPS[event.key], at = tabs.findIndex((tab) => tab.ariaSelected === "true");
    if (step === undefined) return;
    event.preventDefault();
    const to = Math.min(Math.max(at + step, 0), tabs.length - 1);
    chooseTab(page, names[to]);
    tabs[to].focus();
  };
  page.inspector.replaceChildren(crosshair(app), list, ...made);
  chooseTab(page, names.includes(last) ? last : names[0]);
}

/**
 * Open or closed as it was left; closed at first where it would leave the picture little room.
 * @param {Page} page
 */
export function restoreInspector(page) {
  const open = kept(FOLD) ?? page.root.clientWidth > ROOMY;
  page.inspector.hidden = matchMedia(NARROW).matches || open !== true;
}

/** @param {Page} page @param {string} name */
export function chooseTab({ inspector }, name) {
  for (const tab of /** @type {NodeListOf<HTMLElement>} */ (inspector.querySelectorAll("[role=tab]"))) {
    const is = tab.id === `tab.${name}`;
    tab.setAttribute("aria-selected", String(is));
    tab.tabIndex = is ? 0 : -1;
  }
  for (const panel of /** @type {NodeListOf<HTMLElement>} */ (inspector.querySelectorAll("[role=tabpanel]"))) {
    panel.hidden = panel.id !== `panel.${name}`;
  }
  keep(TAB, name);
}

/** @param {App} app  the value at the crosshair, said when it has come to rest */
function crosshair(app) {
  const values = element("div", { class: "values", "aria-live": "polite", "aria-atomic": "true" });
  const plane = element("div", { class: "plane" });
  let before = "", timer = 0;
  const write = () => {
    const lines = crosshairLines(app), text = JSON.stringify(lines), words = `Plane: ${sectionWords(app.view)}`;
    if (plane.textContent !== words) plane.textContent = plane.title = words;  // two lines of it are seen
    if (text !== before) values.replaceChildren(...lineElements(lines));
    before = text;
  };
  app.page.ties.push(() => {
    clearTimeout(timer);
    timer = window.setTimeout(write, before ? QUIET_MS : 0);
  });
  return element("div", { class: "crosshair" }, element("h2", {}, "At the crosshair"), values, plane);
}
