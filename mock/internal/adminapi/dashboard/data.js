// Data: the records of the session, past faults and limits. What is edited here is judged by the rules of the API.
import {html, useState, useEffect, useRef} from './vendor/htm-preact.js';
import {call, segment} from './api.js';
import {useLoad, Intro, Empty, Problem, Confirm, plural} from './ui.js';

const pageSize = 20;
const preferred = ['firstName', 'lastName', 'name', 'title', 'email', 'company', 'status'];

// columns are the few fields that tell records apart.
function columns(fields) {
  const texts = fields.filter((f) => f.type !== 'object' && f.type !== 'array' && f.name !== 'id');
  const first = preferred.map((name) => texts.find((f) => f.name === name)).filter(Boolean);
  return [...new Set([...first, ...texts])].slice(0, 5).map((f) => f.name);
}

const shown = (value) => (value === null || value === undefined ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value));

// written turns what stands in an input into the value that is sent. A number that is none is sent as it was typed: the
// server's own message is better than one of ours.
function written(field, text) {
  if (text === '') return null;
  if (field.type === 'integer' || field.type === 'number') return Number.isFinite(Number(text)) ? Number(text) : text;
  if (field.type === 'boolean') return text === 'true' ? true : text === 'false' ? false : text;
  if (field.type === 'array' || field.type === 'object') {
    try {
      return JSON.parse(text);
    } catch {
      return text;
    }
  }
  return text;
}

function Input({field, value, set, id}) {
  const change = (e) => set(e.target.value);
  const options = field.type === 'boolean' ? ['true', 'false'] : field.enum;
  if (options) {
    const all = options.includes(value) || value === '' ? options : [value, ...options];
    return html`<select id=${id} value=${value} onChange=${change}><option value="">(none)</option>${all.map((o) => html`<option key=${o} value=${o} selected=${o === value}>${o}</option>`)}</select>`;
  }
  if (value.length > 60) return html`<textarea id=${id} rows="3" value=${value} onInput=${change}></textarea>`;
  return html`<input id=${id} type="text" value=${value} onInput=${change} autocomplete="off" />`;
}

function Editor({fields, record, resource, world, done, close}) {
  const before = Object.fromEntries(fields.map((f) => [f.name, shown(record[f.name])]));
  const [values, setValues] = useState(before);
  const [error, setError] = useState(null);
  const heading = useRef(null);
  useEffect(() => { heading.current.focus(); }, []);
  const changed = fields.filter((f) => !f.readOnly && values[f.name] !== before[f.name]);
  const path = `records/${segment(resource)}/${segment(record.id)}`;
  const run = async (method, body) => {
    try {
      await call(method, path, {session: world.session, body});
      done(method === 'DELETE' ? 'Deleted.' : 'Saved.');
    } catch (failure) {
      setError(failure);
    }
  };
  const save = (e) => {
    e.preventDefault();
    run('PATCH', Object.fromEntries(changed.map((f) => [f.name, written(f, values[f.name])])));
  };
  const name = [record.firstName, record.lastName].filter(Boolean).join(' ') || record.name || record.id;
  return html`<form class="panel editor" aria-label="Record" onSubmit=${save} onKeyDown=${(e) => e.key === 'Escape' && close()}>
    <div class="editor-head"><h3 tabindex="-1" ref=${heading}>${name}</h3><button type="button" class="small" onClick=${close}>Close</button></div>
    ${error && html`<pre class="problem" role="alert">${error.message}</pre>`}
    <div class="fields">${fields.map((field) => html`<div class="row" key=${field.name}><label for=${`f-${field.name}`}>${field.name}${field.required ? ' *' : ''}</label>
      ${field.readOnly ? html`<output id=${`f-${field.name}`}>${before[field.name] || '–'}</output>`
    : html`<${Input} id=${`f-${field.name}`} field=${field} value=${values[field.name]} set=${(text) => setValues((was) => ({...was, [field.name]: text}))} />`}</div>`)}</div>
    <div class="actions"><button class="primary" disabled=${!changed.length}>${changed.length ? `Save ${plural(changed.length, 'change')}` : 'Nothing changed'}</button>
      <${Confirm} label="Delete" question="Delete this record?" yes="Delete" kind="danger" onYes=${() => run('DELETE')} /></div>
  </form>`;
}

