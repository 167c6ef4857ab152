// A page with a list, and with something to say when there is none. Its API is below its own origin: vite.config.ts.

import { listLeads, logIn } from './leads.js';

const [alert, again, list] = ['p', 'button', 'ul'].map((name) => /** @type {HTMLElement} */ (document.querySelector(name)));

async function show() {
  alert.textContent = '';
  again.hidden = true;
  try {
    const { accessToken } = await logIn('/api');
    const leads = await listLeads('/api', { Authorization: `Bearer ${accessToken}` });
    list.replaceChildren(...leads.map((lead) => Object.assign(document.createElement('li'), { textContent: lead.email })));
  } catch (problem) {
    alert.textContent = /** @type {Error} */ (problem).message;
    again.hidden = false;
  }
}

again.addEventListener('click', show);
show();
