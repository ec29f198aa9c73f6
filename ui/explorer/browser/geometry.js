// Geometry: planes, cameras, places on the screen. Angles are degrees, lengths µm.
const rad = (degrees) => degrees * Math.PI / 180;
const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const add = (a, b, times = 1) => [a[0] + times * b[0], a[1] + times * b[1], a[2] + times * b[2]];
const scaled = (a, times) => [a[0] * times, a[1] * times, a[2] * times];
const clamp = (x, low, high) => Math.min(Math.max(x, low), high);

// u, v and normal of a plane as isost_core.slices.plane_axes has them; flipped, it is seen from behind.
function planeAxes(azimuth, tilt, flip) {
  const a = rad(azimuth), t = rad(tilt), side = flip ? -1 : 1;
  return {
    u: scaled([Math.cos(t) * Math.cos(a), Math.cos(t) * Math.sin(a), -Math.sin(t)], side),
    v: [-Math.sin(a), Math.cos(a), 0],
    normal: [Math.sin(t) * Math.cos(a), Math.sin(t) * Math.sin(a), Math.cos(t)],
  };
}

// Azimuth 0 to 360 and tilt 0 to 180 of a plane with this normal.
function anglesOf(normal) {
  const length = Math.hypot(...normal), tilt = Math.acos(clamp(normal[2] / length, -1, 1)) * 180 / Math.PI;
  const azimuth = Math.atan2(normal[1], normal[0]) * 180 / Math.PI;
  return { azimuth: (azimuth + 360) % 360, tilt };
}

// Unit vectors of the picture: to the right, up, and towards the eye.
function cameraAxes(turn, rise) {
  const a = rad(turn), e = rad(rise);
  return {
    right: [Math.cos(a), Math.sin(a), 0],
    up: [-Math.sin(e) * Math.sin(a), Math.sin(e) * Math.cos(a), Math.cos(e)],
    eye: [Math.cos(e) * Math.sin(a), -Math.cos(e) * Math.cos(a), Math.sin(e)],
  };
}

const CAMERAS = { oblique: [33, 27], top: [0, 90], front: [0, 0], side: [90, 0] };

const middleOf = (box) => [0, 1, 2].map((d) => (box[0][d] + box[1][d]) / 2);
const sizeOf = (box) => [0, 1, 2].map((d) => box[1][d] - box[0][d]);

// Rectangles in CSS pixels, from the top left. Every gene has panes of its own when they stand side by side.
function layoutPanes(app) {
  const { view, config, width } = app, many = config.channels.length > 1 && view.blend === "side";
  const panes = [], gap = 2, three = view.panes, main = app.height - (three ? app.rowHeight : 0);
  const columns = many ? config.channels.length : 1, w = (width - gap * (columns - 1)) / columns;
  if (many) {
    const top = Math.round(main * (view.cells_pane ? 0.4 : 0.52));
    const kinds = view.cells_pane ? ["3d", "slice", "cells"] : ["3d", "slice"], below = (main - top) / (kinds.length - 1);
    for (let c = 0; c < columns; c++) kinds.forEach((kind, i) => panes.push({ kind, channel: c, alone: true, x: c * (w + gap), w,
      y: i ? top + gap + (i - 1) * below : 0, h: i ? below - gap : top }));
  } else {
    const left = Math.round(width * 0.58), x = left + gap, w2 = width - x;
    const half = view.cells_pane ? Math.round(main / 2) : main;
    panes.push({ kind: "3d", channel: 0, x: 0, y: 0, w: left, h: main }, { kind: "slice", channel: 0, x, y: 0, w: w2, h: half });
    if (view.cells_pane) panes.push({ kind: "cells", channel: 0, x, y: half + gap, w: w2, h: main - half - gap });
  }
  if (three) {
    const w3 = (width - 2 * gap) / 3;
    ["xy", "xz", "yz"].forEach((kind, i) => panes.push(
      { kind, channel: 0, alone: many, x: i * (w3 + gap), y: main + gap, w: w3, h: app.rowHeight - gap }));
  }
  return panes;
}

// What the 3D pane looks at: centre and half sides in µm, depth stretched.
function lens(app, pane) {
  const { view, config } = app, axes = cameraAxes(view.turn, view.rise), size = sizeOf(config.box);
  size[2] *= view.stretch;
  const radius = Math.hypot(...size) / 2, half = 1.06 * radius / view.zoom, wide = pane.w / pane.h;
  const reach2 = wide > 1 ? [half * wide, half] : [half, half / wide];
  const middle = add(scaled(axes.right, view.panx * radius), axes.up, view.pany * radius);
  return { ...axes, reach2, middle, reach: 1.05 * radius + 1, box: middleOf(config.box), stretch: view.stretch };
}

