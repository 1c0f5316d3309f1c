// Owns hiding form fields while their condition holds: data-hide-key names a field of the same form, data-hide-op is
// "=" or "!=", data-hide-value the text to compare with. The server decides again: this only spares reading.
import { onContent } from './page.js';

/**
 * Read what a field of a form holds, as texts.
 *
 * @param {HTMLFormElement} form
 * @param {string} name
 * @returns {string[]} several for checked boxes and multiple selections; a lone checkbox gives "true" or "false"; an
 *   empty field gives ""
 */
function valuesOf(form, name) {
  const controls = [...form.elements].filter((control) => control.name === name && control.type !== 'hidden');
  if (controls.length === 1 && controls[0].type === 'checkbox') {
    return [String(controls[0].checked && !controls[0].disabled)];
  }
  const values = controls.filter((control) => !control.disabled).flatMap((control) => {
    if (control.type === 'checkbox' || control.type === 'radio') return control.checked ? [control.value] : [];
    if (control.type === 'select-multiple') return [...control.selectedOptions].map((option) => option.value);
    return [control.value];
  });
  return values.length ? values : [''];
}

/** Show or hide one element. Controls in a hidden one are disabled, or a required one would block the form unseen. */
function apply(element) {
  const form = element.closest('form');
  if (!form) return;
  const { hideKey, hideOp = '=', hideValue = '' } = element.dataset;
  const equal = valuesOf(form, hideKey).includes(hideValue);
  const hidden = hideOp === '!=' ? !equal : equal;
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
