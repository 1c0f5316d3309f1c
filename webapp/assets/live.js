// Owns htmx: elements with hx- attributes fetch a part of a page (live search). Configured for the strict content
// security policy: no style element of htmx's own. What would need eval (hx-on, js: values, trigger filters) is not used.
import htmx from 'htmx.org';

htmx.config.includeIndicatorCSS = false;
