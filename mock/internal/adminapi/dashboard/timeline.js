// The evidence of a finding, drawn: requests as marks, what Retry-After asked for as bars.
import {html, useState, useEffect, useRef} from './vendor/htm-preact.js';
import {duration, statusKind} from './ui.js';

const margin = 14;
const lane = 34; // where the requests are
const bars = 48; // where the bars begin
const bar = 17;
const mostBars = 5; // one below the other

// waitOf is how long the answer asked to wait, in milliseconds.
const waitOf = (request) => {
  const text = request.retryAfter;
  if (!text) return 0;
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const until = Date.parse(text);
  return Number.isNaN(until) ? 0 : Math.max(0, until - Date.parse(request.time));
};

// layout gives each request its time since the first one. A wait much longer than all that happened would press the
// requests into one line: its bar is cut, and says so.
function layout(requests) {
  const began = requests.map((r) => Date.parse(r.time));
  const first = Math.min(...began);
  const marks = requests.map((request, i) => ({request, at: began[i] - first, wait: waitOf(request)}));
  const busy = Math.max(...marks.map((m) => m.at), 1);
  const wanted = Math.max(busy, ...marks.map((m) => m.at + m.wait));
  const span = Math.min(wanted, Math.max(busy * 2.5, 400));
  const rows = [];
  const placed = marks.map((m) => ({...m, cut: m.at + m.wait > span, row: m.wait ? place(rows, m) : 0}));
  return {marks: placed, span, height: bars + Math.max(1, rows.length) * bar + 22};
}

// place finds the first row that is free by then, so that bars do not cover each other.
function place(rows, {at, wait}) {
  let row = rows.findIndex((end) => end <= at);
  if (row < 0) row = rows.length < mostBars ? rows.length : mostBars - 1;
  rows[row] = at + wait;
  return row;
}

const steps = [1, 2, 5];
function ticks(span) {
  let size = 1;
  for (let power = 1; size * 5 < span; power *= 10) size = steps.map((s) => s * power).find((s) => s * 5 >= span) || power * 10;
  const all = [];
  for (let at = 0; at <= span; at += size) all.push(at);
  return all;
}

const outcome = (request) => request.fault || request.status || (request.clientGone ? 'given up' : 'no answer');

const spoken = ({marks}) => `${marks.length} requests. ${marks.map(({request, at, wait}) => `After ${duration(at)}: ${outcome(request)}${wait ? `, asked to wait ${duration(wait)}` : ''}`).join('. ')}.`;

export function Timeline({requests}) {
  const box = useRef(null);
  const [width, setWidth] = useState(640);
  useEffect(() => {
    const seen = new ResizeObserver(([entry]) => setWidth(Math.max(240, Math.floor(entry.contentRect.width))));
    seen.observe(box.current);
    return () => seen.disconnect();
  }, []);
  const drawn = layout(requests);
  const x = (ms) => margin + (ms / drawn.span) * (width - 2 * margin - 26);
  let free = -99; // where the next label fits
  const label = ({request, at}, i) => {
    const text = String(outcome(request));
    const room = text.length * 7.2 + 6;
    if (x(at) < free) return null;
    free = x(at) + room;
    return html`<text key=${`t${i}`} class="mark-text ${statusKind(request.status, request.fault)}" x=${x(at) - 4} y="16">${text}</text>`;
  };
  return html`<div class="timeline" ref=${box}><svg width=${width} height=${drawn.height} role="img" aria-label=${spoken(drawn)}>
    ${drawn.marks.map(({at, wait, cut, row}, i) => {
    if (!wait) return null;
    const long = Math.max(3, (cut ? width - 4 : x(at + wait)) - x(at));
    return html`<g key=${`w${i}`}><rect class="wait" x=${x(at)} y=${bars + row * bar} width=${long} height="14" rx="3" />
      ${long > 84 && html`<text class="wait-text" x=${x(at) + 6} y=${bars + 11 + row * bar}>${`wait ${duration(wait)}${cut ? ' →' : ''}`}</text>`}</g>`;
  })}
    <line class="axis" x1=${margin} x2=${width - 4} y1=${lane} y2=${lane} />
    ${drawn.marks.map(({request, at}, i) => html`<circle key=${i} class="mark ${statusKind(request.status, request.fault)}" cx=${x(at)} cy=${lane} r="6"><title>${`${request.method} ${request.path}: ${outcome(request)}, after ${duration(at)}`}</title></circle>`)}
    ${drawn.marks.map(label)}
    ${ticks(drawn.span).filter((at) => x(at) < width - 48).map((at) => html`<text key=${`a${at}`} class="tick" x=${x(at)} y=${drawn.height - 6}>${at === 0 ? '0' : duration(at)}</text>`)}
  </svg></div>`;
}
