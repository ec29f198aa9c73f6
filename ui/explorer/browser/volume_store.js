// Volumes that came from the server, kept for all views of this window. The feeder puts them in, the viewer takes them.
/** @import { GenePack, ImagePack, TissuePack } from "./types.js" */

const MOST_BYTES = 300e6;

export class VolumeStore {
  /** @param {number} [most]  bytes to keep */
  constructor(most = MOST_BYTES) {
    this.most = most;
    /** @type {Map<string, GenePack | TissuePack | ImagePack>} oldest first */
    this.held = new Map();
    this.events = new EventTarget();
  }

  /**
   * Keep a pack and let go of the oldest beyond what may be kept; says "volume" to who listens.
   * @param {Uint8Array} data
   */
  put(data) {
    const pack = unpack(data);
    this.held.delete(pack.key);
    this.held.set(pack.key, pack);
    let total = 0;
    for (const one of this.held.values()) total += one.size;
    for (const [key, one] of this.held) {
      if (total <= this.most || key === pack.key) break;
      this.held.delete(key);
      total -= one.size;
    }
    this.events.dispatchEvent(new Event("volume"));
  }

  /** @param {string} key */
  gene(key) { return /** @type {GenePack | undefined} */ (this.held.get(key)); }

  /** @param {string} key */
  tissue(key) { return /** @type {TissuePack | undefined} */ (this.held.get(key)); }

  /** @param {string} key */
  image(key) { return /** @type {ImagePack | undefined} */ (this.held.get(key)); }
}

/**
 * The store of this window: feeder and viewer are two scripts, and one window may show several viewers.
 * @returns {VolumeStore}
 */
export function volumeStore() {
  const window = /** @type {{ isostVolumes?: VolumeStore }} */ (globalThis);
  return window.isostVolumes ??= new VolumeStore();
}

/**
 * A pack: length of the head, the head as JSON with its parts {name: [first byte, length, type]}, the bytes.
 * @param {Uint8Array} data @returns {GenePack | TissuePack | ImagePack}
 */
export function unpack(data) {
  const size = new DataView(data.buffer, data.byteOffset, 4).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(data.subarray(4, 4 + size)));
  const bytes = data.slice(4 + size).buffer;
  /** @type {Record<string, Uint8Array | Float32Array>} */
  const parts = {};
  for (const [name, [at, n, type]] of Object.entries(head.parts)) {
    parts[name] = type === "f4" ? new Float32Array(bytes, at, n) : new Uint8Array(bytes, at, n);
  }
  return { ...head, parts, size: bytes.byteLength };
}
