// The component that brings a pack of texels to the browser.
import { volumeStore } from "./volume_store.js";

/** @param {{ data: Uint8Array }} given */
export default function feed({ data }) {
  volumeStore().put(data);
}
