// Watch: the requests as they come.
import {html, useState, useEffect, useRef} from './vendor/htm-preact.js';
import {call} from './api.js';
import {Feed, kept} from './feed.js';
import {Rows} from './rows.js';
import {asCurl, asFetch, asScenario} from './copies.js';
import {Intro, Empty, Problem, Copy, Tag, clockTime, duration, statusKind, plural} from './ui.js';

const Facts = ({of}) => html`<dl class="facts">${of.filter(([, value]) => value).map(([name, value]) => html`<div key=${name}><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;

const pretty = (text) => {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
};

function Message({title, message, head}) {
  const headers = Object.entries(message.headers).flatMap(([name, values]) => values.map((value) => [name, value])).sort(([a], [b]) => a.localeCompare(b));
  return html`<section aria-label=${title}><h4>${title}</h4>
    <pre class="http" tabindex="0">${head}${headers.map(([name, value]) => html`${'\n'}<b>${name}</b>: ${value}`)}${message.body ? `\n\n${pretty(message.body)}` : ''}${message.bodyCut ? `\n… (${message.bytes.toLocaleString('en')} bytes in all)` : ''}</pre></section>`;
}

const callerText = (caller) => caller && [caller.user, caller.role, caller.apiKey && `key ${caller.apiKey}`].filter(Boolean).join(', ');

function Detail({view, close}) {
  const heading = useRef(null);
  useEffect(() => { heading.current.focus(); }, [view.id]);
  const target = view.path + (view.query ? `?${view.query}` : '');
  return html`<aside class="panel detail" aria-label="Request" onKeyDown=${(e) => e.key === 'Escape' && close()}>
    <div class="editor-head"><h3 tabindex="-1" ref=${heading}><span class="method">${view.method}</span> ${target}</h3><button type="button" class="small" onClick=${close}>Close</button></div>
    <div class="actions"><${Tag} kind=${statusKind(view.status, view.fault)}>${view.fault || view.status || 'no answer'}<//>
      <${Copy} label="Copy as curl" text=${() => asCurl(view)} /><${Copy} label="Copy as fetch" text=${() => asFetch(view)} /><${Copy} label="Copy as scenario" text=${() => asScenario(view)} /></div>
    <div class="detail-body">
    <${Facts} of=${[['Decided by', view.decision], ['Rule', view.rule], ['Step', view.step], ['Operation', view.operation], ['Caller', callerText(view.caller)],
    ['Session', view.session], ['Time', clockTime(view.time)], ['Session time', new Date(view.sessionTime).toISOString()], ['Took', duration(view.durationMs)],
    ['Attempt', String(view.attempt)], ['Request id', view.requestId], ['Client', view.clientGone && 'left before the answer']]} />
    <${Message} title="Request" message=${view.request} head=${`${view.method} ${target}`} />
    <${Message} title="Answer" message=${view.response} head=${view.status ? String(view.status) : 'no status was sent'} />
    </div></aside>`;
}

// matcher takes words: each has to be somewhere in the line.
function matcher(text, family) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length && !family) return null;
  return (v) => {
    if (family && statusKind(v.status, v.fault) !== family) return false;
    const line = `${v.method} ${v.path}?${v.query || ''} ${v.status} ${v.decision} ${v.rule || ''} ${v.fault || ''} ${v.requestId || ''}`.toLowerCase();
    return words.every((word) => line.includes(word));
  };
}

// useFeed follows a session; what it gives changes at most once in a frame.
function useFeed(session) {
  const feed = useRef(null);
  const [, again] = useState(0);
  useEffect(() => {
    feed.current = new Feed(session, () => again((n) => (n + 1) % 1e9));
    return () => feed.current.close();
  }, [session]);
  return feed.current;
}

const families = [['', 'all answers'], ['ok', '2xx'], ['client', '4xx'], ['server', '5xx'], ['fault', 'faults']];

