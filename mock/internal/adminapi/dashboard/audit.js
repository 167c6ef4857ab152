// Audit: what the client did that the documentation asks it to avoid, with the evidence.
import {html} from './vendor/htm-preact.js';
import {Timeline} from './timeline.js';
import {useLoad, Intro, Empty, Problem, Tag, clockTime, statusKind, plural} from './ui.js';

const outcome = (request) => request.fault || request.status || (request.clientGone ? 'given up' : 'no answer');

const Evidence = ({requests, leftOut}) => html`<details><summary>${plural(requests.length, 'request')} as evidence${leftOut ? `, ${leftOut} more before the last` : ''}</summary>
  <div class="scroll" role="region" aria-label="Evidence" tabindex="0"><table class="records"><thead><tr><th scope="col">time</th><th scope="col">request</th><th scope="col">answer</th><th scope="col">after</th><th scope="col">Retry-After</th></tr></thead>
  <tbody>${requests.map((r, i) => html`<tr key=${i}><td><code>${clockTime(r.time)}</code></td><td><code>${r.method} ${r.path}</code></td><td><${Tag} kind=${statusKind(r.status, r.fault)}>${outcome(r)}<//></td>
    <td>${r.afterMs ? `${(r.afterMs / 1000).toFixed(3)} s` : ''}</td><td>${r.retryAfter || ''}</td></tr>`)}</tbody></table></div></details>`;

const Finding = ({finding}) => html`<article class="panel finding ${finding.severity}">
  <div class="finding-head"><${Tag} kind=${finding.severity === 'failure' ? 'server' : 'client'}>${finding.severity}<//><h3>${finding.rule}</h3>${finding.count > 1 && html`<span class="muted">${finding.count} times</span>`}</div>
  <p class="said-so"><code>${finding.call}</code> ${finding.message}.</p>
  <${Timeline} requests=${finding.requests} />
  <dl class="advice"><div><dt>What is asked</dt><dd>${finding.asks}</dd></div><div><dt>What to change</dt><dd>${finding.fix}</dd></div><div><dt>Caller</dt><dd>${finding.caller}</dd></div></dl>
  <${Evidence} requests=${finding.requests} leftOut=${finding.leftOut} /></article>`;

export function Audit({world}) {
  const {data, error} = useLoad('audit', world.session, {every: 2000});
  const failures = data ? data.findings.filter((f) => f.severity === 'failure').length : 0;
  return html`<${Intro} title="Audit" aside=${data && html`<${Tag} kind=${data.passed ? 'ok' : 'server'}>${data.passed ? 'passed' : plural(failures, 'failure')}<//><span class="muted">${plural(data.requests, 'request')} judged</span>`}>
      Does your client do what the documentation asks: wait, back off, log in again? It is judged as its requests come.<//>
    <${Problem} error=${error} />
    ${data && !data.findings.length && (data.requests
    ? html`<${Empty} title="Nothing to complain about">So far the client behaves. Put a 429 or a 503 in force under <a href="#break">Break it</a>, and see how it retries.<//>`
    : html`<${Empty} title="No request yet">Use your front end against session <code>${world.session}</code>; with an error in force from <a href="#break">Break it</a> there is more to judge.<//>`)}
    ${data && data.findings.map((finding, i) => html`<${Finding} key=${`${finding.rule} ${finding.call} ${i}`} finding=${finding} />`)}
    ${data && data.omitted > 0 && html`<p class="muted">${data.omitted} more findings are left out.</p>`}`;
}
