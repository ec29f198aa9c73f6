// Mouse, wheel and keys.
const paneAt = (app, x, y) => app.panes.find((p) => x >= p.x && x < p.x + p.w && y >= p.y && y < p.y + p.h);
const within = (pane, x, y) => [(x - pane.x) / pane.w, (y - pane.y) / pane.h];

function place(app, event) {
  const box = app.over.getBoundingClientRect();
  return [event.clientX - box.left, event.clientY - box.top];
}

function setFocus(app, p) {
  [app.view.cx, app.view.cy, app.view.cdepth] = withinBox(app.config.box, p);
}

function movePlane(app, um) {
  const { view } = app, normal = planeAxes(view.azimuth, view.tilt, false).normal;
  setFocus(app, add([view.cx, view.cy, view.cdepth], normal, um));
}

function listen(app) {
  const { over, root } = app;
  over.onpointerdown = (event) => {
    const [x, y] = place(app, event), pane = paneAt(app, x, y);
    if (!pane) return;
    over.focus({ preventScroll: true });
    if (!app.drawing) root.querySelector(".note").textContent = "";
    over.setPointerCapture(event.pointerId);
    app.held = { pane, x, y, moved: false, view: structuredClone(app.view), pan: event.button === 2 || event.shiftKey, grip: gripAt(app, pane, x, y) };
    if (app.drawing && pane.kind !== "3d") app.loop = [[x, y]];
  };
  over.onpointermove = (event) => {
    const [x, y] = place(app, event);
    app.pointer = [x, y];
    if (app.held) return drag(app, x, y);
    readout(app, x, y);
  };
  over.onpointerup = (event) => {
    const { held } = app, [x, y] = place(app, event);
    app.held = null;
    if (!held) return;
    if (app.loop) return endLasso(app, held.pane);
    if (!held.moved && !held.pan) clickAt(app, held.pane, x, y);
    changed(app, true);
  };
  over.oncontextmenu = (event) => event.preventDefault();
  over.onpointerleave = () => { app.pointer = null; app.root.querySelector(".read").textContent = ""; };
  over.addEventListener("wheel", (event) => {  // only once the picture was clicked: else the page scrolls
    if (root.getRootNode().activeElement !== over) { root.querySelector(".note").textContent = "Click the picture first, then the wheel moves it."; return; }
    event.preventDefault();
    wheel(app, event);
  }, { passive: false });
  listenAround(app);
  over.onkeydown = (event) => { if (press(app, event)) { event.preventDefault(); event.stopPropagation(); } };
}

// Wherever on the page the keys go: Esc and a click beside the help close it; Esc and a click on the picture end a film.
function listenAround(app) {
  const { root } = app, signal = (app.leave = new AbortController()).signal, box = root.querySelector(".help");
  document.addEventListener("pointerdown", (event) => {
    const path = event.composedPath();
    if (app.film && path.includes(app.over)) app.film.stopped = true;
    if (!path.includes(box) && !path.includes(root.querySelector("[name=help]"))) box.hidden = true;
  }, { signal, capture: true });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    box.hidden = true;
    if (app.film) app.film.stopped = true;
  }, { signal, capture: true });
}

// Whether the pointer is on the arrow that tilts the plane.
function gripAt(app, pane, x, y) {
  if (pane.kind !== "3d" || !app.view.plane || app.figure) return false;
  const l = lens(app, pane), [hx, hy] = project(l, planeHandle(app, l));
  return Math.hypot(pane.x + hx * pane.w - x, pane.y + hy * pane.h - y) < 12;
}

