// The last calls, newest first. Each has one item, which is filled again when its answer comes.

const shownCalls = 50;

function callList(choose) {
  const list = make("ol", { class: "calls", reversed: true });
  const empty = make("p", { class: "quiet" }, "No call yet. What this page asks of the API appears here.");
  const element = make("section", { "aria-label": "Last calls" }, make("h2", {}, "Last calls"), empty, list);
  const items = new Map();
  let waiting = new Set();
  let total = 0;

  const draw = eachFrame(() => {
    const calls = [...waiting].slice(-shownCalls);
    waiting = new Set();
    for (const call of calls) drawCall(itemOf(call), call);
    empty.hidden = items.size > 0;
    for (const [call, item] of [...items].slice(0, -shownCalls)) {
      items.delete(call);
      item.remove();
    }
  });
  const itemOf = (call) => {
    if (items.has(call)) return items.get(call);
    const again = button(call.path + call.query, () => choose(call.route), { class: "again", title: "Choose this route above" });
    const line = make("p", { class: "line" }, make("b", {}, call.method), " ", again, make("span", { class: "said" }));
    const item = make("li", { value: ++total }, line, make("p", { class: "why" }));
    items.set(call, item);
    list.prepend(item);
    return item;
  };
  const note = (call) => {
    waiting.add(call);
    if (waiting.size > 10 * shownCalls) waiting = new Set([...waiting].slice(-shownCalls)); // nothing is drawn while the tab is hidden
    draw();
  };
  return { element, note };
}

function drawCall(item, call) {
  const { answer } = call;
  const said = item.querySelector(".said");
  said.textContent = answer === null ? "…" : `${answer.said} · ${Math.round(answer.took)} ms`;
  said.classList.toggle("bad", answer !== null && !answer.ok);
  const why = [];
  if (call.asked !== "") why.push(`asked for: ${call.asked}`);
  if (answer?.decision) why.push([answer.decision, answer.rule, answer.step].filter(Boolean).join(" "));
  if (answer?.session) why.push(`session ${answer.session}`);
  item.querySelector(".why").textContent = why.join(" · ");
  const notes = [call.note, ...(answer?.warnings ?? [])].filter(Boolean).map((text) => make("p", { class: "warning" }, text));
  for (const old of item.querySelectorAll(".warning")) old.remove();
  item.append(...notes);
}
