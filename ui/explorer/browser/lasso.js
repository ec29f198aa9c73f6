// A region drawn on the slice by hand.
import { drawOverlay } from "./annotations.js";
import { nearestSection } from "./channels.js";
import { onSheet, sheet } from "./geometry.js";
import { within } from "./panes.js";
import { regionText } from "./region.js";
import { tie } from "./ties.js";
/** @import { App, Pane } from "./types.js" */

const MOST_POINTS = 48;  // no more than ui/explorer/region_text.py reads

/** @param {App} app  the next drag draws a region; once more: it does not */
export function lasso(app) {
  if (app.pointer.drawing) return stopLasso(app);
  app.pointer.draw(true);
  app.page.help.hidden = true;
  app.page.note.textContent = "Draw around a region of the slice.";
  tie(app);
}

/** @param {App} app  back to the opening view, and nothing is drawn */
export function reset(app) {
  stopLasso(app);
  app.view.reset();
}

/** @param {App} app */
export function stopLasso(app) {
  app.pointer.draw(false);
  app.page.note.textContent = "";
  tie(app);
  drawOverlay(app);
}

/**
 * The region in µm on its plane goes to the server, which knows the cells.
 * @param {App} app @param {Pane} pane
 */
export function endLasso(app, pane) {
  const { view, pointer } = app, s = sheet(view.values, view.config.box, pane), { loop } = pointer;
  stopLasso(app);
  if (!loop || loop.length < 4) return;
  const every = Math.ceil(loop.length / MOST_POINTS), near = nearestSection(view);
  const points = loop.filter((_, i) => i % every === 0).map(([x, y]) => onSheet(s, ...within(pane, x, y)));
  const text = regionText(points, s, near.flat ? near.index : null);
  app.region.draw(points, s.normal, text, performance.now());
  drawOverlay(app);
  tie(app);
  app.send("region", text);
}
