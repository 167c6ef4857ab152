// Break it: operations × documented errors. A click puts a rule in force, a second one lifts it.
import {html, useState, useRef, useEffect, useMemo} from './vendor/htm-preact.js';
import {get, segment} from './api.js';
import {useLoad, Intro, Method, Problem, Switch} from './ui.js';
import {everything, faults, latencyID, offlineID, ruleID, ruleAddress, ruleFor, putFirst} from './force.js';

const begin = {often: 'until', times: '3', delay: '', retryAfter: '', fault: faults[0][0], commit: 'before'};

const held = ({often, times}) => ({until: 'until switched off', once: 'once', times: `${times || 1} times`})[often];

// inWords is what the folded choices come to.
const inWords = (how) => [`The next click holds ${held(how)}`, how.delay && `after ${how.delay}`, how.retryAfter && `Retry-After ${how.retryAfter}`,
  how.commit === 'after' && 'writes are saved'].filter(Boolean).join(', ');

function How({how, set}) {
  const change = (name) => (e) => set({...how, [name]: e.target.value});
  const [wide] = useState(() => matchMedia('(min-width: 48rem)').matches);
  const radio = (name, value, text) => html`<label class="radio"><input type="radio" name=${name} value=${value} checked=${how[name] === value} onChange=${change(name)} />${text}</label>`;
  return html`<details class="panel how" open=${wide}><summary>${inWords(how)}.</summary><form onSubmit=${(e) => e.preventDefault()}>
    <fieldset><legend>How often</legend>
      ${radio('often', 'until', 'until switched off')}${radio('often', 'once', 'once')}
      <span class="radio"><input type="radio" name="often" value="times" aria-label="a number of times" checked=${how.often === 'times'} onChange=${change('often')} /><input class="count" type="number" min="1" max="9999" aria-label="Number of times" value=${how.times}
        onInput=${(e) => set({...how, often: 'times', times: e.target.value})} /> times</span>
    </fieldset>
    <fieldset><legend>Writes</legend>${radio('commit', 'before', 'fail before saving')}${radio('commit', 'after', 'save, then fail')}</fieldset>
    <label class="field">Wait first<input type="text" placeholder="800ms, 1s-2s" value=${how.delay} onInput=${change('delay')} /></label>
    <label class="field">Retry-After<input type="text" placeholder="as documented" value=${how.retryAfter} onInput=${change('retryAfter')} /></label>
    <label class="field">Last column: fault<select value=${how.fault} onChange=${change('fault')}>
      ${faults.map(([name, text]) => html`<option key=${name} value=${name} selected=${name === how.fault}>${text}</option>`)}</select></label>
  </form></details>`;
}

// milliseconds reads the delay of the latency rule back.
const milliseconds = (rule) => {
  const text = rule && rule.rule && rule.rule.respond && rule.rule.respond.delay;
  return text ? parseInt(text, 10) : 0;
};

function ForEverything({world, operations}) {
  const rules = world.rules.data || [];
  const set = rules.find((r) => r.id === latencyID);
  const [ms, setMS] = useState(milliseconds(set));
  const offline = rules.some((r) => r.id === offlineID);
  const wanted = useRef(null); // while it is being settled
  useEffect(() => { if (wanted.current === null) setMS(milliseconds(set)); }, [milliseconds(set)]);
  const apply = (value) => (value > 0
    ? putFirst(world, operations, latencyID, {name: `${value} ms latency`, respond: {delay: `${value}ms`}})
    : world.act('DELETE', `rules/${segment(latencyID)}`));
  // A slider moves on while the server is being told: one change at a time is sent, the latest.
  const settle = async (value) => {
    const busy = wanted.current !== null;
    wanted.current = value;
    if (busy) return;
    let done = null;
    try {
      while (done !== wanted.current) {
        done = wanted.current;
        await apply(done);
      }
    } catch {
      setMS(milliseconds(set));
    }
    wanted.current = null;
  };
  const switchOffline = (on) => (on
    ? putFirst(world, operations, offlineID, {name: 'offline', respond: {fault: 'CONNECTION_RESET_BY_PEER'}})
    : world.act('DELETE', `rules/${segment(offlineID)}`)).catch(() => {});
  return html`<div class="panel everything">
    <label class="latency"><span>Latency for everything</span>
      <input type="range" min="0" max="5000" step="50" value=${ms} aria-valuetext=${`${ms} milliseconds`} onInput=${(e) => setMS(Number(e.target.value))} onChange=${(e) => settle(Number(e.target.value))} />
      <output>${ms} ms</output></label>
    <div class="offline"><span>Offline</span><${Switch} on=${offline} label="Offline" onChange=${switchOffline} /><span class="muted">every connection is reset</span></div>
  </div>`;
}

