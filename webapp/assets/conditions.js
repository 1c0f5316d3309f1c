// Owns hiding form fields while their condition holds: data-hide-key names a field of the same form, data-hide-op is
// "=" or "!=", data-hide-value the text to compare with. The server decides again: this only spares reading.
import { onContent } from './page.js';

/**
 * Read what a field of a form holds.
 *
 * @param {HTMLFormElement} form
 * @param {string} name
 * @returns {string | null} a checkbox of its own gives "true" or "false", an empty or absent field ""; a field that
 *   holds a list gives null: only the server can compare it
 */
function valueOf(form, name) {
  const controls = [...form.elements].filter((control) => control.name === name && control.type !== 'hidden');
  const enabled = controls.filter((control) => !control.disabled);
  switch (controls[0]?.type) {
    case 'checkbox':
      return controls.length === 1 && controls[0].value === 'true' ? String(enabled.some(({ checked }) => checked)) : null;
    case 'select-multiple':
      return null;
    case 'radio':
      return enabled.find(({ checked }) => checked)?.value ?? '';
    default:
      return enabled[0]?.value ?? '';
  }
}

/** Show or hide one element. Controls in a hidden one are disabled, or a required one would block the form unseen. */
function apply(element) {
  const form = element.closest('form');
  if (!form) return;
  const { hideKey, hideOp = '=', hideValue = '' } = element.dataset;
  const value = valueOf(form, hideKey);
  if (value === null) return;
  const hidden = (value === hideValue) === (hideOp === '=');
  element.hidden = hidden;
  for (const control of element.querySelectorAll('input, select, textarea, button')) {
    if (hidden && !control.disabled) {
      control.disabled = true;
      control.dataset.disabledByCondition = '';
    } else if (!control.closest('[data-hide-key][hidden]') && 'disabledByCondition' in control.dataset) {
      control.disabled = false;
      delete control.dataset.disabledByCondition;
    }
  }
}

function applyAll(root) {
  // In document order, so that a condition on a field that another condition hides sees it hidden.
  root.querySelectorAll('[data-hide-key]').forEach(apply);
}

onContent(applyAll);
document.addEventListener('change', (event) => {
  if (event.target.form?.querySelector('[data-hide-key]')) applyAll(event.target.form);
});
