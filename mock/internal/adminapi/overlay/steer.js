// What the calls are asked to get: the session, and the orders that are in force. An order is for one route, or any, and for
// a number of calls. Orders live in the tab and survive a reload, so that what a page asks at its start can be broken too.

const manyTimes = 0; // until it is taken back

function isOrder(order) {
  return (
    typeof order?.route === "string" &&
    Number.isInteger(order.left) &&
    typeof order.headers === "object" &&
    order.headers !== null &&
    Object.entries(order.headers).every(([name, value]) => name.startsWith("X-Mock-") && isHeaderValue(value))
  );
}

const isHeaderValue = (value) => typeof value === "string" && /^[\x20-\x7e]+$/.test(value);
const isSession = (id) => typeof id === "string" && /^[A-Za-z0-9._-]{1,64}$/.test(id);

function makeSteering() {
  const kept = keep("sessionStorage", "orders");
  const settings = keep("localStorage", "session");
  const loaded = kept.load();
  const steering = { orders: Array.isArray(loaded) ? loaded.filter(isOrder) : [], session: "", changed: () => {} };
  const named = settings.load();
  if (isSession(named)) steering.session = named;

  const save = () => {
    kept.save(steering.orders);
    steering.changed();
  };
  steering.add = (order) => {
    steering.orders.push(order);
    save();
  };
  steering.remove = (order) => {
    steering.orders = steering.orders.filter((other) => other !== order);
    save();
  };
  steering.name = (session) => {
    steering.session = session;
    settings.save(session);
    steering.changed();
  };
  steering.orderFor = (call) => steering.orders.find((order) => order.route === "" || order.route === call.route) ?? null;
  steering.use = (order) => {
    if (order.left === manyTimes) return;
    order.left--;
    if (order.left === 0) steering.orders = steering.orders.filter((other) => other !== order);
    save();
  };
  return steering;
}

// directsItself: a call with directives of its own means them, and two that contradict each other would be an error.
function directsItself(call, header) {
  const directs = ([name, value]) => /^x-mock-(?!session$)/i.test(name) || (/^prefer$/i.test(name) && /code=|example=/.test(value));
  return /[?&](__|%5f%5f)/i.test(call.query) || header.some(directs);
}

// headersFor says which headers a call gets, given those that it has, and uses up the order behind them.
function headersFor(steering, call, header) {
  const added = {};
  if (steering.session !== "" && !header.some(([name]) => /^x-mock-session$/i.test(name))) added["X-Mock-Session"] = steering.session;
  const order = steering.orderFor(call);
  if (order === null) return added;
  if (directsItself(call, header)) {
    call.note = "Not touched: this call has directives of its own.";
    return added;
  }
  call.asked = order.does;
  steering.use(order);
  return { ...added, ...order.headers };
}
