// The frame of the page: which session is meant, which part is shown, and what is in force in any part.
import {html, render, useState, useEffect, useMemo, useRef, useCallback, useErrorBoundary} from './vendor/htm-preact.js';
import {call} from './api.js';
import {useLoad, Problem} from './ui.js';
import {InForce} from './inforce.js';
import {BreakIt} from './break.js';
import {Watch} from './watch.js';
import {Scenarios} from './scenarios.js';
import {Data} from './data.js';
import {Audit} from './audit.js';
import {Coverage} from './coverage.js';
import {InPage} from './inpage.js';
import {Sessions} from './sessions.js';

const parts = [
  {id: 'break', name: 'Break it', Part: BreakIt},
  {id: 'watch', name: 'Watch', Part: Watch},
  {id: 'scenarios', name: 'Scenarios', Part: Scenarios},
  {id: 'data', name: 'Data', Part: Data},
  {id: 'sessions', name: 'Sessions & clock', Part: Sessions},
  {id: 'audit', name: 'Audit', Part: Audit},
  {id: 'coverage', name: 'Coverage', Part: Coverage},
  {id: 'inpage', name: 'In your page', Part: InPage},
];

const partNow = () => parts.find((part) => `#${part.id}` === location.hash) || parts[0];
const sessionNow = () => new URLSearchParams(location.search).get('session') || 'default';

function usePart() {
  const [part, setPart] = useState(partNow);
  useEffect(() => {
    const follow = () => setPart(partNow());
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  return part;
}

// useSession keeps the session in the address, so that a link leads to it.
function useSession() {
  const [session, set] = useState(sessionNow);
  const choose = useCallback((id) => {
    const url = new URL(location.href);
    if (id === 'default') url.searchParams.delete('session');
    else url.searchParams.set('session', id);
    history.replaceState(null, '', url);
    set(id);
  }, []);
  return [session, choose];
}

const Health = ({health, error}) => {
  if (error) return html`<span class="health bad" role="status"><span class="dot"></span>not reachable</span>`;
  if (!health) return html`<span class="health" role="status"><span class="dot"></span>…</span>`;
  const good = health.status === 'ok';
  return html`<a class="health ${good ? 'good' : 'bad'}" href="#scenarios" title=${good ? `files: ${health.watching}` : health.problems.join('\n')}>
    <span class="dot"></span>${good ? 'files ok' : 'a file is broken'}</a>`;
};

// A server may have thousands of sessions: those used last are offered.
const mostSessions = 200;

const offered = (sessions, session) => {
  const latest = [...sessions].sort((a, b) => (b.lastUsed || '').localeCompare(a.lastUsed || '')).slice(0, mostSessions).map((s) => s.id);
  return ['default', ...[session, ...latest].filter((id, i, all) => id !== 'default' && all.indexOf(id) === i).sort()];
};

function SessionPicker({sessions, session, choose}) {
  const ids = offered(sessions || [], session);
  return html`<label class="picker"><span>Session</span>
    <select aria-label="Session" value=${session} onChange=${(e) => choose(e.target.value)}>${ids.map((id) => html`<option key=${id} value=${id} selected=${id === session}>${id}</option>`)}</select></label>`;
}

// Guarded keeps a mistake in one part from taking the page with it.
function Guarded({part: {Part}, world}) {
  const [error, again] = useErrorBoundary();
  if (error) return html`<div class="panel"><${Problem} error=${error} /><button type="button" onClick=${again}>Show it again</button></div>`;
  return html`<${Part} world=${world} />`;
}

function App() {
  const part = usePart();
  const [session, choose] = useSession();
  const health = useLoad('health', '', {every: 3000});
  const sessions = useLoad('sessions', '', {every: 5000});
  const rules = useLoad('rules', session, {every: 1500});
  const scenarios = useLoad('scenarios', session, {every: 3000});
  const [error, setError] = useState(null);
  // A session that a link names may be new: asking for its rules makes it, and the parts wait for that.
  const ready = useRef(false);
  ready.current = ready.current || rules.data !== null || rules.error !== null;
  useEffect(() => {
    document.title = `${part.name} · salesos-mock`;
    document.querySelector('.parts [aria-current]').scrollIntoView({block: 'nearest', inline: 'nearest'});
    scrollTo(0, 0);
  }, [part]);
  const world = useMemo(() => ({
    session, choose, sessions, rules, scenarios, health, setError,
    view: (sessions.data || []).find((s) => s.id === session),
    // act does something to the session, then shows what became of it.
    act: async (method, path, options = {}) => {
      try {
        const answer = await call(method, path, {session, ...options});
        setError(null);
        return answer;
      } catch (failure) {
        setError(failure);
        throw failure;
      } finally {
        rules.reload();
        scenarios.reload();
      }
    },
  }), [session, choose, sessions.data, rules.data, scenarios.data, health.data, health.error]);
  return html`
    <a class="skip" href="#content" onClick=${(e) => { e.preventDefault(); document.querySelector('#content h2').focus(); }}>Skip to the content</a>
    <header class="top">
      <h1><span class="mark" aria-hidden="true"></span>salesos-mock</h1>
      <${SessionPicker} sessions=${sessions.data} session=${session} choose=${choose} />
      <${Health} health=${health.data} error=${health.error} />
    </header>
    <${InForce} world=${world} />
    <div class="body">
      <nav class="parts" aria-label="Parts of the dashboard">
        ${parts.map(({id, name}) => html`<a key=${id} href=${`#${id}`} aria-current=${id === part.id ? 'page' : undefined}>${name}</a>`)}
      </nav>
      <main id="content">
        ${error && html`<div class="problem failure-note" role="alert"><pre>${error.message}</pre><button type="button" class="small" onClick=${() => setError(null)}>Dismiss</button></div>`}
        ${ready.current && html`<${Guarded} key=${part.id} part=${part} world=${world} />`}
      </main>
    </div>`;
}

const root = document.getElementById('app');
root.textContent = '';
render(html`<${App} />`, root);
