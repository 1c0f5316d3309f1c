// Owns running a comfort on the page and on every part of it that htmx brings later.

/**
 * Call `enhance` with the document, and again with the document after htmx has changed a part of it.
 *
 * @param {(root: Document) => void} enhance is called more than once on the same elements and must allow that
 */
export function onContent(enhance) {
  if (document.readyState === 'loading') {
    document.addEventListener('DOMContentLoaded', () => enhance(document));
  } else {
    enhance(document);
  }
  document.addEventListener('htmx:after:swap', () => enhance(document));
}