function Cell({operation, error, rule, fits, current, onClick, onFocus}) {
  const name = error.name === 'fault' ? 'wire fault' : `${error.status} ${error.name}`;
  const where = operation === everything ? 'every route' : `${operation.method} ${operation.path}`;
  const on = rule && !rule.spent;
  const text = on ? (rule.step || 'on') : rule ? 'used' : error.status || 'wire';
  const state = on ? 'on' : rule ? 'used' : fits ? 'fits' : 'rare';
  return html`<td><button type="button" class="cell ${state}" aria-pressed=${on ? 'true' : 'false'} aria-label=${`${name} on ${where}${rule && rule.spent ? ', used up' : on && rule.step ? `, ${rule.step}` : ''}`}
    tabindex=${current ? 0 : -1} onClick=${onClick} onFocus=${onFocus}>${text}</button></td>`;
}

// The arrow keys walk through the matrix, which is one stop of the Tab key.
const moves = {ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0], Home: [0, -99], End: [0, 99]};

function Matrix({rows, errors, world, how}) {
  const [at, setAt] = useState([0, 0]);
  const table = useRef(null);
  const rules = useMemo(() => new Map((world.rules.data || []).map((rule) => [rule.id, rule])), [world.rules.data]);
  const walk = (e) => {
    const move = moves[e.key];
    if (!move || !e.target.classList.contains('cell')) return;
    e.preventDefault();
    const next = [Math.max(0, Math.min(rows.length - 1, at[0] + move[0])), Math.max(0, Math.min(errors.length - 1, at[1] + move[1]))];
    setAt(next);
    table.current.querySelectorAll('tbody tr.operation')[next[0]].querySelectorAll('button')[next[1]].focus();
  };
  // The first rule that answers wins: behind an older one without an end, what was clicked would never come.
  const liftEndless = async (operation, id) => {
    const now = new Map((await get('rules', world.session)).map((rule) => [rule.id, rule])); // the page may not know yet of the click before
    for (const error of errors) {
      const other = now.get(ruleID(operation, error.name));
      if (other && other.id !== id && !other.step) await world.act('DELETE', `rules/${segment(other.id)}`);
    }
  };
  const press = async (operation, error) => {
    const id = ruleID(operation, error.name);
    const there = rules.get(id);
    try {
      if (there && !there.spent) await world.act('DELETE', `rules/${segment(id)}`);
      else {
        await world.act('POST', ruleAddress(id, operation), {body: ruleFor(operation, error.name, how)});
        await liftEndless(operation, id);
      }
    } catch {
      // it is shown
    }
  };
  const row = (operation, r) => html`<tr class="operation" key=${operation.id}>
    <th scope="row"><span class="route"><${Method}>${operation.method === '*' ? 'ALL' : operation.method}<//><span class="path">${operation.path}</span></span></th>
    ${errors.map((error, c) => html`<${Cell} key=${error.name} operation=${operation} error=${error} rule=${rules.get(ruleID(operation, error.name))}
      fits=${operation === everything || error.name === 'fault' || operation.errors.includes(error.name)} current=${at[0] === r && at[1] === c}
      onFocus=${() => setAt([r, c])} onClick=${() => press(operation, error)} />`)}</tr>`;
  return html`<div class="scroll matrix" tabindex="-1" role="region" aria-label="Operations and errors"><table ref=${table} onKeyDown=${walk}>
    <thead><tr><th scope="col" class="corner">Route</th>${errors.map((error) => html`<th scope="col" key=${error.name}><span class="code">${error.status || 'wire'}</span><span class="name">${error.name.replaceAll('_', ' ')}</span></th>`)}</tr></thead>
    <tbody>${rows.map(row)}</tbody></table></div>`;
}

// The resources come first: they are what a front end is about.
const order = (operation) => ({auth: 1, canned: 2})[operation.tag] || 0;

export function BreakIt({world}) {
  const operations = useLoad('operations', '');
  const catalogue = useLoad('errors', '');
  const [how, setHow] = useState(begin);
  const [wanted, setWanted] = useState('');
  const errors = [...(catalogue.data || []), {name: 'fault', status: 0}];
  const found = [...(operations.data || [])].sort((a, b) => order(a) - order(b)).filter((o) => `${o.method} ${o.path} ${o.tag}`.toLowerCase().includes(wanted.trim().toLowerCase()));
  return html`<${Intro} title="Break it">Click a cell: the route answers with that error, in session <code>${world.session}</code>. Click again to lift it; another error of the route takes its place.<//>
    <${Problem} error=${operations.error || catalogue.error} />
    <${ForEverything} world=${world} operations=${operations.data || []} />
    <${How} how=${how} set=${setHow} />
    <div class="bar"><label class="field inline">Find a route<input type="search" value=${wanted} onInput=${(e) => setWanted(e.target.value)} placeholder="GET /leads" /></label>
      <p class="legend"><span class="cell fits">503</span> documented for the route <span class="cell rare">503</span> not documented, works too <span class="cell on">on</span> in force <span class="cell used">used</span> used up</p></div>
    ${operations.data && catalogue.data && html`<${Matrix} rows=${[everything, ...found]} errors=${errors} world=${world} how=${how} />`}`;
}
