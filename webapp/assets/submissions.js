// Owns the guard against sending a form twice: between the first press and the answer, further presses do nothing.
// A form marked data-repeatable (a download, say, that leaves the page standing) is not guarded.

/** After this long the page is still there, so the answer was lost or was a file: let the person try again. */
const PATIENCE_MS = 10_000;

function release(form) {
  delete form.dataset.sending;
  form.removeAttribute('aria-busy');
}

document.addEventListener('submit', (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== 'post' || 'repeatable' in form.dataset) return;
  if ('sending' in form.dataset) {
    event.preventDefault();
    return;
  }
  form.dataset.sending = '';
  form.setAttribute('aria-busy', 'true');
  setTimeout(release, PATIENCE_MS, form);
});

// "Back" may bring the page as it was left.
window.addEventListener('pageshow', () => document.querySelectorAll('form[data-sending]').forEach(release));
