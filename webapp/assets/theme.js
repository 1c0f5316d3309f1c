// Owns the switch between light, dark and the system's theme. In a form marked data-theme-form the controls named
// "theme" (buttons, radio buttons or a select) act at once; without a script the form asks the server for the same cookie.
const YEAR_SECONDS = 365 * 24 * 60 * 60;
const THEMES = ['light', 'dark', 'system'];

function choose(theme) {
  if (!THEMES.includes(theme)) return;
  const secure = location.protocol === 'https:' ? '; secure' : '';
  document.cookie = `theme=${theme}; path=/; max-age=${YEAR_SECONDS}; samesite=lax${secure}`;
  document.documentElement.dataset.theme = theme;
  for (const button of document.querySelectorAll('[data-theme-form] button[name="theme"]')) {
    button.setAttribute('aria-pressed', String(button.value === theme));
  }
}

document.addEventListener('submit', (event) => {
  if (!event.target.matches('[data-theme-form]')) return;
  const theme = new FormData(event.target, event.submitter).get('theme');
  event.preventDefault();
  choose(theme);
}, { capture: true });

document.addEventListener('change', (event) => {
  if (event.target.name === 'theme' && event.target.closest('[data-theme-form]')) choose(event.target.value);
});
