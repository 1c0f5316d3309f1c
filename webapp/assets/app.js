// Owns what every page loads: small comforts on pages that are complete without them. Each comfort is a module.
import './live.js';
import './conditions.js';
import './keys.js';
import './submissions.js';
import './theme.js';
import './times.js';
