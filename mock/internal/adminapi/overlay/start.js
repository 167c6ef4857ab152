// One panel for each page, however often the script is loaded; the second time shows it again.

function start() {
  const mark = Symbol.for("salesos-mock overlay");
  if (window[mark]) return window[mark].show();
  const steering = makeSteering();
  const api = findAPI(document.currentScript);
  const early = []; // what is called before the page is there to show it
  let panel = null;
  const note = (call) => {
    try {
      if (panel === null) early.push(call);
      else panel.note(call);
    } catch (error) {
      console.error("salesos-mock overlay:", error); // it is never the page's own code that fails
    }
  };
  window[mark] = { show: () => panel?.show(true, false) };
  wrapFetch(api, steering, note);
  wrapXHR(api, steering, note);
  const open = () => {
    panel = makePanel(api, steering);
    panel.show(panel.isOpen(), false);
    for (const call of new Set(early)) note(call);
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", open, { once: true });
  else open();
}

start();
