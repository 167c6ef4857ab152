// Which calls are the API's, and which route each belongs to. Whatever else the page asks for is none of ours.

const thisMachine = new Set(["localhost", "127.0.0.1", "[::1]"]);

// findAPI is the base URL of the API as the page calls it: what the script's tag says (data-api, for a page that reaches the
// API through a proxy), else below the origin that the script came from.
function findAPI(script) {
  const told = script?.dataset?.api;
  if (told && URL.canParse(told, document.baseURI)) return new URL(told, document.baseURI);
  if (told) console.error(`salesos-mock overlay: data-api="${told}" is no address; "/api" and "http://localhost:4000/api" are`);
  const from = script?.src ? new URL(script.src).origin : server.origin;
  return from === server.origin ? new URL(server.api) : new URL(new URL(server.api).pathname, from);
}

// isServer: the mock listens on both loopback addresses, and a page may call it by another of this machine's names.
function isServer(api, url) {
  if (url.origin === api.origin) return true;
  return url.protocol === api.protocol && url.port === api.port && thisMachine.has(url.hostname) && thisMachine.has(api.hostname);
}

// pathBelow takes the base path off, behind /__s/ID too; null: not the API's.
function pathBelow(base, pathname) {
  const path = pathname.replace(/^\/__s\/[^/]+/, "");
  return path.startsWith(base + "/") ? path.slice(base.length) : null;
}

function fits(pattern, path) {
  const parts = path.replace(/\/$/, "").split("/");
  const wanted = pattern.split("/");
  return wanted.length === parts.length && wanted.every((part, i) => part === parts[i] || (part.startsWith("{") && parts[i] !== ""));
}

// routeOf names the route of a call, "GET /leads/{id}"; of an unknown one it is the path itself. Where two fit, the one that
// names the earlier segment is meant, as in the server.
function routeOf(method, path) {
  const asked = method === "HEAD" ? "GET" : method;
  const shape = (route) => route.path.replace(/\{[^}]*\}/g, "\uffff");
  const found = server.routes
    .filter((route) => route.method === asked && fits(route.path, path))
    .sort((a, b) => (shape(a) < shape(b) ? -1 : 1))[0];
  return `${method} ${found?.path ?? path}`;
}

// asSent: these methods are written large by the browser, all others go as they are ("patch" is no PATCH).
function asSent(method) {
  return /^(delete|get|head|options|post|put)$/i.test(method) ? method.toUpperCase() : method;
}

// callTo makes the record of a call to the API; null for every other.
function callTo(api, method, address) {
  let url;
  try {
    url = new URL(address, document.baseURI);
  } catch {
    return null; // the browser says what is wrong with it
  }
  const path = isServer(api, url) ? pathBelow(api.pathname.replace(/\/$/, ""), url.pathname) : null;
  if (path === null) return null;
  const sent = asSent(method);
  return { method: sent, path, query: url.search, route: routeOf(sent, path), began: performance.now(), answer: null, asked: "", note: "" };
}