// Place on the screen (in the pane, 0 to 1 from its top left) of a point, and its distance along the ray.
function project(l, p) {
  const q = [p[0] - l.box[0], p[1] - l.box[1], (p[2] - l.box[2]) * l.stretch], seen = add(q, l.middle, -1);
  return [0.5 + dot(seen, l.right) / l.reach2[0] / 2, 0.5 - dot(seen, l.up) / l.reach2[1] / 2, l.reach - dot(q, l.eye)];
}

// The point at a distance along the ray through a place of the pane.
function unproject(l, x, y, t) {
  let q = add(l.middle, l.right, (2 * x - 1) * l.reach2[0]);
  q = add(add(q, l.up, (1 - 2 * y) * l.reach2[1]), l.eye, l.reach - t);
  return [l.box[0] + q[0], l.box[1] + q[1], l.box[2] + q[2] / l.stretch];
}

// The plane that a flat pane shows: its centre, axes, and half sides in µm.
function sheet(app, pane) {
  const { view, config } = app, focus = [view.cx, view.cy, view.cdepth], middle = middleOf(config.box);
  const frames = {
    xy: { u: [1, 0, 0], v: [0, 1, 0], normal: [0, 0, 1] }, xz: { u: [1, 0, 0], v: [0, 0, 1], normal: [0, -1, 0] },
    yz: { u: [0, 1, 0], v: [0, 0, 1], normal: [1, 0, 0] },
  };
  const axes = frames[pane.kind] || planeAxes(view.azimuth, view.tilt, view.flip), size = sizeOf(config.box);
  const off = dot(add(focus, middle, -1), axes.normal);
  const spread = (axis) => size.reduce((sum, length, d) => sum + Math.abs(axis[d]) * length, 0) / 2;
  const free = pane.kind === "slice" || pane.kind === "cells", zoom = free ? view.szoom : 1;
  const half = 1.07 * Math.max(spread(axes.u) * pane.h / pane.w, spread(axes.v)) / zoom;
  const halves = [half * pane.w / pane.h, half];
  let centre = add(middle, axes.normal, off);
  if (free) centre = add(add(centre, axes.u, view.spanx), axes.v, view.spany);
  return { ...axes, centre, halves };
}

const onSheet = (s, x, y) => add(add(s.centre, s.u, (2 * x - 1) * s.halves[0]), s.v, (1 - 2 * y) * s.halves[1]);
function offSheet(s, p) {
  const q = add(p, s.centre, -1);
  return [0.5 + dot(q, s.u) / s.halves[0] / 2, 0.5 - dot(q, s.v) / s.halves[1] / 2];
}

// Where a plane cuts the tissue: left, right, top and bottom as shares of the pane; null where it misses it.
function cutOf(app, s) {
  const n = 140, found = [1, 0, 1, 0];
  for (let i = 0; i < n * n; i++) {
    const x = (i % n + 0.5) / n, y = (Math.floor(i / n) + 0.5) / n;
    if (!insideTissue(app, onSheet(s, x, y))) continue;
    found[0] = Math.min(found[0], x - 0.5 / n); found[1] = Math.max(found[1], x + 0.5 / n);
    found[2] = Math.min(found[2], y - 0.5 / n); found[3] = Math.max(found[3], y + 0.5 / n);
  }
  return found[1] > found[0] ? found : null;
}

// Zooms the slice to the tissue that it cuts, clear of the words and colour bars at the pane's borders.
function fitSlice(app) {
  const { view } = app, pane = app.panes.find((one) => one.kind === "slice");
  Object.assign(view, { szoom: 1, spanx: 0, spany: 0 });
  const s = sheet(app, pane), cut = cutOf(app, s);
  if (!cut) return;
  const left = Math.min(34 / pane.w, 0.1), right = 1 - Math.min(66 / pane.w, 0.2), top = Math.min(46 / pane.h, 0.13), low = 1 - Math.min(44 / pane.h, 0.13);
  view.szoom = clamp(Math.min((right - left) / (cut[1] - cut[0]), (low - top) / (cut[3] - cut[2])), 0.5, 30);
  view.spanx = s.halves[0] * (cut[0] + cut[1] - 1 - (left + right - 1) / view.szoom);
  view.spany = s.halves[1] * (1 - cut[2] - cut[3] - (1 - top - low) / view.szoom);
}
function fit(app) {
  app.fitting = true;
  changed(app, true, ["slice", "cells"]);
}

const withinBox = (box, p) => p.map((x, d) => clamp(x, box[0][d], box[1][d]));

// A round length that takes up about this share of a width, and its words.
function scaleBar(width, share = 0.25) {
  const rough = width * share, power = 10 ** Math.floor(Math.log10(rough));
  const length = [5, 2, 1].map((n) => n * power).find((n) => n <= rough);
  return { length, words: lengthWords(length) };
}
const lengthWords = (um) => Math.abs(um) >= 1000 ? `${+(um / 1000).toPrecision(3)} mm` : Math.abs(um) < 0.05 ? "0 µm" : `${+um.toPrecision(3)} µm`;
