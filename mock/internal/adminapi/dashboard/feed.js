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
    Object.assign(this, {session, changed, entries: [], seen: 0, missed: 0, state: 'connecting', error: null, source: null, frame: 0, again: 0, closed: false});
    this.begin();
  }

  // begin lists what came so far, then follows. After the stream broke it does so anew, instead of going on after the last
  // request that was seen: another server may answer now, which counts its requests from one.
  async begin() {
    let before;
    try {
      before = await get(`requests?limit=${kept}`, this.session);
    } catch (error) {
      this.error = error;
      this.retry();
      return;
    }
    if (this.closed) return;
    this.error = null;
    this.entries = before.map((view) => new Entry(view.id, null, view));
    this.seen = Math.max(this.seen, before.length);
    this.follow(before.length ? before[before.length - 1].id : '0');
    this.touch();
  }

  follow(since) {
    const address = new URL(eventsAddress(this.session));
    address.searchParams.set('since', since);
    this.source = new EventSource(address);
    this.source.addEventListener('open', () => this.become('live'));
    this.source.addEventListener('error', () => this.retry());
    this.source.addEventListener('request', (e) => this.add(new Entry(e.lastEventId, e.data, null)));
    this.source.addEventListener('missed', (e) => { this.missed += JSON.parse(e.data).missed; this.touch(); });
  }

  retry() {
    if (this.source) this.source.close();
    this.source = null;
    if (this.closed) return;
    this.become('connecting');
    clearTimeout(this.again);
    this.again = setTimeout(() => this.begin(), 1000);
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
    clearTimeout(this.again);
    cancelAnimationFrame(this.frame);
    if (this.source) this.source.close();
  }
}
