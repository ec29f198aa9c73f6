// Mouse and wheel on the picture.
import { drawOverlay } from "./annotations.js";
import { add, anglesOf, focusOf, handleLength, lens, onSheet, project, scaled, sheet, wayUp } from "./geometry.js";
import { press } from "./keys.js";
import { endLasso } from "./lasso.js";
import { paneAt, within } from "./panes.js";
import { gripAt, readout } from "./readout.js";
import { picked } from "./render.js";
/** @import { Held } from "./pointer.js" */
/** @import { App, Pair, Pane, PaneKind } from "./types.js" */

const DEGREES_A_PIXEL = 0.45, ZOOM_STEP = 1.12, SLICE_ZOOM_STEP = 1.15;
const SOLID = /** @type {PaneKind[]} */ (["3d"]), FREE = /** @type {PaneKind[]} */ (["slice", "cells"]);

/** @param {App} app @param {MouseEvent} event @returns {Pair} */
function place({ page }, event) {
  const box = page.over.getBoundingClientRect();
  return [event.clientX - box.left, event.clientY - box.top];
}

/** @param {App} app */
export function listen(app) {
  const { page, page: { over }, pointer } = app;
  over.onpointerdown = (event) => pressed(app, event);
  over.onpointermove = (event) => {
    const at = place(app, event);
    pointer.moveTo(at);
    if (pointer.held) drag(app, pointer.held, ...at);
    else readout(app, ...at);
  };
  over.onpointerup = (event) => released(app, event);
  over.oncontextmenu = (event) => event.preventDefault();
  over.onpointerleave = () => {
    pointer.moveTo(null);
    page.read.textContent = "";
  };
  over.addEventListener("wheel", (event) => {  // only once the picture was clicked: else the page scrolls
    const root = /** @type {Document | ShadowRoot} */ (page.root.getRootNode());
    if (root.activeElement !== over) {
      page.note.textContent = "Click the picture first. Then the wheel moves it.";
      return;
    }
    event.preventDefault();
    wheel(app, event);
  }, { passive: false });
  over.onkeydown = (event) => {
    if (!press(app, event)) return;
    event.preventDefault();
    event.stopPropagation();
  };
  listenAround(app);
}

/**
 * Wherever on the page: Esc and a click beside the help close it; Esc and a click on the picture end a film.
 * @param {App} app
 */
function listenAround({ page, pointer, leaving: { signal } }) {
  document.addEventListener("pointerdown", (event) => {
    const path = event.composedPath(), ask = page.bar.querySelector("[name=help]");
    if (path.includes(page.over)) pointer.stopFilm();
    if (!path.includes(page.help) && !(ask && path.includes(ask))) page.help.hidden = true;
  }, { signal, capture: true });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    page.help.hidden = true;
    pointer.stopFilm();
  }, { signal, capture: true });
}

/** @param {App} app @param {PointerEvent} event */
function pressed(app, event) {
  const { page, pointer, view } = app, [x, y] = place(app, event), pane = paneAt(app.gpu.stage.panes, x, y);
  if (!pane) return;
  page.over.focus({ preventScroll: true });
  if (!pointer.drawing && !app.gpu.lost) page.note.textContent = "";
  page.over.setPointerCapture(event.pointerId);
  pointer.press({ pane, x, y, moved: false, view: view.values, pan: event.button === 2 || event.shiftKey,
    grip: gripAt(app, pane, x, y) });
  if (pointer.drawing && pane.kind !== "3d") pointer.showLoop([[x, y]]);
}

/** @param {App} app @param {PointerEvent} event */
function released(app, event) {
  const { pointer, view } = app, held = pointer.release();
  if (!held) return;
  if (pointer.drawing && pointer.loop) return endLasso(app, held.pane);
  if (!held.moved && !held.pan) clickAt(app, held.pane, ...place(app, event));
  view.settle();
}

/** @param {App} app @param {Held} held @param {number} x @param {number} y */
function drag(app, held, x, y) {
  const { pointer, view } = app, { pane } = held, free = pane.kind === "slice" || pane.kind === "cells";
  pointer.dragTo(x, y);
  if (pointer.drawing && pointer.loop) {
    pointer.showLoop([...pointer.loop, [x, y]]);
    return drawOverlay(app);
  }
  if (!held.moved) return;
  if (held.grip) tiltTo(app, pane, x, y);
  else if (pane.kind === "3d" && held.pan) panSolid(app, held, x - held.x, y - held.y);
  else if (pane.kind === "3d") {
    view.set({ turn: held.view.turn - DEGREES_A_PIXEL * (x - held.x),
      rise: held.view.rise + DEGREES_A_PIXEL * (y - held.y) }, { kinds: SOLID });
  } else if (held.pan && free) panFlat(app, held, x - held.x, y - held.y);
  else view.setFocus(onSheet(sheet(view.values, view.config.box, pane), ...within(pane, x, y)));
}

/** @param {App} app @param {Held} held @param {number} dx @param {number} dy */
function panSolid({ view }, { pane, view: old }, dx, dy) {
  const l = lens(view.values, view.config.box, pane), radius = l.reach / 1.05;
  view.set({ panx: old.panx - 2 * dx / pane.w * l.reach2[0] / radius,
    pany: old.pany + 2 * dy / pane.h * l.reach2[1] / radius }, { kinds: SOLID });
}

/** @param {App} app @param {Held} held @param {number} dx @param {number} dy */
function panFlat({ view }, { pane, view: old }, dx, dy) {
  const { halves } = sheet(view.values, view.config.box, pane);
  view.set({ spanx: old.spanx - 2 * dx / pane.w * halves[0],
    spany: old.spany + 2 * dy / pane.h * halves[1] * wayUp(view.values) }, { kinds: FREE });
}

/**
 * The arrow's tip follows the pointer over the half of a ball around the crosshair that looks at the eye.
 * @param {App} app @param {Pane} pane @param {number} x @param {number} y
 */
function tiltTo({ view }, pane, x, y) {
  const l = lens(view.values, view.config.box, pane), length = handleLength(l);
  const [fx, fy] = project(l, focusOf(view.values)), [px, py] = within(pane, x, y);
  const a = (px - fx) * 2 * l.reach2[0] / length, b = (fy - py) * 2 * l.reach2[1] / length;
  const c = Math.sqrt(Math.max(0, 1 - a * a - b * b));
  const drawn = add(add(scaled(l.right, a), l.up, b), l.eye, c);
  view.set(anglesOf([drawn[0], drawn[1], drawn[2] / l.stretch]));
}

/** @param {App} app @param {Pane} pane @param {number} x @param {number} y */
function clickAt(app, pane, x, y) {
  const { view } = app, at = within(pane, x, y);
  const p = pane.kind === "3d" ? picked(app, pane, ...at)
    : onSheet(sheet(view.values, view.config.box, pane), ...at);
  if (p) view.setFocus(p);
}

/** @param {App} app @param {WheelEvent} event */
function wheel(app, event) {
  const { view } = app, pane = paneAt(app.gpu.stage.panes, ...place(app, event)), up = Math.sign(-event.deltaY);
  if (!pane) return;
  if (pane.kind === "3d") return view.set({ zoom: view.values.zoom * ZOOM_STEP ** up }, { kinds: SOLID });
  if ((event.ctrlKey || event.shiftKey) && pane.kind === "slice") {
    return view.set({ szoom: view.values.szoom * SLICE_ZOOM_STEP ** up }, { kinds: FREE });
  }
  const { normal } = sheet(view.values, view.config.box, pane);
  view.setFocus(add(focusOf(view.values), normal, up * view.config.wheel_um));
}
