// Owns the keys: j and k move through the rows of a list, Enter opens (it is the link's own), c claims, / goes to the
// search, ? shows the keys. They can be switched off in that dialog (WCAG 2.2, 2.1.4); the choice stays in this browser.
//
// The page says what is what: data-worklist on the list, data-row on each row, data-open on the row's link,
// data-claim on the row's claim button or form, data-search on the search field, data-keys-help on a button that
// opens the dialog (written with "hidden", as it does nothing without this script).
import { onContent } from './page.js';

const STORED = 'keys';
const HELP = [
  ['j', 'next task'],
  ['k', 'previous task'],
  ['Enter', 'open the task'],
  ['c', 'claim the task'],
  ['/', 'search'],
  ['?', 'show these keys'],
];

let dialog;

function enabled() {
  return localStorage.getItem(STORED) !== 'off';
}

function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

function makeDialog() {
  const rows = HELP.map(([key, meaning]) =>
    element('tr', {}, element('th', { scope: 'row' }, element('kbd', {}, key)), element('td', {}, meaning)));
  const choice = element('input', { type: 'checkbox', checked: enabled() });
  choice.addEventListener('change', () => localStorage.setItem(STORED, choice.checked ? 'on' : 'off'));
  const heading = element('h2', { id: 'keys-heading' }, 'Keys');
  const made = element('dialog', { className: 'keys' },
    heading,
    element('table', {}, element('tbody', {}, ...rows)),
    element('p', {}, element('label', {}, choice, ' Use these keys')),
    element('form', { method: 'dialog' }, element('button', {}, 'Close')));
  made.setAttribute('aria-labelledby', heading.id);
  document.body.append(made);
  return made;
}

function showHelp() {
  dialog ??= makeDialog();
  if (!dialog.open) dialog.showModal();
}

function focusedRow() {
  return document.activeElement?.closest('[data-worklist] [data-row]') ?? null;
}

/** The row that has the focus, else the one whose task the page shows beside the list. */
function currentRow(rows) {
  return focusedRow() ?? rows.find((row) => row.querySelector('[data-open][aria-current]'));
}

function move(step) {
  const rows = [...document.querySelectorAll('[data-worklist] [data-row]')];
  if (!rows.length) return false;
  const at = rows.indexOf(currentRow(rows));
  const row = at < 0 ? rows.at(step > 0 ? 0 : -1) : rows[Math.min(Math.max(at + step, 0), rows.length - 1)];
  const link = row.querySelector('[data-open]');
  link?.focus();
  row.scrollIntoView({ block: 'nearest' });
  return Boolean(link);
}

/** Claim the task of the row that has the focus, else the one that the page shows: never some row of the list. */
function claim() {
  const row = focusedRow();
  const found = row
    ? row.querySelector('[data-claim]')
    : [...document.querySelectorAll('[data-claim]')].find((one) => !one.closest('[data-row]'));
  if (!found) return false;
  if (found instanceof HTMLFormElement) found.requestSubmit();
  else found.click();
  return true;
}

function focusSearch() {
  const search = document.querySelector('[data-search]');
  search?.focus();
  search?.select?.();
  return Boolean(search);
}

const ACTIONS = {
  j: () => move(1),
  k: () => move(-1),
  c: claim,
  '/': focusSearch,
  '?': () => {
    showHelp();
    return true;
  },
};

function isTyping(target) {
  return target.isContentEditable || target.matches?.('input, select, textarea') || Boolean(target.closest?.('dialog[open]'));
}

document.addEventListener('keydown', (event) => {
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (!enabled() || isTyping(event.target)) return;
  if (Object.hasOwn(ACTIONS, event.key) && ACTIONS[event.key]()) event.preventDefault();
});

document.addEventListener('click', (event) => {
  if (event.target.closest('[data-keys-help]')) {
    event.preventDefault();
    showHelp();
  }
});

onContent((root) => root.querySelectorAll('[data-keys-help][hidden]').forEach((button) => {
  button.hidden = false;
}));
