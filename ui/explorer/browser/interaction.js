// Mouse, wheel and fingers on the picture.
import { drawOverlay } from "./annotations.js";
import {
  add, anglesOf, focusOf, handleLength, isWithin, lens, onSheet, project, scaled, sheet, UP, wayUp,
} from "./geometry.js";
import { press } from "./keys.js";
import { endLasso } from "./lasso.js";
import { paneAt, within } from "./panes.js";
import { gripAt, hideRead, readout } from "./readout.js";
import { picked } from "./render.js";
/** @import { Held, Pinch } from "./pointer.js" */
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
  const { page: { over }, pointer } = app;
  over.onpointerdown = (event) => pressed(app, event);
  over.onpointermove = (event) => {
    const at = place(app, event);
    pointer.moveTo(at);
    if (pointer.fingers.has(event.pointerId)) pointer.setFinger(event.pointerId, at);
    if (pointer.pinch) pinched(app, pointer.pinch);
    else if (pointer.held) drag(app, pointer.held, ...at);
    else readout(app, ...at);
  };
  over.onpointerup = (event) => released(app, event);
  over.onpointercancel = (event) => {
    pointer.liftFinger(event.pointerId);
    pointer.release();
  };
  over.oncontextmenu = (event) => event.preventDefault();
  over.onpointerleave = ({ pointerType }) => { if (pointerType !== "touch") left(app); };
  over.addEventListener("wheel", (event) => {
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

/** @param {App} app  the pointer is elsewhere */
function left(app) {
  app.pointer.moveTo(null);
  hideRead(app);
}

/**
 * Wherever on the page: Esc and a click beside the help close it; Esc and a click on the picture end a film.
 * @param {App} app
 */
function listenAround(app) {
  const { page, pointer, leaving: { signal } } = app;
  document.addEventListener("pointerdown", (event) => {
    const path = event.composedPath(), ask = page.bar.querySelector("[name=help]");
    if (path.includes(page.over)) pointer.stopFilm();
    else left(app);
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
  if (!app.gpu.lost) page.note.textContent = "";
  page.over.setPointerCapture(event.pointerId);
  if (event.pointerType === "touch") pointer.setFinger(event.pointerId, [x, y]);
  if (pointer.fingers.size === 2) return pointer.startPinch(pane, view.values);
  pointer.press({ pane, x, y, moved: false, view: view.values, pan: event.button === 2 || event.shiftKey,
    grip: gripAt(app, pane, x, y) });
  if (pointer.drawing && pane.kind !== "3d") pointer.showLoop([[x, y]]);
}

/** @param {App} app @param {PointerEvent} event */
function released(app, event) {
  const { pointer, view } = app, held = pointer.release(), { pinch } = pointer;
  pointer.liftFinger(event.pointerId);
  if (pinch) view.settle();
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
  else {
    const p = onSheet(sheet(view.values, view.config.box, pane), ...within(pane, x, y));
    if (isWithin(view.config.box, p)) view.setFocus(p);
    return readout(app, x, y);
  }
  hideRead(app);
}

/** @param {App} app @param {Pinch} pinch  two fingers zoom by how far they are apart, and move what is between them */
function pinched(app, pinch) {
  const { view, pointer } = app, { pane, from, view: old } = pinch, [a, b] = pointer.fingers.values();
  /** @param {Pair[]} two */
  const apart = ([p, q]) => Math.max(Math.hypot(p[0] - q[0], p[1] - q[1]), 1);
  const by = apart([a, b]) / apart(from), dx = (a[0] + b[0] - from[0][0] - from[1][0]) / 2;
  const dy = (a[1] + b[1] - from[0][1] - from[1][1]) / 2;
  hideRead(app);
  if (pane.kind === "3d") {
    view.put({ zoom: old.zoom * by });
    panSolid(app, pinch, dx, dy);
  } else if (FREE.includes(pane.kind)) {
    view.put({ szoom: old.szoom * by });
    panFlat(app, pinch, dx, dy);
  }
}

/** @param {App} app @param {Held | Pinch} held @param {number} dx @param {number} dy */
function panSolid({ view }, { pane, view: old }, dx, dy) {
  const l = lens(view.values, view.config.box, pane), radius = l.reach / 1.05;
  view.set({ panx: old.panx - 2 * dx / pane.w * l.reach2[0] / radius,
    pany: old.pany + 2 * dy / pane.h * l.reach2[1] / radius }, { kinds: SOLID });
}

/** @param {App} app @param {Held | Pinch} held @param {number} dx @param {number} dy */
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
  const drawn = scaled(add(add(scaled(l.right, a), l.up, b), l.eye, c), UP);
  view.set(anglesOf([drawn[0], drawn[1], drawn[2] / l.stretch]));
}

/** @param {App} app @param {Pane} pane @param {number} x @param {number} y */
function clickAt(app, pane, x, y) {
  const { view } = app, at = within(pane, x, y);
  const p = pane.kind === "3d" ? picked(app, pane, ...at)
    : onSheet(sheet(view.values, view.config.box, pane), ...at);
  app.pointer.click(p && { at: [x, y], point: p });
  if (p && isWithin(view.config.box, p)) view.setFocus(p);  // elsewhere the plane itself would move
  readout(app, x, y);
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
  view.setFocus(add(focusOf(view.values), normal, up * view.config.wheel_um * UP));
}
