// Two sections over each other: the moving one is dragged, turned and mirrored in the browser; where it was let go is
// reported as `pose` {version, dx, dy, angle, mirror}: µm and degrees about its own centre, mirrored first.
const DARK = "rgb(14, 17, 23)", INK = "rgb(226, 232, 240)";

function unpack(data) {
  const size = new DataView(data.buffer, data.byteOffset, 4).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(data.subarray(4, 4 + size)));
  const bytes = data.slice(4 + size);
  const cloud = (at, n) => ({ xy: new Float32Array(bytes.buffer, at, 2 * n), light: bytes.subarray(at + 8 * n, at + 9 * n), n });
  const fixed = cloud(0, head.fixed);
  const moving = cloud(head.moving_at, head.moving);
  return { head, fixed, moving };
}

// A section drawn once: afterwards only its picture moves.
function paint(cloud, colour, view, centre) {
  const side = Math.ceil(2 * view.reach * view.scale) + 8;
  const canvas = new OffscreenCanvas(side, side), ctx = canvas.getContext("2d");
  const dot = Math.max(1.2, 0.85 * view.spacing * view.scale);
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
  const width = root.clientWidth, height = Math.round(Math.min(560, 0.72 * width));
  canvas.width = width * ratio; canvas.height = height * ratio;
  canvas.style.width = `${width}px`; canvas.style.height = `${height}px`;
  const view = { reach: head.reach, spacing: head.spacing, up: head.up, scale: 0.46 * Math.min(canvas.width, canvas.height) / head.reach };
  const pictures = [paint(fixed, head.colours[0], view, head.middle), paint(moving, head.colours[1], view, head.centre)];
  const pose = { dx: 0, dy: 0, angle: 0, mirror: false };
  let timer = null, held = null;

  function at(x, y) {
    return [canvas.width / 2 + (x - head.middle[0]) * view.scale, canvas.height / 2 - view.up * (y - head.middle[1]) * view.scale];
  }

  function draw() {
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.globalCompositeOperation = "source-over";
    ctx.fillStyle = DARK;
    ctx.fillRect(0, 0, canvas.width, canvas.height);
    ctx.globalCompositeOperation = "lighter";
    ctx.drawImage(pictures[0], canvas.width / 2 - pictures[0].width / 2, canvas.height / 2 - pictures[0].height / 2);
    const [x, y] = at(head.centre[0] + pose.dx, head.centre[1] + pose.dy);
    ctx.translate(x, y);
    ctx.rotate(-view.up * pose.angle * Math.PI / 180);
    ctx.scale(pose.mirror ? -1 : 1, 1);
    ctx.drawImage(pictures[1], -pictures[1].width / 2, -pictures[1].height / 2);
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.globalCompositeOperation = "source-over";
    scaleBar();
    label.textContent = `moved ${pose.dx.toFixed(0)}, ${pose.dy.toFixed(0)} µm · turned ${pose.angle.toFixed(1)}°`
      + (pose.mirror ? " · mirrored" : "");
    turn.value = pose.angle;
  }

  function scaleBar() {
    const most = 0.2 * canvas.width / view.scale, power = 10 ** Math.floor(Math.log10(most));
    const um = power * [5, 2, 1].find((step) => step * power <= most);
    const long = um * view.scale, x = canvas.width - long - 16 * ratio, y = canvas.height - 16 * ratio;
    ctx.fillStyle = INK;
    ctx.fillRect(x, y, long, 3 * ratio);
    ctx.font = `${12 * ratio}px sans-serif`;
    ctx.textAlign = "center";
    ctx.fillText(um >= 1000 ? `${um / 1000} mm` : `${um} µm`, x + long / 2, y - 6 * ratio);
  }

  function changed() {
    pose.angle = ((pose.angle + 540) % 360) - 180;
    draw();
    clearTimeout(timer);
    if (pose.dx || pose.dy || pose.angle || pose.mirror) {
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
  draw();
  root.dataset.version = head.version;
  return () => clearTimeout(timer);
}
