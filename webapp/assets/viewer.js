// Owns drawing a case's model in the page: <div class="diagram" data-bpmn-url="..." data-active="A,B" data-done="C">.
// It knows element ids and two states; the list of steps beside it says the same in words and does not depend on it.
// As a heat map: data-heat='{"A": [5, "3 d 4 h"]}', element id to a step from 1 to 5 and the figure in words.
import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';
import { onContent } from './page.js';
import './viewer.css';

const FAILED = 'The diagram could not be drawn. The list of steps says the same.';
const FAILED_HEAT = 'The diagram could not be drawn. The table says the same.';
const HEAT = 'Steps are coloured by the figure that stands on each; the table says the same.';
const HELP = 'Arrow keys move the picture, plus and minus change its size, 0 shows all of it.';
const SCROLL_STEP = 40;
const ZOOM_STEP = 1.25;
const ZOOM_LIMITS = [0.1, 4];
const MARGIN = 24;
/** Kept free below the picture, so that nothing covers the watermark of bpmn.io (its licence asks for that). */
const WATERMARK = 24;
const LEAST_HEIGHT = 160;
const MOST_OF_WINDOW = 0.75;

function make(name, className, text = '') {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

function ids(text) {
  return (text ?? '').split(',').map((id) => id.trim()).filter(Boolean);
}

/** Find what stands for an element in the picture that is shown: itself, or the collapsed sub-process around it. */
function visible(viewer, id) {
  const registry = viewer.get('elementRegistry');
  const canvas = viewer.get('canvas');
  let element = registry.get(id);
  while (element && canvas.findRoot(element) !== canvas.getRootElement()) {
    element = registry.get(canvas.findRoot(element)?.businessObject?.id);
  }
  return element;
}

function mark(viewer, div) {
  const canvas = viewer.get('canvas');
  const overlays = viewer.get('overlays');
  for (const id of ids(div.dataset.done)) {
    const element = visible(viewer, id);
    if (element) canvas.addMarker(element, 'done');
  }
  const marked = new Set();
  for (const id of ids(div.dataset.active)) {
    const element = visible(viewer, id);
    if (!element || marked.has(element)) continue;
    marked.add(element);
    canvas.addMarker(element, 'token');
    const dot = make('span', 'token-dot');
    dot.append(make('span', 'diagram-words', 'The case is here'));
    overlays.add(element, 'token', { position: { top: -9, right: 9 }, show: { minZoom: 0 }, html: dot });
  }
  return [...marked].map((element) => element.businessObject.name).filter(Boolean);
}

/** Colour the elements by their steps; what lies in a collapsed sub-process gives it the greatest step inside it. */
function heat(viewer, div) {
  const registry = viewer.get('elementRegistry');
  const steps = new Map();
  for (const [id, [step, words]] of Object.entries(JSON.parse(div.dataset.heat))) {
    const element = visible(viewer, id);
    if (!element) continue;
    const before = steps.get(element) ?? [0, ''];
    steps.set(element, [Math.max(step, before[0]), element === registry.get(id) ? words : before[1]]);
  }
  for (const [element, [step, words]] of steps) {
    viewer.get('canvas').addMarker(element, `heat-${step}`);
    if (!words) continue;
    viewer.get('overlays').add(element, 'heat', {
      position: { bottom: 9, left: 4 }, scale: { min: 0.75 }, show: { minZoom: 0 }, html: make('span', 'heat-words', words),
    });
  }
}

/** Give the canvas the model's proportions, within what the window allows, and show all of the model. */
function fit(viewer) {
  const canvas = viewer.get('canvas');
  const frame = canvas.getContainer().parentElement;
  const { inner } = canvas.viewbox();
  const margins = 2 * MARGIN + WATERMARK;
  const wide = Math.min(1, (frame.clientWidth - 2 * MARGIN) / inner.width);
  const most = Math.max(LEAST_HEIGHT, window.innerHeight * MOST_OF_WINDOW);
  const height = Math.min(Math.max(inner.height * wide + margins, LEAST_HEIGHT), most);
  frame.style.height = `${Math.ceil(height)}px`;
  canvas.resized();
  const scale = Math.min(wide, (height - margins) / inner.height);
  canvas.viewbox({
    x: inner.x - (frame.clientWidth / scale - inner.width) / 2,
    y: inner.y - ((height - WATERMARK) / scale - inner.height) / 2,
    width: frame.clientWidth / scale,
    height: height / scale,
  });
}

/** Fit again when the page gives the picture another width. */
function followWidth(viewer, div) {
  let width = div.clientWidth;
  new ResizeObserver(() => {
    // A frame that is hidden, or going away with its page, has no width to fit anything into.
    if (div.clientWidth === width || div.clientWidth <= 2 * MARGIN) return;
    width = div.clientWidth;
    fit(viewer);
  }).observe(div);
}

function zoomBy(viewer, factor) {
  const canvas = viewer.get('canvas');
  const [least, most] = ZOOM_LIMITS;
  canvas.zoom(Math.min(Math.max(canvas.zoom() * factor, least), most));
}

function control(viewer, div) {
  const scroll = (dx, dy) => viewer.get('canvas').scroll({ dx, dy });
  const actions = {
    ArrowLeft: () => scroll(SCROLL_STEP, 0),
    ArrowRight: () => scroll(-SCROLL_STEP, 0),
    ArrowUp: () => scroll(0, SCROLL_STEP),
    ArrowDown: () => scroll(0, -SCROLL_STEP),
    '+': () => zoomBy(viewer, ZOOM_STEP),
    '-': () => zoomBy(viewer, 1 / ZOOM_STEP),
    0: () => fit(viewer),
  };
  div.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !Object.hasOwn(actions, event.key)) return;
    actions[event.key]();
    event.preventDefault();
  });
  const bar = make('div', 'diagram-controls');
  for (const [sign, words, key] of [['+', 'Larger', '+'], ['−', 'Smaller', '-'], ['⤢', 'Show all', '0']]) {
    const button = make('button', '', sign);
    button.type = 'button';
    button.title = words;
    button.setAttribute('aria-label', words);
    button.addEventListener('click', actions[key]);
    bar.append(button);
  }
  div.prepend(bar);
}

