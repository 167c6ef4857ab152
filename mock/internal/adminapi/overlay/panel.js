// The panel: a window of its own on the page, in a shadow tree, so that neither side's styles reach the other's.

const shortcut = { text: "Alt+Shift+M", is: (event) => event.altKey && event.shiftKey && !event.ctrlKey && !event.metaKey && event.code === "KeyM" };
const step = 16; // pixels that an arrow key moves it

function makePanel(api, steering) {
  const host = document.createElement("salesos-mock-overlay");
  const root = host.attachShadow({ mode: "open" });
  root.adoptedStyleSheets = [sheet(styles)];
  keepEvents(root);

  const status = make("p", { role: "status", class: "status" });
  const say = (text) => {
    status.textContent = text;
  };
  const form = orderForm(steering, say);
  const orders = orderList(steering, say);
  const session = sessionForm(api, steering, say);
  const calls = callList(form.choose);
  const mover = button("✥", () => {}, { class: "move", "aria-label": "Move the panel: drag it, or press the arrow keys", title: "Move: drag, or arrow keys" });
  const shut = button("×", () => toggle(false), { "aria-label": "Hide the panel", title: `Hide (${shortcut.text})` });
  const bar = make("header", {}, make("h1", { id: "title" }, "salesos-mock"), mover, shut);
  const body = make("div", { class: "body" }, form.element, status, orders.element, session.element, calls.element);
  const panel = make("aside", { class: "panel", "aria-labelledby": "title" }, bar, body);
  const opener = button("mock", () => toggle(true), {
    class: "opener",
    "aria-keyshortcuts": shortcut.text,
    title: `Show the panel of salesos-mock (${shortcut.text})`,
  });
  root.append(opener, panel);

  const kept = keep("localStorage", "panel");
  const place = { x: 12, y: 12, open: true, ...kept.load() };
  let before = null; // what had the focus when the panel was shown
  const toggle = (open, focus = true) => {
    attach();
    if (open) before = document.activeElement;
    const inside = root.activeElement !== null;
    place.open = open;
    panel.hidden = !open;
    opener.hidden = open;
    kept.save(place);
    if (!focus) return;
    if (open) form.element.elements.route.focus();
    else if (inside) (before?.isConnected && before !== host && before !== document.body ? before : opener).focus();
  };
  // settle puts it where it is meant to be, told from the lower right corner, or as near as it can be seen as a whole.
  const settle = () => {
    const shown = place.open ? panel : opener;
    const at = { x: within(place.x, innerWidth - shown.offsetWidth), y: within(place.y, innerHeight - shown.offsetHeight) };
    host.style.setProperty("--salesos-mock-x", `${at.x}px`);
    host.style.setProperty("--salesos-mock-y", `${at.y}px`);
    return at;
  };
  const move = (dx, dy) => {
    const { x, y } = settle();
    Object.assign(place, { x: x - dx, y: y - dy });
    Object.assign(place, settle());
  };
  const draw = eachFrame(() => {
    orders.draw();
    session.draw();
    opener.textContent = steering.orders.length > 0 ? `mock · ${steering.orders.length}` : "mock";
    opener.setAttribute("aria-label", `${opener.textContent}: show the panel of salesos-mock`);
  });
  const attach = () => {
    if (!host.isConnected) document.documentElement.append(host);
  };

  movable(bar, mover, move, () => kept.save(place));
  panel.addEventListener("keydown", (event) => {
    if (event.key === "Escape") toggle(false);
  });
  addEventListener("keydown", (event) => {
    if (!shortcut.is(event)) return;
    event.preventDefault();
    toggle(!place.open);
  }, true);
  addEventListener("resize", settle);
  const grown = new ResizeObserver(settle);
  for (const element of [panel, opener]) grown.observe(element);
  steering.changed = draw;

  return {
    show: (open, focus) => {
      toggle(open, focus);
      draw();
    },
    isOpen: () => place.open === true,
    note: (call) => {
      form.see(call.route);
      calls.note(call);
    },
  };
}

const within = (value, most) => (Number.isFinite(value) ? Math.max(0, Math.min(value, Math.max(0, most))) : 12);

function sheet(text) {
  const made = new CSSStyleSheet();
  made.replaceSync(text);
  return made;
}

// keepEvents: what is typed and clicked here is none of the page's shortcuts, focus traps and "clicked outside".
function keepEvents(root) {
  for (const type of ["keydown", "keyup", "keypress", "input", "change", "submit", "click", "dblclick", "mousedown", "mouseup", "pointerdown", "pointerup",
    "touchstart", "touchend", "focusin", "focusout", "paste", "copy", "cut", "wheel", "contextmenu"]) {
    root.addEventListener(type, (event) => event.stopPropagation(), { passive: true });
  }
}

function movable(bar, mover, move, done) {
  bar.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || event.target.closest("button:not(.move)")) return;
    bar.setPointerCapture(event.pointerId);
    let at = event;
    const drag = (moved) => {
      move(moved.clientX - at.clientX, moved.clientY - at.clientY);
      at = moved;
    };
    bar.addEventListener("pointermove", drag);
    bar.addEventListener("lostpointercapture", () => {
      bar.removeEventListener("pointermove", drag);
      done();
    }, { once: true });
  });
  mover.addEventListener("keydown", (event) => {
    const [dx, dy] = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[event.key] ?? [0, 0];
    if (dx === 0 && dy === 0) return;
    event.preventDefault();
    move(dx, dy);
    done();
  });
}
