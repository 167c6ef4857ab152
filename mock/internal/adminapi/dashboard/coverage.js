// Coverage: which documented error each operation has answered to this client, as a heat map.
import {html, useState} from './vendor/htm-preact.js';
import {useLoad, Intro, Problem, Method, Copy, plural} from './ui.js';

const total = (cell) => cell.natural + cell.forced;

// heat has four steps; the number is in the cell, too.
const heat = (n) => (n === 0 ? 0 : n < 3 ? 1 : n < 10 ? 2 : n < 50 ? 3 : 4);

const how = (cell) => [cell.natural && `${cell.natural} earned`, cell.forced && `${cell.forced} forced`].filter(Boolean).join(', ');

function Cell({line, cell, choose, chosen}) {
  if (!cell) return html`<td><span class="heat none" aria-hidden="true">·</span><span class="offscreen">does not fit</span></td>`;
  const n = total(cell);
  const call = `${cell.error} on ${line.method} ${line.path}`;
  return html`<td><button type="button" class="heat h${heat(n)}" aria-pressed=${chosen ? 'true' : 'false'} aria-label=${n ? `${call}: met ${n === 1 ? '1 time' : `${n} times`}, ${how(cell)}` : `${call}: not met; send ${cell.header}`}
    title=${n ? how(cell) : cell.header} onClick=${() => choose({line, cell})}>${n || '–'}</button></td>`;
}

const Chosen = ({line, cell}) => html`<p class="chosen-cell"><code>${line.method} ${line.path}</code> <span>${cell.status} ${cell.error}: ${total(cell) ? `met (${how(cell)})` : 'not met yet. Send'}</span>
  ${total(cell) === 0 && html`<code>${cell.header}</code><${Copy} text=${cell.header} what=${cell.header} />`}</p>`;

// The resources come first: they are what a front end is about.
const inOrder = (operations) => [...operations].sort((a, b) => a.path.startsWith('/auth/') - b.path.startsWith('/auth/'));

export function Coverage({world}) {
  const {data, error} = useLoad('coverage', world.session, {every: 2000});
  const [at, choose] = useState(null);
  if (!data) return html`<${Intro} title="Coverage">Which documented errors your client has met.<//><${Problem} error=${error} />`;
  const errors = [];
  for (const line of data.operations) for (const cell of line.errors) if (!errors.some((e) => e.error === cell.error)) errors.push(cell);
  errors.sort((a, b) => a.status - b.status || (a.error < b.error ? -1 : 1));
  const line = at && data.operations.find((l) => l.operation === at.line.operation);
  const cell = line && line.errors.find((c) => c.error === at.cell.error);
  return html`<${Intro} title="Coverage">Which documented errors each route has answered to your client, in session <code>${world.session}</code>. Press a cell that is missing to see what would exercise it.<//>
    <${Problem} error=${error} />
    <div class="panel covered"><strong>${data.percent} %</strong><progress max="100" value=${data.percent} aria-label="Coverage">${data.percent} %</progress><span class="muted">${data.exercised} of ${plural(data.total, 'pair')} of a route and an error</span></div>
    <div class="covered-cell" role="status">${cell ? html`<${Chosen} line=${line} cell=${cell} />` : html`<p class="chosen-cell muted">${data.exercised ? 'Darker cells were met more often; – was not met yet.' : 'Nothing met yet: use your front end with errors in force, or press a cell to see the header that asks for its error.'}</p>`}</div>
    <div class="scroll matrix" role="region" aria-label="Coverage matrix"><table><thead><tr><th scope="col" class="corner">Route</th>
      ${errors.map((e) => html`<th scope="col" key=${e.error}><span class="code">${e.status}</span><span class="name">${e.error.replaceAll('_', ' ')}</span></th>`)}</tr></thead>
    <tbody>${inOrder(data.operations).map((l) => html`<tr key=${l.operation}><th scope="row"><span class="route"><${Method}>${l.method}<//><span class="path">${l.path}</span><span class="share">${l.exercised}/${l.errors.length}</span></span></th>
      ${errors.map((e) => html`<${Cell} key=${e.error} line=${l} cell=${l.errors.find((c) => c.error === e.error)} choose=${choose} chosen=${cell && line.operation === l.operation && cell.error === e.error} />`)}</tr>`)}</tbody></table></div>`;
}
