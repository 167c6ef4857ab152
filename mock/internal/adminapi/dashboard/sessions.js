// Sessions and clock: worlds that do not see each other, their time, and tokens of any age.
import {html, useState} from './vendor/htm-preact.js';
import {call, segment} from './api.js';
import {useLoad, Intro, Problem, Confirm, Copy, Tag, plural} from './ui.js';

const Credential = ({label, text}) => html`<div class="credential"><dt>${label}</dt><dd><code title=${text}>${text}</code><${Copy} text=${text} what=${label} /></dd></div>`;

function Create({world}) {
  const [id, setID] = useState('');
  const [made, setMade] = useState(null);
  const [error, setError] = useState(null);
  const create = async (e) => {
    e.preventDefault();
    try {
      const answer = await call('POST', 'sessions', {body: id.trim() ? {id: id.trim()} : {}});
      setMade(answer);
      setError(null);
      setID('');
      world.sessions.reload();
      world.choose(answer.id);
    } catch (failure) {
      setError(failure);
    }
  };
  return html`<section class="panel" aria-label="New session"><h3>New session</h3>
    <form class="bar" onSubmit=${create}><label class="field inline grow">Name<input type="text" value=${id} placeholder="made up if left empty" onInput=${(e) => setID(e.target.value)} autocomplete="off" /></label><button class="primary">Create</button></form>
    <${Problem} error=${error} />
    ${made ? html`<dl class="credentials" aria-label=${`Credentials of ${made.id}`}><${Credential} label="Base URL" text=${made.baseUrl} /><${Credential} label="Token" text=${made.token} /><${Credential} label="API key" text=${made.apiKey} /></dl>`
    : html`<p class="muted">You get a base URL, a token and an API key. Each of them alone leads your client into the session.</p>`}
  </section>`;
}

const most = 50; // that are listed

function List({world}) {
  const [wanted, setWanted] = useState('');
  const all = (world.sessions.data || []).filter((s) => s.id.toLowerCase().includes(wanted.trim().toLowerCase()));
  const drop = async (id) => {
    try {
      await world.act('DELETE', `sessions/${segment(id)}`);
      if (id === world.session) world.choose('default');
    } catch {
      // it is shown
    }
    world.sessions.reload();
  };
  return html`<section class="panel" aria-label="Sessions"><h3>Sessions</h3>
  ${(world.sessions.data || []).length > 8 && html`<div class="bar"><label class="field inline grow">Find<input type="search" value=${wanted} onInput=${(e) => setWanted(e.target.value)} /></label></div>`}
  <ul class="sessions">${all.slice(0, most).map((s) => html`<li key=${s.id} class=${s.id === world.session ? 'chosen' : ''}>
    <div class="who"><strong>${s.id}</strong>${s.id === world.session && html`<${Tag} kind="moved">shown<//>`}<code class="url">${s.baseUrl}</code></div>
    <div class="actions">${s.id !== world.session && html`<button type="button" class="small" onClick=${() => world.choose(s.id)} aria-label=${`Show ${s.id}`}>Show</button>`}
      <${Copy} text=${s.baseUrl} label="Copy URL" what=${`of ${s.id}`} />
      ${s.id !== 'default' && html`<${Confirm} label="Drop" question=${`Drop ${s.id}?`} yes="Drop" onYes=${() => drop(s.id)} />`}</div></li>`)}</ul>
  ${all.length > most && html`<p class="muted">${plural(all.length - most, 'more session')}: find them by their names.</p>`}</section>`;
}

const leaps = ['1m', '1h', '24h', '25h', '168h'];

function Clock({world}) {
  const clock = useLoad('clock', world.session, {every: 1000});
  const [by, setBy] = useState('25h');
  const [error, setError] = useState(null);
  const move = async (body) => {
    try {
      await call('POST', 'clock', {session: world.session, body});
      setError(null);
    } catch (failure) {
      setError(failure);
    }
    clock.reload();
  };
  const now = clock.data && new Date(clock.data.now);
  return html`<section class="panel" aria-label="Clock"><h3>Clock of ${world.session}</h3>
    <p class="clock"><time>${now ? now.toISOString().replace('T', ' ').replace(/\.\d+Z/, ' UTC') : '…'}</time> ${clock.data && html`<${Tag} kind=${clock.data.frozen ? 'client' : 'ok'}>${clock.data.frozen ? 'frozen' : 'running'}<//>`}</p>
    <form class="bar" onSubmit=${(e) => { e.preventDefault(); move({advance: by.trim()}); }}>
      <label class="field inline">Advance by<input type="text" class="short" value=${by} list="leaps" onInput=${(e) => setBy(e.target.value)} /></label><datalist id="leaps">${leaps.map((l) => html`<option key=${l} value=${l} />`)}</datalist>
      <button class="primary">Advance</button>
      <button type="button" onClick=${() => move({frozen: !(clock.data && clock.data.frozen)})}>${clock.data && clock.data.frozen ? 'Let it run' : 'Freeze'}</button>
      <button type="button" onClick=${() => move({reset: true})}>Real time</button></form>
    <${Problem} error=${error || clock.error} />
    <p class="muted">Tokens expire and windows end by this clock, so that no test has to wait. 25h expires every token.</p></section>`;
}

const ages = [['24h', 'good for 24 hours'], ['1m', 'good for a minute'], ['-1h', 'expired an hour ago'], ['-169h', 'expired a week ago: too old to refresh']];
const roles = ['ADMIN', 'MANAGER', 'USER', 'VIEWER'];

function Tokens({world}) {
  const [role, setRole] = useState('USER');
  const [expiresIn, setAge] = useState('24h');
  const [made, setMade] = useState(null);
  const [error, setError] = useState(null);
  const mint = async (e) => {
    e.preventDefault();
    try {
      const {token} = await call('POST', 'tokens', {session: world.session, body: {role, expiresIn}});
      setMade({token, what: `${role}, ${ages.find(([age]) => age === expiresIn)[1]}`});
      setError(null);
    } catch (failure) {
      setError(failure);
    }
  };
  return html`<section class="panel" aria-label="Tokens"><h3>Mint a token</h3>
    <form class="bar" onSubmit=${mint}>
      <label class="field inline">Role<select value=${role} onChange=${(e) => setRole(e.target.value)}>${roles.map((r) => html`<option key=${r} value=${r} selected=${r === role}>${r}</option>`)}</select></label>
      <label class="field inline">Age<select value=${expiresIn} onChange=${(e) => setAge(e.target.value)}>${ages.map(([age, text]) => html`<option key=${age} value=${age} selected=${age === expiresIn}>${text}</option>`)}</select></label>
      <button class="primary">Mint</button></form>
    <${Problem} error=${error} />
    ${made ? html`<dl class="credentials"><${Credential} label=${made.what} text=${made.token} /></dl>` : html`<p class="muted">To see a 401, mint an expired one. To see a 403, mint that of a VIEWER and write.</p>`}</section>`;
}

export const Sessions = ({world}) => html`<${Intro} title="Sessions & clock">Each session has its own data, rules, clock and requests. Work in one of your own and nobody disturbs you.<//>
  <div class="columns"><div><${Create} world=${world} /><${List} world=${world} /></div><div><${Clock} key=${`c ${world.session}`} world=${world} /><${Tokens} key=${`t ${world.session}`} world=${world} /></div></div>`;
