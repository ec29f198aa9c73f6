// volume_store.js
var MOST_BYTES = 3e8;
var VolumeStore = class {
  /** @param {number} [most]  bytes to keep */
  constructor(most = MOST_BYTES) {
    this.most = most;
    this.held = /* @__PURE__ */ new Map();
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
  gene(key) {
    return (
      /** @type {GenePack | undefined} */
      this.held.get(key)
    );
  }
  /** @param {string} key */
  tissue(key) {
    return (
      /** @type {TissuePack | undefined} */
      this.held.get(key)
    );
  }
  /** @param {string} key */
  image(key) {
    return (
      /** @type {ImagePack | undefined} */
      this.held.get(key)
    );
  }
};
function volumeStore() {
  const window = (
    /** @type {{ isostVolumes?: VolumeStore }} */
    globalThis
  );
  return window.isostVolumes ??= new VolumeStore();
}
function unpack(data) {
  const size = new DataView(data.buffer, data.byteOffset, 4).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(data.subarray(4, 4 + size)));
  const bytes = data.slice(4 + size).buffer;
  const parts = {};
  for (const [name, [at, n, type]] of Object.entries(head.parts)) {
    parts[name] = type === "f4" ? new Float32Array(bytes, at, n) : new Uint8Array(bytes, at, n);
  }
  return { ...head, parts, size: bytes.byteLength };
}

// feeder.js
function feed({ data }) {
  volumeStore().put(data);
}
export {
  feed as default
};
