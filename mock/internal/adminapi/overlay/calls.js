// The page's fetch and XMLHttpRequest, wrapped: calls to the API get headers and are noted, all others pass as they came.
// Bodies, signals, streams and events of uploads are left alone.

function wrapFetch(api, steering, note) {
  const native = window.fetch;
  const { Request } = window;
  if (typeof native !== "function" || typeof Request !== "function") return;

  const callOf = ([input, init]) => {
    const isRequest = typeof input === "object" && input !== null && typeof input.method === "string" && typeof input.url === "string";
    return callTo(api, String(init?.method ?? (isRequest ? input.method : "GET")), isRequest ? input.url : String(input));
  };

  // steered is the call as one Request with the headers in it, made just as fetch would make it. The headers of a Request
  // that the page keeps are never changed: it may send it again.
  const steered = (args, call) => {
    if (steering.session === "" && steering.orderFor(call) === null) return args;
    const request = new Request(...args);
    if (request.mode === "no-cors") {
      call.note = "Not touched: the page asks for it with no-cors, which takes no headers.";
    } else if (!request.signal.aborted) {
      for (const [name, value] of Object.entries(headersFor(steering, call, [...request.headers]))) request.headers.set(name, value);
    }
    return [request];
  };

  window.fetch = function fetch(...args) {
    const send = (list) => Reflect.apply(native, this, list);
    let call = null;
    let list = args;
    try {
      call = args.length > 0 ? callOf(args) : null;
      if (call !== null) list = steered(args, call);
    } catch {
      // What cannot be made a Request is for fetch itself to refuse.
    }
    if (call === null) return send(list);
    note(call);
    const answered = send(list);
    answered.catch((error) => fail(call, error instanceof TypeError ? "no answer" : error?.name === "TimeoutError" ? "timed out" : "aborted", note));
    // An error goes on untouched: nobody but the page handles it, and one thrown here would be hidden from its unhandledrejection.
    return answered.then((response) => {
      finish(call, response.status, (name) => response.headers.get(name), note);
      if (response.type === "opaque") call.answer.said = "hidden from the page";
      return response;
    });
  };
}

function wrapXHR(api, steering, note) {
  const proto = window.XMLHttpRequest?.prototype;
  if (!proto) return;
  const { open, setRequestHeader, send, addEventListener, getAllResponseHeaders } = proto;
  const opened = new WeakMap(); // what open and setRequestHeader said

  proto.open = function (method, url) {
    const result = Reflect.apply(open, this, arguments);
    opened.get(this)?.end?.("aborted"); // a new open ends what is under way, without any event
    opened.set(this, { method: String(method), url: String(url), header: [] });
    return result;
  };

  proto.setRequestHeader = function (name, value) {
    const result = Reflect.apply(setRequestHeader, this, arguments);
    opened.get(this)?.header.push([String(name), String(value)]);
    return result;
  };

  proto.send = function () {
    const state = opened.get(this);
    const call = state && !state.end && this.readyState === 1 ? callTo(api, state.method, state.url) : null;
    if (call === null) return Reflect.apply(send, this, arguments);
    for (const [name, value] of Object.entries(headersFor(steering, call, state.header))) setRequestHeader.call(this, name, value);
    note(call);
    state.end = once((how) => {
      if (how !== "load") return fail(call, how, note);
      const header = parseHeaders(getAllResponseHeaders.call(this));
      finish(call, this.status, (name) => header.get(name.toLowerCase()) ?? null, note);
    });
    for (const [event, how] of [["load", "load"], ["error", "no answer"], ["timeout", "timed out"], ["abort", "aborted"]]) {
      addEventListener.call(this, event, () => state.end(how), { once: true });
    }
    try {
      return Reflect.apply(send, this, arguments);
    } catch (error) {
      state.end("no answer"); // a synchronous one throws instead of telling
      throw error;
    }
  };
}

function once(f) {
  let done = false;
  return (...args) => {
    if (done) return;
    done = true;
    f(...args);
  };
}

// parseHeaders reads all headers at once: to ask for one that is hidden would be an error in the page's console.
function parseHeaders(text) {
  const lines = text.split("\r\n").filter((line) => line.includes(":"));
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]));
}

function finish(call, status, header, note) {
  call.answer = {
    said: String(status),
    ok: status < 400,
    took: performance.now() - call.began,
    decision: header("X-Mock-Decision"),
    rule: header("X-Mock-Rule"),
    step: header("X-Mock-Step"),
    session: header("X-Mock-Session"),
    warnings: [header("X-Mock-Warning"), header("X-Mock-Stale")].filter(Boolean),
  };
  note(call);
}

function fail(call, how, note) {
  call.answer = { said: how, ok: false, took: performance.now() - call.began, decision: null, rule: null, step: null, session: null, warnings: [] };
  note(call);
}
