// The region in the inspector: its statistics, and what takes it away.
import { drawOverlay } from "./annotations.js";
import { button, element } from "./elements.js";
import { chooseTab, giveWay, openInspector } from "./inspector.js";
import { lasso } from "./lasso.js";
import { explained } from "./terms.js";
/** @import { App, Region } from "./types.js" */

export const REGION_TAB = "Region";
const NONE = "Draw a region on the slice to compare predicted and measured values in it.";
const MOVED = "You moved the plane since then. The numbers belong to the place where you drew the region.";

/** @param {App} app */
export function regionPanel(app) {
  const made = element("section", { class: "region" });
  let shown = "?";
  app.page.ties.push(() => {
    const { told } = app.region, text = JSON.stringify([told, app.region.ring !== null]);
    if (text !== shown) made.replaceChildren(...(told ? about(app, told) : nothing(app)));
    shown = text;
  });
  return made;
}

/** @param {App} app */
function nothing(app) {
  if (app.region.ring) return [element("p", {}, "Reading the region …")];
  const draw = () => {
    giveWay(app.page);
    lasso(app);
  };
  return [element("p", {}, NONE), button("draw_region", "Draw a region", draw, "Draw a region on the slice (key L)")];
}

/** @param {App} app @param {Region} region */
function about(app, { title, moved, rows, columns, what }) {
  const head = element("div", { class: "head" }, element("b", {}, title),
    button("clear_region", "Clear", () => clearRegion(app), "Take the region away"));
  return [head, ...(moved ? [element("p", { class: "moved" }, MOVED)] : []),
    ...rows.map((row) => table(row, columns)), element("p", {}, ...explained(what))];
}

/** @param {Record<string, string>} row @param {string[]} columns  one gene and source: names of two lead it */
function table(row, [name, source, ...columns]) {
  const shown = columns.filter((column) => row[column]);
  return element("table", {}, element("caption", {}, ...explained(`${row[name] ?? ""} · ${row[source] ?? ""}`)),
    ...pairs(shown).map((two) => element("tr", {}, ...two.flatMap((column) => [element("th", { scope: "row" }, column),
      element("td", { colspan: two.length > 1 ? 1 : 3 }, row[column])]))));
}

/** @param {string[]} names */
const pairs = (names) => names.flatMap((_, i) => i % 2 ? [] : [names.slice(i, i + 2)]);

/** @param {App} app  at once, and then on the server */
function clearRegion(app) {
  app.region.clear();
  app.send("region", "");  // null is what it was before a link brought one: no news
  for (const one of app.page.ties) one();
  drawOverlay(app);
}

/**
 * Take what the server says of the region; the first word of a new one opens its tab.
 * @param {App} app
 */
export function takeRegion(app) {
  const { page, region, view } = app, drawn = region.ring !== null && !region.told;  // here, not by a link
  const changed = region.take(view.config.region, performance.now()), left = region.waits(performance.now());
  if (left) setTimeout(() => takeRegion(app), left + 50);
  if (!changed || !page.ties.length) return;
  if (region.told && drawn) {
    chooseTab(page, REGION_TAB);
    openInspector(page, true);
  }
  for (const one of page.ties) one();
  drawOverlay(app);
}
