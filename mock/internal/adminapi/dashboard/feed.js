// The live requests. They are read as they come and thrown away as quickly: only the last ones are kept, as the text that
// was sent, and only what is looked at is parsed. So a thousand requests a second cost the page little, and fifty thousand
// no more memory than five hundred.
import {get, eventsAddress} from './api.js';

export const kept = 500;

// Entry is one request, parsed when somebody looks.
class Entry {
  constructor(id, raw, view) {
    this.id = id;
    this.raw = raw;
    this.parsed = view;
  }

  get view() {
    if (!this.parsed) {
      this.parsed = JSON.parse(this.raw);
      this.raw = null;
    }
    return this.parsed;
  }
}

export class Feed {
  constructor(session, changed) {
    Object.assign(this, {session, changed, entries: [], seen: 0, missed: 0, state: 'connecting', error: null, source: null, frame: 0, closed: false});
    this.begin();
  }

  async begin() {
    let since = '';
    try {
      const before = await get(`requests?limit=${kept}`, this.session);
      if (this.closed) return;
      for (const view of before) this.add(new Entry(view.id, null, view));
      since = before.length ? before[before.length - 1].id : '0';
    } catch (error) {
      this.error = error;
      this.touch();
      return;
    }
    const address = new URL(eventsAddress(this.session));
    address.searchParams.set('since', since);
    this.source = new EventSource(address);
    this.source.addEventListener('open', () => this.become('live'));
    this.source.addEventListener('error', () => this.become('connecting'));
    this.source.addEventListener('request', (e) => this.add(new Entry(e.lastEventId, e.data, null)));
    this.source.addEventListener('missed', (e) => { this.missed += JSON.parse(e.data).missed; this.touch(); });
  }

  become(state) {
    this.state = state;
    this.touch();
  }

  add(entry) {
    this.entries.push(entry);
    this.seen++;
    if (this.entries.length >= 2 * kept) this.entries = this.entries.slice(-kept);
    this.touch();
  }

  // touch tells of changes once in a frame, however many there were.
  touch() {
    if (this.frame || this.closed) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.changed();
    });
  }

  latest() {
    return this.entries.length > kept ? this.entries.slice(-kept) : this.entries;
  }

  forget() {
    this.entries = [];
    this.seen = 0;
    this.missed = 0;
    this.touch();
  }

  close() {
    this.closed = true;
    cancelAnimationFrame(this.frame);
    if (this.source) this.source.close();
  }
}
