// Volumes that came from the server, kept for all views of this window. The feeder puts them in, the viewer takes them.
const MOST_BYTES = 300e6;

function volumeStore() {
  window.isostVolumes ??= { held: new Map(), events: new EventTarget() };
  return window.isostVolumes;
}

// A pack: length of the head, the head as JSON with its parts {name: [first byte, length, type]}, the bytes.
function unpack(data) {
  const size = new DataView(data.buffer, data.byteOffset, 4).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(data.subarray(4, 4 + size)));
  const bytes = data.slice(4 + size).buffer, parts = {};
  for (const [name, [at, n, type]] of Object.entries(head.parts))
    parts[name] = type === "f4" ? new Float32Array(bytes, at, n) : new Uint8Array(bytes, at, n);
  return { ...head, parts, size: bytes.byteLength };
}

function putVolume(data) {
  const { held, events } = volumeStore(), pack = unpack(data);
  held.delete(pack.key);
  held.set(pack.key, pack);
  let total = 0;
  for (const one of held.values()) total += one.size;
  for (const [key, one] of held) {
    if (total <= MOST_BYTES || key === pack.key) break;
    held.delete(key);
    total -= one.size;
  }
  events.dispatchEvent(new Event("volume"));
}