function drag(app, x, y) {
  const { held, view } = app, { pane } = held, dx = x - held.x, dy = y - held.y, old = held.view;
  if (Math.hypot(dx, dy) > 3) held.moved = true;
  if (app.loop) { app.loop.push([x, y]); return drawOverlay(app); }
  if (!held.moved) return;
  if (held.grip) tiltBy(app, pane, x, y);
  else if (pane.kind === "3d" && held.pan) {
    const l = lens(app, pane), radius = l.reach / 1.05;
    view.panx = old.panx - 2 * dx / pane.w * l.reach2[0] / radius;
    view.pany = old.pany + 2 * dy / pane.h * l.reach2[1] / radius;
    return changed(app, false, ["3d"]);
  } else if (pane.kind === "3d") {
    view.turn = old.turn - 0.45 * dx;
    view.rise = clamp(old.rise + 0.45 * dy, -90, 90);
    return changed(app, false, ["3d"]);
  } else if (held.pan && (pane.kind === "slice" || pane.kind === "cells")) {
    const s = sheet(app, pane);
    view.spanx = old.spanx - 2 * dx / pane.w * s.halves[0];
    view.spany = old.spany + 2 * dy / pane.h * s.halves[1];
    return changed(app, false, ["slice", "cells"]);
  } else setFocus(app, onSheet(sheet(app, pane), ...within(pane, x, y)));
  changed(app);
}

// The arrow's tip follows the pointer over the half of a ball around the crosshair that looks at the eye.
function tiltBy(app, pane, x, y) {
  const { view } = app, l = lens(app, pane), [fx, fy] = project(l, [view.cx, view.cy, view.cdepth]), [px, py] = within(pane, x, y);
  const length = 0.32 * Math.min(...l.reach2), a = (px - fx) * 2 * l.reach2[0] / length, b = (fy - py) * 2 * l.reach2[1] / length;
  const c = Math.sqrt(Math.max(0, 1 - a * a - b * b));
  const drawn = add(add(scaled(l.right, a), l.up, b), l.eye, c);
  Object.assign(view, anglesOf([drawn[0], drawn[1], drawn[2] / l.stretch]));
}

function clickAt(app, pane, x, y) {
  if (pane.kind !== "3d") return setFocus(app, onSheet(sheet(app, pane), ...within(pane, x, y)));
  const hit = picked(app, pane, ...within(pane, x, y));
  if (hit) setFocus(app, hit);
}

// The point of the picture under the pointer: drawn once more into a coarse picture that holds distances.
function picked(app, pane, x, y) {
  const w = Math.min(240, Math.round(pane.w)), h = Math.round(w * pane.h / pane.w), target = targetFor(app, "quick", w, h), bytes = new Uint8Array(4);
  dotsBehind(app, pane, w, h);
  const row = clamp(Math.round((1 - y) * h - 0.5), 0, h - 1);
  drawSurfaces(app, pane, target, w, h, [row, row + 1], true);
  app.gl.readPixels(clamp(Math.round(x * w - 0.5), 0, w - 1), row, 1, 1, app.gl.RGBA, app.gl.UNSIGNED_BYTE, bytes);
  if (!bytes[3]) return null;
  const l = lens(app, pane), share = bytes[0] / 255 + bytes[1] / 65025 + bytes[2] / 16581375;
  return unproject(l, x, y, share * 2 * l.reach);
}

function wheel(app, event) {
  const [x, y] = place(app, event), pane = paneAt(app, x, y), { view, config } = app, up = Math.sign(-event.deltaY);
  if (!pane) return;
  if (pane.kind === "3d") {
    view.zoom = clamp(view.zoom * 1.12 ** up, 0.3, 30);
    return changed(app, false, ["3d"]);
  }
  if ((event.ctrlKey || event.shiftKey) && pane.kind === "slice") {
    view.szoom = clamp(view.szoom * 1.15 ** up, 0.5, 30);
    return changed(app, false, ["slice", "cells"]);
  }
  const normal = sheet(app, pane).normal;
  setFocus(app, add([view.cx, view.cy, view.cdepth], normal, up * config.wheel_um));
  changed(app);
}

