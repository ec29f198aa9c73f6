// Two sections over each other: the moving one is dragged, turned and mirrored in the browser; where it was let go is
// reported as `pose` {version, dx, dy, angle, mirror}: µm and degrees about its own centre, mirrored first.
const DARK = "rgb(14, 17, 23)", INK = "rgb(226, 232, 240)";
const BESIDE = 430;  // pixels of the window for what stands above and below the picture

// What was done to a section since upload, with where it is dragged now: a mirror turns what was turned before it.
function inTotal(since, pose) {
  const angle = pose.angle + (pose.mirror ? -1 : 1) * since.angle;
  return { dx: since.dx + pose.dx, dy: since.dy + pose.dy, angle: ((angle + 540) % 360) - 180,
           mirror: since.mirrored !== pose.mirror };
}

function whole(value) {
  const near = Math.round(value) || 0;  // no -0
  return String(near).replace("-", "−");
}

function inWords({ dx, dy, angle, mirror }) {
  const turned = (Math.round(10 * angle) / 10 || 0).toFixed(1).replace("-", "−");
  return `since upload: moved ${whole(dx)}, ${whole(dy)} µm · turned ${turned}°${mirror ? " · mirrored" : ""}`;
}

function unpack(data) {
  const size = new DataView(data.buffer, data.byteOffset, 4).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(data.subarray(4, 4 + size)));
  const bytes = data.slice(4 + size);
  const cloud = (at, n) => ({ xy: new Float32Array(bytes.buffer, at, 2 * n), light: bytes.subarray(at + 8 * n, at + 9 * n), n });
  const fixed = cloud(0, head.fixed);
  const moving = cloud(head.moving_at, head.moving);
  return { head, fixed, moving };
}

