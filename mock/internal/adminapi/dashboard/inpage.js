// In your page: how the panel comes into the developer's own application.
import {html} from './vendor/htm-preact.js';
import {base} from './api.js';
import {Intro, Copy} from './ui.js';

const script = new URL('overlay.js', base).href;
const tag = `<script src="${script}"></script>`;
const bookmark = `javascript:(()=>{const s=document.createElement("script");s.src=${JSON.stringify(script)};document.head.append(s)})()`;

export const InPage = () => html`<${Intro} title="In your page">A small panel in your own application: break the next calls of a route, and see the last ones, without leaving it.<//>
  <section class="panel" aria-label="Script tag"><h3>With a script tag</h3>
    <p>Put this into your development page, before your own scripts. It wraps the page's calls to the mock, and only those.</p>
    <div class="snippet"><pre tabindex="0">${tag}</pre><${Copy} text=${tag} what="the script tag" /></div>
    <p>If the page reaches the mock through a proxy of its own origin, add where: <code>data-api="/api"</code>. If it has a Content-Security-Policy, let <code>script-src</code> allow <code>${new URL(script).origin}</code>.</p></section>
  <section class="panel" aria-label="Bookmark"><h3>With a bookmark</h3>
    <p>For a page that you cannot change: drag this link into your bookmarks, then press it there. Calls before that are not seen.</p>
    <div class="snippet"><a class="bookmark" href=${bookmark} onClick=${(e) => e.preventDefault()}>Break this page</a><${Copy} text=${bookmark} label="Copy address" what="of the bookmark" /></div></section>
  <p class="muted"><kbd>Alt+Shift+M</kbd> hides and shows the panel. Nothing of it is in your build: where the script is not loaded, there is no panel.</p>`;
