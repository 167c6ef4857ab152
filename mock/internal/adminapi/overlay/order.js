// The form that orders an answer for the next calls of a route, and the list of what is in force.

const anyCall = "any call";
const delayForm = /^\d+(\.\d+)?(ms|s|m)?(-\d+(\.\d+)?(ms|s|m)?)?$/;

function routeSelect() {
  const seen = group("seen on this page");
  const others = group("all routes", ...server.routes.map((route) => option(`${route.method} ${route.path}`)));
  const select = make("select", { name: "route" }, option("", anyCall), others);
  const known = new Set();
  const see = (route) => {
    if (known.has(route) || known.size >= 100) return;
    known.add(route);
    const chosen = select.value; // moving an option unchooses it
    if (!seen.isConnected) others.before(seen);
    seen.append([...others.children].find((candidate) => candidate.value === route) ?? option(route));
    select.value = chosen;
  };
  return { select, see };
}

// fillOutcomes offers first what fits the route. Any error can be forced anywhere.
function fillOutcomes(select, route) {
  const chosen = select.value;
  const fitting = server.routes.find((candidate) => `${candidate.method} ${candidate.path}` === route)?.errors;
  const asOption = (error) => option(`X-Mock-Error: ${error.name}`, `${error.status} ${error.name}`);
  const isFitting = (error) => !fitting || fitting.includes(error.name);
  const groups = [group(fitting ? "errors that fit" : "errors", ...server.errors.filter(isFitting).map(asOption))];
  const rest = server.errors.filter((error) => !isFitting(error));
  if (rest.length > 0) groups.push(group("other errors", ...rest.map(asOption)));
  groups.push(group("faults", ...server.faults.map((fault) => option(`X-Mock-Fault: ${fault}`, fault.toLowerCase().replaceAll("_", " ")))));
  select.replaceChildren(option("", "nothing but a delay"), ...groups);
  select.value = chosen === "" || chosen === undefined ? "" : chosen;
}

// readOrder makes an order of what the form says, or tells which control is wrong, and why.
function readOrder({ route, outcome, delay, retry, commit, times }) {
  const headers = {};
  const does = [];
  const [name, value] = outcome.value.split(": ");
  if (value !== undefined) {
    headers[name] = value;
    does.push(outcome.selectedOptions[0].textContent);
  }
  const wait = delay.value.trim();
  if (wait !== "" && !delayForm.test(wait)) return { wrong: delay, message: "A delay is written 800, 1.5s or 200ms-2s." };
  if (wait !== "") {
    headers["X-Mock-Delay"] = wait;
    does.push(/^\d+$/.test(wait) ? `after ${wait} ms` : `after ${wait}`);
  }
  if (does.length === 0) return { wrong: outcome, message: "Choose an error or a fault, or give a delay." };
  const after = retry.value.trim();
  if (!retry.disabled && after !== "") {
    if (!isHeaderValue(after)) return { wrong: retry, message: "Retry-After takes plain ASCII only." };
    headers["X-Mock-Retry-After"] = after;
    does.push(`Retry-After ${after}`);
  }
  if (!commit.disabled && commit.checked) {
    headers["X-Mock-Commit"] = "after";
    does.push("carried out first");
  }
  return { order: { route: route.value, left: Number(times.value), does: does.join(", "), headers } };
}

function orderForm(steering, say) {
  const { select: route, see } = routeSelect();
  const outcome = make("select", { name: "outcome" });
  const delay = make("input", { name: "delay", placeholder: "800, 1.5s, 200ms-2s", autocomplete: "off", spellcheck: "false" });
  const retry = make("input", { name: "retry", placeholder: "30, date+30, soon", autocomplete: "off", spellcheck: "false" });
  const commit = make("input", { name: "commit", type: "checkbox" });
  const several = ["2", "3", "5", "10"].map((n) => option(n, `the next ${n} calls`));
  const times = make("select", { name: "times" }, option("1", "the next call"), ...several, option(String(manyTimes), "until I stop it"));
  const mistake = make("p", { class: "mistake", id: "mistake", role: "alert" });
  const controls = { route, outcome, delay, retry, commit, times };

  const settle = () => {
    const [name, value = ""] = outcome.value.split(": ");
    retry.disabled = !server.errors.some((error) => error.name === value && error.retries);
    commit.disabled = name === "";
  };
  const submit = (event) => {
    event.preventDefault();
    for (const control of [outcome, delay, retry]) complain(control, mistake, "");
    const { wrong, message, order } = readOrder(controls);
    if (wrong) return complain(wrong, mistake, message);
    steering.add(order);
    say(`In force: ${spoken(order)}`);
  };
  route.addEventListener("change", () => {
    fillOutcomes(outcome, route.value);
    settle();
  });
  outcome.addEventListener("change", settle);
  fillOutcomes(outcome, "");
  settle();

  const element = make("form", { submit, novalidate: true, "aria-label": "Break the next calls" },
    field("Call", route, { class: "field wide" }), field("Answer", outcome, { class: "field wide" }),
    field("Delay", delay), field("Retry-After", retry), field("How often", times),
    make("label", { class: "check" }, commit, make("span", {}, "carry it out, then fail")),
    make("div", { class: "wide" }, mistake, make("button", { type: "submit", class: "main" }, "Break it")));
  const choose = (wanted) => {
    see(wanted);
    route.value = wanted;
    fillOutcomes(outcome, wanted);
    settle();
    outcome.focus();
  };
  return { element, see, choose };
}

function spoken(order) {
  const often = order.left === manyTimes ? "until stopped" : order.left === 1 ? "the next call" : `the next ${order.left} calls`;
  return `${order.route || anyCall}: ${order.does} (${often})`;
}

function orderList(steering, say) {
  const list = make("ul", { class: "orders" });
  const all = button("Stop all", () => {
    for (const order of steering.orders) steering.remove(order);
    say("Nothing is in force any more.");
  });
  const element = make("section", { "aria-label": "In force", hidden: true }, make("h2", {}, "In force"), list, all);
  const draw = () => {
    element.hidden = steering.orders.length === 0;
    all.hidden = steering.orders.length < 2;
    const items = steering.orders.map((order) => {
      const stop = button("Stop", () => {
        steering.remove(order);
        say(`Stopped: ${spoken(order)}`);
      }, { "aria-label": `Stop ${spoken(order)}` });
      return make("li", {}, make("span", {}, spoken(order)), stop);
    });
    list.replaceChildren(...items);
  };
  return { element, draw };
}