// A section drawn once: afterwards only its picture moves. Over an image the cells are smaller.
function paint(cloud, colour, view, centre, pictured) {
  const side = Math.ceil(2 * view.reach * view.scale) + 8;
  const canvas = new OffscreenCanvas(side, side), ctx = canvas.getContext("2d");
  const dot = Math.max(1.2, (pictured ? 0.5 : 0.85) * view.spacing * view.scale);
  for (let level = 0; level < 8; level++) {
    ctx.fillStyle = `rgba(${colour}, ${0.16 + 0.12 * level})`;
    for (let i = 0; i < cloud.n; i++) {
      if (cloud.light[i] >> 5 !== level) continue;
      ctx.fillRect(side / 2 + (cloud.xy[2 * i] - centre[0]) * view.scale - dot / 2,
                   side / 2 - view.up * (cloud.xy[2 * i + 1] - centre[1]) * view.scale - dot / 2, dot, dot);
    }
  }
  return canvas;
}

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".overlay"), canvas = root.querySelector("canvas");
  const ctx = canvas.getContext("2d"), label = root.querySelector(".pose"), turn = root.querySelector("[name=turn]");
  const { head, fixed, moving } = unpack(data);
  const ratio = window.devicePixelRatio || 1;
  const view = { reach: head.reach, spacing: head.spacing, up: head.up, scale: 1 };
  const [shown, opacity] = ["histology", "opacity"].map((name) => root.querySelector(`[name=${name}]`));
  const { held: images, events } = globalThis.isostImages ??= { held: new Map(), events: new EventTarget() };
  const leaving = new AbortController();
  let pictured = false, pictures = [];
  const pose = { dx: 0, dy: 0, angle: 0, mirror: false };
  let timer = null, held = null, letGo = false, fitted = 0;

  function at(x, y) {
    return [canvas.width / 2 + (x - head.middle[0]) * view.scale, canvas.height / 2 - view.up * (y - head.middle[1]) * view.scale];
  }

  // What the moving section is drawn with: its centre is the origin.
  function posed(act) {
    const [x, y] = at(head.centre[0] + pose.dx, head.centre[1] + pose.dy);
    ctx.translate(x, y);
    ctx.rotate(-view.up * pose.angle * Math.PI / 180);
    ctx.scale(pose.mirror ? -1 : 1, 1);
    act();
    ctx.setTransform(1, 0, 0, 1, 0, 0);
  }

  // The image of a section, from the point where `centre` is drawn.
  function layImage(laid, centre, alpha) {
    const image = laid && images.get(laid.key);
    if (!image) return;
    const x = (um) => um * view.scale, y = (um) => -view.up * um * view.scale;
    ctx.save();
    ctx.globalAlpha = alpha;
    ctx.transform(x(laid.right[0]) / image.width, y(laid.right[1]) / image.width, x(laid.down[0]) / image.height,
                  y(laid.down[1]) / image.height, x(laid.corner[0] - centre[0]), y(laid.corner[1] - centre[1]));
    ctx.drawImage(image, 0, 0);
    ctx.restore();
  }

  function layImages() {
    const alpha = opacity.value / 100;
    ctx.translate(canvas.width / 2, canvas.height / 2);
    layImage(head.images[0], head.middle, alpha);
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    posed(() => layImage(head.images[1], head.centre, images.has(head.images[0]?.key) ? alpha / 2 : alpha));
  }

  // As wide as its column; low enough that its controls are in the window with it.
  function fit() {
    const width = fitted = root.clientWidth;
    const most = Math.max(window.innerHeight - BESIDE, 300);
    const height = Math.round(Math.min(Math.max(0.72 * width, 320), width, 560, most));
    canvas.width = width * ratio; canvas.height = height * ratio;
    canvas.style.height = `${height}px`;
    view.scale = 0.46 * Math.min(canvas.width, canvas.height) / head.reach;
    repaint();
  }

  // The cells anew: for the images that are there, or for none.
  function repaint() {
    pictured = shown.checked && head.images.some((laid) => laid && images.has(laid.key));
    pictures = [paint(fixed, head.colours[0], view, head.middle, pictured),
                paint(moving, head.colours[1], view, head.centre, pictured)];
    draw();
  }

  function draw() {
    if (root.clientWidth && root.clientWidth !== fitted) return fit();
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.globalCompositeOperation = "source-over";
    ctx.fillStyle = DARK;
    ctx.fillRect(0, 0, canvas.width, canvas.height);
    if (pictured) layImages();
    else ctx.globalCompositeOperation = "lighter";
    ctx.drawImage(pictures[0], canvas.width / 2 - pictures[0].width / 2, canvas.height / 2 - pictures[0].height / 2);
    posed(() => ctx.drawImage(pictures[1], -pictures[1].width / 2, -pictures[1].height / 2));
    ctx.globalCompositeOperation = "source-over";
    scaleBar();
    label.textContent = inWords(inTotal(head.since, pose)) + (letGo ? " · computing r …" : "");
    turn.value = pose.angle;
  }

  function scaleBar() {
    const most = 0.2 * canvas.width / view.scale, power = 10 ** Math.floor(Math.log10(most));
    const um = power * [5, 2, 1].find((step) => step * power <= most);
    const long = um * view.scale, x = canvas.width - long - 16 * ratio, y = canvas.height - 16 * ratio;
    ctx.font = `${12 * ratio}px sans-serif`;
    ctx.textAlign = "center";
    ctx.strokeStyle = DARK;  // around both: an image may be white here
    ctx.lineWidth = 3 * ratio;
    ctx.lineJoin = "round";
    const words = [um >= 1000 ? `${um / 1000} mm` : `${um} µm`, x + long / 2, y - 6 * ratio];
    ctx.strokeRect(x, y, long, 3 * ratio);
    ctx.strokeText(...words);
    ctx.fillStyle = INK;
    ctx.fillRect(x, y, long, 3 * ratio);
    ctx.fillText(...words);
  }

  function changed() {
    pose.angle = ((pose.angle + 540) % 360) - 180;
    letGo = Boolean(pose.dx || pose.dy || pose.angle || pose.mirror);
    draw();
    clearTimeout(timer);
    if (letGo) {
      timer = setTimeout(() => setStateValue("pose", { version: head.version, ...pose }), 350);
    }
  }

  const place = (event) => [event.clientX * ratio / view.scale, -view.up * event.clientY * ratio / view.scale];
  const bearing = (event) => {
    const box = canvas.getBoundingClientRect(), [x, y] = at(head.centre[0] + pose.dx, head.centre[1] + pose.dy);
    return Math.atan2(view.up * (y / ratio - (event.clientY - box.top)), (event.clientX - box.left) - x / ratio) * 180 / Math.PI;
  };
  canvas.onpointerdown = (event) => {
    canvas.focus({ preventScroll: true });
    canvas.setPointerCapture(event.pointerId);
    clearTimeout(timer);
    held = { from: place(event), bearing: bearing(event), turns: event.shiftKey, ...pose };
  };
  canvas.onpointermove = (event) => {
    if (!held) return;
    if (held.turns) pose.angle = held.angle + bearing(event) - held.bearing;
    else {
      const [x, y] = place(event);
      pose.dx = held.dx + x - held.from[0]; pose.dy = held.dy + y - held.from[1];
    }
    draw();
  };
  canvas.onpointerup = canvas.onpointercancel = () => { if (held) { held = null; changed(); } };
  canvas.onkeydown = (event) => {
    const step = event.shiftKey ? head.spacing / 5 : head.spacing;
    const keys = { ArrowLeft: ["dx", -step], ArrowRight: ["dx", step], ArrowUp: ["dy", view.up * step],
                   ArrowDown: ["dy", -view.up * step], q: ["angle", view.up], e: ["angle", -view.up],
                   Q: ["angle", 0.2 * view.up], E: ["angle", -0.2 * view.up] };
    if (event.key === "f" || event.key === "F") pose.mirror = !pose.mirror;
    else if (keys[event.key]) pose[keys[event.key][0]] += keys[event.key][1];
    else return;
    event.preventDefault();
    changed();
  };
  turn.oninput = () => { pose.angle = +turn.value; draw(); };
  turn.onchange = () => changed();
  root.querySelector("[name=mirror]").onclick = () => { pose.mirror = !pose.mirror; changed(); };
  root.querySelector(".images").hidden = !head.images.some(Boolean);
  shown.onchange = repaint;
  opacity.oninput = draw;
  events.addEventListener("image", repaint, { signal: leaving.signal });
  fit();
  const size = new ResizeObserver(() => { if (root.clientWidth && root.clientWidth !== fitted) fit(); });
  size.observe(root);
  window.addEventListener("resize", fit, { signal: leaving.signal });
  root.dataset.version = head.version;
  return () => {
    clearTimeout(timer);
    leaving.abort();
    size.disconnect();
  };
}