function Records({view, columns: names, open, chosen}) {
  if (!view.records.length) {
    return html`<${Empty} title="No record here">${view.total ? 'The page is past the end: go back to the first.' : 'Search for something else, or reset the session to its fixtures.'}<//>`;
  }
  return html`<div class="scroll" role="region" aria-label="Records" tabindex="0"><table class="records"><thead><tr>${names.map((n) => html`<th scope="col" key=${n}>${n}</th>`)}<th scope="col"><span class="offscreen">Edit</span></th></tr></thead>
    <tbody>${view.records.map((record) => html`<tr key=${record.id} class=${record.id === chosen ? 'chosen' : ''}>${names.map((n) => html`<td key=${n}>${shown(record[n])}</td>`)}
      <td class="last"><button type="button" class="small" aria-label=${`Edit ${shown(record[names[0]])} ${shown(record[names[1]])}`} onClick=${() => open(record)}>Edit</button></td></tr>`)}</tbody></table></div>`;
}

const pageOf = (resource, page, search) => `records/${segment(resource)}?page=${page}&limit=${pageSize}${search ? `&search=${encodeURIComponent(search)}` : ''}`;

export function Data({world}) {
  const resources = useLoad('fixtures', '');
  const [name, setName] = useState('');
  const [page, setPage] = useState(1);
  const [search, setSearch] = useState('');
  const [record, show] = useState(null);
  const opener = useRef(null); // gets the focus back
  const [said, say] = useState('');
  const resource = name || (resources.data && resources.data[0] && resources.data[0].name) || '';
  const list = useLoad(resource && pageOf(resource, page, search.trim()), world.session);
  const last = useRef(null);
  if (list.data && list.data.resource === resource) last.current = list.data; // what was shown stays until the next is there
  const view = last.current && last.current.resource === resource ? last.current : null;
  const open = (one) => {
    if (one) opener.current = document.activeElement;
    show(one);
    if (!one && opener.current && opener.current.isConnected) opener.current.focus();
  };
  useEffect(() => { show(null); setPage(1); say(''); }, [resource, world.session]);
  const done = (word) => { open(null); say(word); list.reload(); };
  const reset = async () => {
    await world.act('POST', 'reset').then(() => done('Back to the fixtures.'), () => {});
  };
  const pages = view ? Math.max(1, Math.ceil(view.total / pageSize)) : 1;
  return html`<${Intro} title="Data" aside=${html`<span class="notice" role="status">${said}</span><${Confirm} label="Reset the session" question="Back to the fixtures and first steps?" yes="Reset" kind="" onYes=${reset} />`}>
      The records of session <code>${world.session}</code>. Edit or delete any: faults and limits in force do not apply here, the validation does.<//>
    <${Problem} error=${resources.error || list.error} />
    ${resources.data && !resources.data.length && html`<${Empty} title="No resource yet">A resource is two fixture files: <code>deals.schema.yaml</code> and <code>deals.yaml</code>. <code>salesos-mock init .</code> writes some to begin with.<//>`}
    <div class="bar"><label class="field inline">Resource<select value=${resource} onChange=${(e) => setName(e.target.value)}>
        ${(resources.data || []).map((r) => html`<option key=${r.name} value=${r.name} selected=${r.name === resource}>${r.name}</option>`)}</select></label>
      <label class="field inline grow">Search<input type="search" value=${search} placeholder="name, company, e-mail" onInput=${(e) => { setSearch(e.target.value); setPage(1); }} /></label>
      <span class="pager"><button type="button" class="small" aria-label="Previous page" disabled=${page <= 1} onClick=${() => setPage(page - 1)}>‹</button>
        <span>${view ? `${plural(view.total, 'record')}, page ${page} of ${pages}` : '…'}</span>
        <button type="button" class="small" aria-label="Next page" disabled=${page >= pages} onClick=${() => setPage(page + 1)}>›</button></span></div>
    <div class=${record ? 'split' : ''}>
      <div>${view && html`<${Records} view=${view} columns=${columns(view.fields)} open=${open} chosen=${record && record.id} />`}</div>
      ${record && view && html`<${Editor} key=${record.id} fields=${view.fields} record=${record} resource=${resource} world=${world} done=${done} close=${() => open(null)} />`}
    </div>`;
}