function describe(div, names) {
  const marked = names.length ? ` The case is at: ${names.join(', ')}.` : '';
  const here = div.dataset.heat ? HEAT : marked;
  const words = make('p', 'diagram-words', `${here} ${HELP}`.trim());
  words.id = `diagram-words-${document.querySelectorAll('.diagram-words').length}`;
  div.prepend(words);
  div.setAttribute('aria-describedby', words.id);
}

async function fetchModel(url) {
  const response = await fetch(url, { credentials: 'same-origin', headers: { Accept: 'application/xml' } });
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return response.text();
}

async function draw(div) {
  div.dataset.drawn = 'pending';
  const canvas = make('div', 'diagram-canvas');
  let viewer;
  try {
    const xml = await fetchModel(div.dataset.bpmnUrl);
    div.replaceChildren(canvas);
    // The wheel scrolls the page; the buttons and keys change the size.
    viewer = new NavigatedViewer({ container: canvas, zoomScroll: { enabled: false } });
    await viewer.importXML(xml);
    const names = mark(viewer, div);
    if (div.dataset.heat) heat(viewer, div);
    div.tabIndex = 0;
    div.setAttribute('role', 'region');
    if (!div.hasAttribute('aria-label') && !div.hasAttribute('aria-labelledby')) {
      div.setAttribute('aria-label', 'Diagram of the process');
    }
    // The frame is the one stop of the keyboard, and what the picture says stands in words beside it.
    const svg = canvas.querySelector('.djs-container > svg');
    svg.setAttribute('tabindex', '-1');
    svg.setAttribute('aria-hidden', 'true');
    control(viewer, div);
    describe(div, names);
    fit(viewer);
    followWidth(viewer, div);
    div.dataset.drawn = 'yes';
  } catch (error) {
    console.warn(error);
    viewer?.destroy();
    div.replaceChildren(make('p', '', div.dataset.heat ? FAILED_HEAT : FAILED));
    div.dataset.drawn = 'no';
  }
}

onContent((root) => root.querySelectorAll('.diagram[data-bpmn-url]:not([data-drawn])').forEach(draw));
