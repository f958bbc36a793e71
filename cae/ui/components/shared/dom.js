// Elements of the page.

/** A new element with attributes and children: elements, or texts, which are never read as HTML. */
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

/**
 * Streamlit calls a component again on every change of data or theme, and what was built must live on: it is kept for
 * as long as its root stays in the page.
 *
 * @param {string} selector of the root within the component.
 * @param {(root: Element) => object} build
 * @returns {(parentElement: Element) => object} gives what `build` has made for the root in there.
 */
export function lasting(selector, build) {
  const kept = new WeakMap();
  return (parentElement) => {
    const root = parentElement.querySelector(selector);
    if (!kept.has(root)) kept.set(root, build(root));
    return kept.get(root);
  };
}
