// What is in force in the session, above every part, with one button that ends all of it.
import {html, useRef} from './vendor/htm-preact.js';
import {segment} from './api.js';

const Chip = ({text, note, title, onLift, kind}) => html`<li class="chip ${kind || ''}" title=${title}>
  <span class="chip-text">${text}</span>${note && html`<span class="chip-note">${note}</span>`}
  <button type="button" class="lift" aria-label=${`Lift ${text}`} onClick=${onLift}>×</button></li>`;

export function InForce({world}) {
  const rules = (world.rules.data || []).filter((rule) => !rule.spent);
  const active = (world.scenarios.data || []).filter((scenario) => scenario.active);
  const nothing = rules.length + active.length === 0;
  const section = useRef(null);
  // The button that was pressed goes: the focus stays nearby.
  const gone = () => section.current.focus();
  const lift = (rule) => world.act('DELETE', `rules/${segment(rule.id)}`).then(gone, () => {});
  const off = (scenario) => world.act('PUT', `scenarios/${segment(scenario.name)}`, {body: {active: false}}).then(gone, () => {});
  const clear = async () => {
    try {
      await world.act('DELETE', 'rules');
      for (const scenario of active) await world.act('PUT', `scenarios/${segment(scenario.name)}`, {body: {active: false}});
      gone();
    } catch {
      // it is shown
    }
  };
  return html`<section class="inforce ${nothing ? 'calm' : 'armed'}" aria-label="In force" tabindex="-1" ref=${section}>
    <strong>In force</strong>
    ${nothing ? html`<p>Nothing: the mock answers as usual.</p>` : html`<ul aria-label="What is in force">
      ${rules.map((rule) => html`<${Chip} key=${rule.id} text=${rule.name || rule.id} note=${rule.step && `${rule.step} used`} title=${rule.location} onLift=${() => lift(rule)} />`)}
      ${active.map((scenario) => html`<${Chip} key=${`s ${scenario.name}`} kind="scenario" text=${scenario.name} note="scenario" title=${scenario.description} onLift=${() => off(scenario)} />`)}
    </ul>`}
    <button type="button" class="clear" disabled=${nothing} onClick=${clear}>All clear</button>
  </section>`;
}
