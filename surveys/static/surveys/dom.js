// What the scripts need of a page, found or missed out loud.

/**
 * @template {Element} T
 * @param {string} selector
 * @param {new () => T} kind
 * @param {ParentNode} [within]
 * @returns {T | null} null too where something else stands there
 */
export function find(selector, kind, within = document) {
  const found = within.querySelector(selector);
  return found instanceof kind ? found : null;
}

/**
 * @template {Element} T
 * @param {string} selector
 * @param {new () => T} kind
 * @param {ParentNode} [within]
 * @returns {T}
 */
export function need(selector, kind, within = document) {
  const found = find(selector, kind, within);
  if (!found) throw new TypeError(`this page has no ${kind.name} at ${selector}`);
  return found;
}

/**
 * @template {Element} T
 * @param {string} selector
 * @param {new () => T} kind
 * @param {ParentNode} [within]
 * @returns {T[]}
 */
export const every = (selector, kind, within = document) =>
  [...within.querySelectorAll(selector)].flatMap((one) => (one instanceof kind ? [one] : []));

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Partial<HTMLElementTagNameMap[K]>} [properties]
 * @returns {HTMLElementTagNameMap[K]}
 */
export const make = (tag, properties = {}) => Object.assign(document.createElement(tag), properties);

/** @param {string} id of a script that holds data */
export const data = (id) => JSON.parse(document.getElementById(id)?.textContent ?? "null");