function press(app, event) {
  const { view, config } = app, by = event.shiftKey ? 10 : 1, key = event.key;
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const turn = { ArrowLeft: ["azimuth", -by], ArrowRight: ["azimuth", by], ArrowUp: ["tilt", by], ArrowDown: ["tilt", -by] }[key];
  const names = Object.keys(CAMERAS);
  if (turn) {
    const [name, step] = turn;
    view[name] = name === "azimuth" ? (view.azimuth + step + 360) % 360 : clamp(view.tilt + step, 0, 180);
  } else if (key === "PageUp" || key === "PageDown") movePlane(app, (key === "PageUp" ? 1 : -1) * by * config.wheel_um);
  else if ("1234".includes(key)) setCamera(app, names[+key - 1]);
  else {
    const act = { f: () => flip(app, "flip"), o: () => flip(app, "panes"), m: () => flip(app, "cells_pane"), t: () => turntable(app), r: () => reset(app), z: () => undo(app),
      l: () => lasso(app), "0": () => fit(app), escape: () => stopLasso(app), "?": () => help(app), h: () => help(app),
      u: () => { if (config.known) { view.uncertainty = { off: "show", show: "hide", hide: "off" }[view.uncertainty]; changed(app, true); } } }[key.toLowerCase()];
    if (!act) return false;
    act();
    return true;
  }
  changed(app);
  return true;
}

// The value under the pointer, in words.
function readout(app, x, y) {
  const pane = paneAt(app, x, y), out = app.root.querySelector(".read");
  app.over.style.cursor = !pane ? "default" : pane.kind !== "3d" ? "crosshair" : gripAt(app, pane, x, y) ? "pointer" : "grab";
  if (!pane || pane.kind === "3d" || pane.kind === "cells" || !app.packs.length) { out.textContent = ""; return; }
  const p = onSheet(sheet(app, pane), ...within(pane, x, y)), where = `x ${lengthWords(p[0])} · y ${lengthWords(p[1])} · depth ${lengthWords(p[2])}`;
  if (!insideTissue(app, p)) { out.textContent = `outside the tissue · ${where}`; return; }
  const values = app.packs.map((pack, c) => {
    const known = pack.parts.known ? `, known ${Math.round(100 * sampled(app, pack.parts.known, p) / 255)} %` : "";
    const sd = pack.parts.sd && app.view.layer === "sd" ? `, sd of a cell ${number(sampled(app, pack.parts.sd, p) / 255 * pack.sd)}` : "";
    return `${app.config.channels[c].name} ${number(valueAt(app, pack, p))} ${app.config.channels[c].unit} predicted${known}${sd}`;
  });
  if (togetherAs(app, pane) === "mean" && layerOf(app, pane) === "values") values.push(`mean score ${Math.round(100 * meanScore(app, p))} %`);
  out.textContent = `${values.join(" · ")} · ${where}`;
}

// Average of the genes, each as a share of the range that its colours span.
function meanScore(app, p) {
  const shares = app.packs.map((pack, c) => { const [low, high] = rangeOf(app, app.config.channels[c]); return clamp((valueAt(app, pack, p) - low) / (high - low), 0, 1); });
  return shares.reduce((a, b) => a + b) / shares.length;
}

const valueAt = (app, pack, p) => Math.max(0, pack.low + sampled(app, pack.parts.values, p) / 255 * (pack.high - pack.low));
const insideTissue = (app, p) => p.every((x, d) => x >= app.config.box[0][d] - 1e-3 && x <= app.config.box[1][d] + 1e-3) && sampled(app, app.tissue.parts.tissue, p) > 127.5;

// Trilinear between the texels, as the graphics processor does it.
function sampled(app, bytes, p) {
  const { origin, step, dims } = app.config.grid, low = [], share = [];
  for (let d = 0; d < 3; d++) {
    const at = clamp((p[d] - origin[d]) / step[d], 0, dims[d] - 1);
    low.push(Math.min(Math.floor(at), Math.max(dims[d] - 2, 0))); share.push(at - low[d]);
  }
  let sum = 0;
  for (let c = 0; c < 8; c++) {
    let weight = 1, index = 0, jump = 1;
    for (let d = 0; d < 3; d++) {
      const next = c >> d & 1;
      weight *= next ? share[d] : 1 - share[d];
      index += Math.min(low[d] + next, dims[d] - 1) * jump;
      jump *= dims[d];
    }
    if (weight) sum += weight * bytes[index];
  }
  return sum;
}
