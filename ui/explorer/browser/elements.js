// Elements of the page.

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag @param {Record<string, string | number>} [attributes] @param {(Node | string)[]} children
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  made.append(...children);
  return made;
}

/** @param {string} name @param {string} label @param {() => void} act @param {string} [title] */
export function button(name, label, act, title = label) {
  const made = element("button", { type: "button", name, title }, label);
  if (label.length < 2) made.setAttribute("aria-label", title);
  made.onclick = act;
  return made;
}

/** @param {string} label @param {...Node} children */
export const group = (label, ...children) => element("div", { class: "group", role: "group", "aria-label": label },
  ...children);

/**
 * The one element of that class.
 * @param {ParentNode} root @param {string} name @returns {HTMLElement}
 */
export function part(root, name) {
  const found = root.querySelector(`.${name}`);
  if (!(found instanceof HTMLElement)) throw new Error(`The explorer's page has no element of the class '${name}'.`);
  return found;
}
