// Scenarios: what the files hold, switched in the session; and what is wrong with the files, with the place and a caret.
import {html, useState, useEffect} from './vendor/htm-preact.js';
import {call, segment} from './api.js';
import {useLoad, Intro, Empty, Problem, Switch, Tag} from './ui.js';

function Problems({problems}) {
  if (!problems.length) return null;
  return html`<section class="panel broken" aria-label="Broken files">
    <h3>A file is broken: what was good last stays in service</h3>
    ${problems.map((problem, i) => html`<pre class="diagnostic" tabindex="0" key=${i}>${problem.message}</pre>`)}
    <p class="muted">Mend the file: the mock sees it by itself, or press Reload files.</p>
  </section>`;
}

function State({scenario, world}) {
  if (scenario.states.length < 2) return null;
  const set = (state) => world.act('PUT', `scenarios/${segment(scenario.name)}/state`, {body: {state}}).catch(() => {});
  return html`<label class="field inline">State<select value=${scenario.state} onChange=${(e) => set(e.target.value)}>
    ${scenario.states.map((state) => html`<option key=${state} value=${state} selected=${state === scenario.state}>${state}</option>`)}</select></label>`;
}

const Rule = ({rule}) => html`<li><code>${rule.location}</code>
  <span class="step">${rule.step && html`<${Tag} kind=${rule.spent ? 'quiet' : 'moved'}>step ${rule.step}${rule.spent ? ', used up' : ''}<//>`}</span></li>`;

function Scenario({scenario, world}) {
  const flip = (active) => world.act('PUT', `scenarios/${segment(scenario.name)}`, {body: {active}}).catch(() => {});
  return html`<article class="panel scenario ${scenario.active ? 'active' : ''}">
    <div class="scenario-head"><h3>${scenario.name}</h3><${Switch} on=${scenario.active} label=${`Scenario ${scenario.name}`} onChange=${flip} /></div>
    <p>${scenario.description || html`<span class="muted">${scenario.file}</span>`}</p>
    <${State} scenario=${scenario} world=${world} />
    <details><summary>${scenario.rules.length === 1 ? '1 rule' : `${scenario.rules.length} rules`}</summary><ul class="rules">${scenario.rules.map((rule) => html`<${Rule} key=${rule.location} rule=${rule} />`)}</ul></details>
  </article>`;
}

export function Scenarios({world}) {
  const {data, error} = world.scenarios;
  const wrong = useLoad('problems', '', {every: 3000});
  const [said, say] = useState('');
  useEffect(() => { wrong.reload(); }, [world.health.data && world.health.data.generation, world.health.data && world.health.data.status]);
  const reload = async () => {
    try {
      const answer = await call('POST', 'reload', {allow: [422]});
      say(answer.problems.length ? 'Read again: there are problems.' : `Read again: all good (generation ${answer.generation}).`);
    } catch (failure) {
      say(failure.message);
    }
    wrong.reload();
    world.scenarios.reload();
    world.health.reload();
  };
  return html`<${Intro} title="Scenarios" aside=${html`<span class="notice" role="status">${said}</span><button type="button" onClick=${reload}>Reload files</button>`}>
      Failures that are written down as files. Switch one on: it holds for session <code>${world.session}</code> from its first step.<//>
    <${Problem} error=${error} />
    <${Problems} problems=${wrong.data || []} />
    ${data && !data.length && html`<${Empty} title="No scenario yet">Write one as <code>scenarios/NAME.yaml</code>, or let <code>salesos-mock init .</code> write the shipped ones into your folder.<//>`}
    <div class="cards">${(data || []).map((scenario) => html`<${Scenario} key=${scenario.name} scenario=${scenario} world=${world} />`)}</div>`;
}