// What is shown follows the feed, unless it is paused or somebody reads: then it stays, and is told how much is new.
function useShown(feed, matches, frozen) {
  const still = useRef(null);
  if (!feed) return {entries: [], fresh: 0};
  if (!frozen) still.current = null;
  else if (!still.current) still.current = {entries: feed.latest().slice(), seen: feed.seen};
  const base = still.current ? still.current.entries : feed.latest();
  const entries = (matches ? base.filter((entry) => matches(entry.view)) : base.slice()).reverse();
  return {entries, fresh: still.current ? feed.seen - still.current.seen : 0};
}

export function Watch({world}) {
  const [everywhere, setEverywhere] = useState(false);
  const [text, setText] = useState('');
  const [family, setFamily] = useState('');
  const [paused, pause] = useState(false);
  const [held, hold] = useState(false);
  const [chosen, choose] = useState(null);
  const session = everywhere ? '*' : world.session;
  const feed = useFeed(session);
  const {entries, fresh} = useShown(feed, matcher(text, family), paused || held);
  const box = useRef(null);
  const rows = useRef(null);
  useEffect(() => {
    rows.current = new Rows(box.current, {onOpen: choose, onHold: hold});
    return () => rows.current.close();
  }, []);
  useEffect(() => { rows.current.set(entries, chosen ? chosen.id : ''); });
  useEffect(() => { choose(null); }, [session]);
  const follow = () => { pause(false); box.current.scrollTop = 0; hold(false); };
  const forget = async () => {
    await call('DELETE', 'requests', {session}).then(() => { feed.forget(); choose(null); }, world.setError);
  };
  const close = () => {
    const index = entries.indexOf(chosen);
    choose(null);
    if (index >= 0) rows.current.focus(index);
  };
  const state = !feed || feed.state !== 'live' ? 'connecting …' : paused ? 'paused' : held ? 'held while you read' : 'live';
  return html`<${Intro} title="Watch">Every request as it comes, with who decided its answer. Open one for its headers and bodies, or copy it.<//>
    <${Problem} error=${feed && feed.error} />
    <div class="bar watch-bar"><label class="field inline grow">Filter<input type="search" value=${text} placeholder="post leads 409 scenario" onInput=${(e) => setText(e.target.value)} /></label>
      <select aria-label="Answers" value=${family} onChange=${(e) => setFamily(e.target.value)}>${families.map(([value, name]) => html`<option key=${value} value=${value} selected=${value === family}>${name}</option>`)}</select>
      <label class="radio"><input type="checkbox" checked=${everywhere} onChange=${(e) => setEverywhere(e.target.checked)} />all sessions</label>
      <button type="button" class="pause" aria-pressed=${paused ? 'true' : 'false'} onClick=${() => (paused ? follow() : pause(true))}>${paused ? 'Resume' : 'Pause'}</button>
      <button type="button" onClick=${forget}>Forget all</button></div>
    <p class="watch-state"><span><span class="dot ${state === 'live' ? 'live' : ''}"></span>${state}</span>
      <span>${feed ? plural(feed.seen, 'request') : ''}${feed && feed.seen > kept ? `, the last ${kept} are here` : ''}${feed && feed.missed ? `, ${feed.missed.toLocaleString('en')} came too fast to be shown` : ''}</span>
      ${fresh > 0 && html`<button type="button" class="small" onClick=${follow}>${plural(fresh, 'new request')}: show</button>`}</p>
    <div class=${chosen ? 'split watching' : 'watching'}>
      <div class="list">
        <div class="row head" aria-hidden="true"><span class="time">time</span><span class="method">method</span><span class="path">path</span><span class="status">answer</span><span class="decision">decided by</span><span class="took">took</span><span class="attempt"></span></div>
        <div class="rows" ref=${box}></div>
        ${entries.length === 0 && html`<div class="over"><${Empty} title=${feed && feed.seen ? 'No request fits the filter' : 'No request yet'}>${feed && feed.seen ? 'Take a word out of it.' : html`Point your front end at <code>${world.view ? world.view.baseUrl : '/api'}</code>, and use it.`}<//></div>`}
      </div>
      ${chosen && html`<${Detail} view=${chosen.view} close=${close} />`}
    </div>`;
}
