// What the parts of the page share.
import {html, useState, useEffect, useRef, useCallback} from './vendor/htm-preact.js';
import {get} from './api.js';

// useLoad fetches when the inputs change, and again on demand. What was there stays while the next is on its way, so that
// nothing jumps; an answer that was overtaken by a later question is dropped.
export function useLoad(path, session, {every = 0} = {}) {
  const [state, setState] = useState({data: null, error: null});
  const turn = useRef(0);
  const reload = useCallback(async () => {
    if (!path) return;
    const mine = ++turn.current;
    try {
      const data = await get(path, session);
      if (mine === turn.current) setState({data, error: null});
    } catch (error) {
      if (mine === turn.current) setState((was) => ({data: was.data, error}));
    }
  }, [path, session]);
  useEffect(() => {
    setState((was) => (was.data === null && was.error === null ? was : {data: null, error: null}));
    reload();
    return () => { turn.current++; };
  }, [reload]);
  useEffect(() => {
    if (!every) return undefined;
    const timer = setInterval(() => { if (!document.hidden) reload(); }, every);
    return () => clearInterval(timer);
  }, [reload, every]);
  return {...state, reload};
}

// statusKind is the family of an answer; colour never says it alone.
export const statusKind = (status, fault) => {
  if (fault || !status) return 'fault';
  if (status < 300) return 'ok';
  if (status < 400) return 'moved';
  return status < 500 ? 'client' : 'server';
};

export const Tag = ({kind, children, title}) => html`<span class="tag ${kind || ''}" title=${title}>${children}</span>`;

export const Method = ({children}) => html`<span class="method">${children}</span>`;

export const Empty = ({title, children}) => html`<div class="empty"><p class="empty-title">${title}</p><p>${children}</p></div>`;

export const Problem = ({error}) => error && html`<p class="problem" role="alert">${error.message}</p>`;

export const Intro = ({title, children, aside}) => html`
  <header class="intro"><div><h2 tabindex="-1">${title}</h2><p>${children}</p></div>${aside && html`<div class="aside">${aside}</div>`}</header>`;

export const Switch = ({on, label, onChange, disabled}) => html`
  <button type="button" role="switch" class="switch" aria-checked=${on ? 'true' : 'false'} aria-label=${label} disabled=${disabled}
    onClick=${() => onChange(!on)}><span class="knob"></span><span class="word">${on ? 'on' : 'off'}</span></button>`;

// copyText works where the clipboard does not: pages that are not served from a loopback have none without TLS.
async function copyText(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = Object.assign(document.createElement('textarea'), {value: text, className: 'offscreen'});
  document.body.append(area);
  area.select();
  const done = document.execCommand('copy');
  area.remove();
  return done ? undefined : Promise.reject(new Error('no clipboard'));
}

// Copy puts a text on the clipboard. text may be a function, also one that has to ask the server first.
export function Copy({text, label = 'Copy', what}) {
  const [said, say] = useState('');
  const timer = useRef(0);
  useEffect(() => () => clearTimeout(timer.current), []);
  const copy = async () => {
    let word = 'Copied';
    try {
      await copyText(typeof text === 'function' ? await text() : text);
    } catch (error) {
      word = 'Not copied';
    }
    say(word);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => say(''), 1600);
  };
  return html`<button type="button" class="small copy" aria-label=${what ? `${label} ${what}` : undefined} onClick=${copy}>
    <span class=${said ? 'ghost' : ''}>${label}</span>${said && html`<span class="said" role="status">${said}</span>`}</button>`;
}

// Confirm asks before something is lost, in the place of the button that was pressed, and gives the focus back to it.
export function Confirm({label, question, yes, onYes, kind = 'small'}) {
  const [asking, ask] = useState(null); // null: it was never asked
  const button = useRef(null);
  useEffect(() => { if (asking !== null && button.current) button.current.focus(); }, [asking]);
  if (!asking) return html`<button type="button" class=${kind} ref=${button} onClick=${() => ask(true)}>${label}</button>`;
  const leave = (e) => {
    if (e.key !== 'Escape') return;
    e.stopPropagation();
    ask(false);
  };
  return html`<span class="confirm" onKeyDown=${leave}><span>${question}</span>
    <button type="button" class="small danger" ref=${button} onClick=${() => { ask(false); onYes(); }}>${yes}</button>
    <button type="button" class="small" onClick=${() => ask(false)}>Keep</button></span>`;
}

export const clockTime = (text) => {
  const at = new Date(text);
  const two = (n) => String(n).padStart(2, '0');
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${String(at.getMilliseconds()).padStart(3, '0')}`;
};

export const duration = (ms) => (ms < 10 ? `${ms.toFixed(1)} ms` : ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(ms < 10000 ? 2 : 1)} s`);

export const plural = (n, one, many = `${one}s`) => `${n.toLocaleString('en')} ${n === 1 ? one : many}`;
