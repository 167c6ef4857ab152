// The list of requests: as many rows as are visible, filled again and again. It stands outside of the framework, since
// nothing here may grow with the number of requests.
import {shortFault} from './force.js';
import {clockTime, duration, statusKind} from './ui.js';

const rowHeight = 34;

const element = (name, className, parent) => {
  const made = document.createElement(name);
  made.className = className;
  if (parent) parent.append(made);
  return made;
};

const setText = (node, text) => { if (node.firstChild ? node.firstChild.data !== text : text) node.textContent = text; };

class Row {
  constructor(parent, list) {
    this.node = element('div', 'row', parent);
    this.node.setAttribute('role', 'listitem');
    this.button = element('button', 'request', this.node);
    this.button.type = 'button';
    this.cells = Object.fromEntries(['time', 'method', 'path', 'status', 'decision', 'took', 'attempt'].map((name) => [name, element('span', name, this.button)]));
    this.tag = element('span', 'tag', this.cells.status);
    this.index = -1;
    // What is pressed is what was there when the finger came down: the row may be another one when it is lifted.
    this.button.addEventListener('pointerdown', () => { this.meant = this.entry; });
    this.button.addEventListener('click', () => { list.open(this.meant || this.entry); this.meant = null; });
    this.button.addEventListener('keydown', (e) => list.walk(e, this.index));
  }

  show(entry, index, chosen) {
    if (this.index !== index) this.node.style.transform = `translateY(${index * rowHeight}px)`;
    this.index = index;
    if (this.chosen !== (entry.id === chosen)) this.button.classList.toggle('chosen', this.chosen = entry.id === chosen);
    if (this.node.hidden) this.node.hidden = false;
    if (this.entry === entry) return;
    this.entry = entry;
    const v = entry.view;
    const kind = statusKind(v.status, v.fault);
    setText(this.cells.time, clockTime(v.time));
    setText(this.cells.method, v.method);
    setText(this.cells.path, v.path + (v.query ? `?${v.query}` : ''));
    setText(this.tag, v.fault ? shortFault(v.fault) : (v.status ? String(v.status) : v.clientGone ? 'client left' : 'no answer'));
    if (this.kind !== kind) this.tag.className = `tag ${this.kind = kind}`;
    setText(this.cells.decision, v.decision);
    setText(this.cells.took, duration(v.durationMs));
    setText(this.cells.attempt, v.attempt > 1 ? `attempt ${v.attempt}` : '');
  }

  hide() {
    if (!this.node.hidden) this.node.hidden = true;
    this.entry = null;
  }
}

export class Rows {
  // The box scrolls; held says that somebody is reading, and nothing should move.
  constructor(box, {onOpen, onHold}) {
    Object.assign(this, {box, onOpen, onHold, entries: [], chosen: '', pool: []});
    this.space = element('div', 'space', box);
    this.space.setAttribute('role', 'list');
    this.space.setAttribute('aria-label', 'Requests, the latest first');
    this.scrolled = () => { this.draw(); this.onHold(this.held()); };
    box.addEventListener('scroll', this.scrolled, {passive: true});
    this.space.addEventListener('focusin', () => this.onHold(this.held()));
    this.space.addEventListener('focusout', () => requestAnimationFrame(() => this.onHold(this.held())));
    this.resized = new ResizeObserver(() => this.draw());
    this.resized.observe(box);
  }

  held() {
    const at = document.activeElement;
    return this.box.scrollTop > 4 || (this.space.contains(at) && at.matches(':focus-visible'));
  }

  open(entry) {
    if (entry) this.onOpen(entry);
  }

  // set takes the entries, the latest first.
  set(entries, chosen) {
    this.entries = entries;
    this.chosen = chosen;
    const height = `${entries.length * rowHeight}px`;
    if (this.space.style.height !== height) this.space.style.height = height;
    this.draw();
  }

  draw() {
    const first = Math.max(0, Math.floor(this.box.scrollTop / rowHeight) - 2);
    const last = Math.min(this.entries.length, first + Math.ceil(this.box.clientHeight / rowHeight) + 4);
    while (this.pool.length < last - first) this.pool.push(new Row(this.space, this));
    // A row keeps to the places that it can have, so that the one with the focus is not moved about.
    const n = this.pool.length;
    const used = new Set();
    for (let i = first; i < last; i++) {
      used.add(i % n);
      this.pool[i % n].show(this.entries[i], i, this.chosen);
    }
    for (let i = 0; i < n; i++) if (!used.has(i)) this.pool[i].hide();
  }

  walk(e, index) {
    const step = {ArrowDown: 1, ArrowUp: -1}[e.key];
    if (!step || !this.entries[index + step]) return;
    e.preventDefault();
    this.focus(index + step);
  }

  focus(index) {
    const top = index * rowHeight;
    if (top < this.box.scrollTop) this.box.scrollTop = top;
    if (top + rowHeight > this.box.scrollTop + this.box.clientHeight) this.box.scrollTop = top + rowHeight - this.box.clientHeight;
    this.draw();
    const row = this.pool.find((r) => r.index === index && r.entry);
    if (row) row.button.focus({preventScroll: true});
  }

  close() {
    this.resized.disconnect();
    this.box.removeEventListener('scroll', this.scrolled);
    this.space.remove();
  }
}
