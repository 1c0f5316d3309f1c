// Owns showing <time class="relative" datetime="..."> in words and in the reader's time zone; the exact instant goes to
// the title, a short one for paper to data-paper. Instants far away become a date. Whatever cannot be read stays as the
// server wrote it.
import { onContent } from './page.js';

const MINUTE_MS = 60_000;
const UNITS = [['day', 24 * 60 * MINUTE_MS], ['hour', 60 * MINUTE_MS], ['minute', MINUTE_MS]];
const NEAR_DAYS = 7;

// The page's language in the reader's own variant: "en" is read as "en-GB" by whoever prefers that.
const written = document.documentElement.lang || 'en';
const language = navigator.languages.find((one) => one.split('-')[0] === written.split('-')[0]) ?? written;
const relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });
const exact = new Intl.DateTimeFormat(language, { dateStyle: 'full', timeStyle: 'long' });
const paper = new Intl.DateTimeFormat(language, {
  year: 'numeric', month: 'short', day: 'numeric', hour: 'numeric', minute: '2-digit', timeZoneName: 'short',
});
const date = new Intl.DateTimeFormat(language, { dateStyle: 'medium' });

/**
 * Say when an instant is, seen from another.
 *
 * @param {number} instant milliseconds since 1970
 * @param {number} now milliseconds since 1970
 * @returns {string} such as "in 3 hours" or, from a week away on, a date
 */
function words(instant, now) {
  const distance = instant - now;
  const [unit, size] = UNITS.find(([, milliseconds]) => Math.abs(distance) >= milliseconds) ?? UNITS.at(-1);
  const count = Math.trunc(distance / size);
  return unit === 'day' && Math.abs(count) >= NEAR_DAYS ? date.format(instant) : relative.format(count, unit);
}

function showAll() {
  for (const time of document.querySelectorAll('time.relative[datetime*="T"]')) {
    const instant = Date.parse(time.dateTime);
    if (Number.isNaN(instant)) continue;
    time.textContent = words(instant, Date.now());
    time.title = exact.format(instant);
    time.dataset.paper = paper.format(instant);
  }
}

onContent(showAll);
setInterval(showAll, MINUTE_MS);
