// What is remembered. Storage may be blocked, full, or hold what another version wrote: then things last as long as the page.

function keep(storage, name) {
  const key = `salesos-mock-overlay:${name}`;
  return {
    load() {
      try {
        return JSON.parse(window[storage].getItem(key));
      } catch {
        return null;
      }
    },
    save(value) {
      try {
        window[storage].setItem(key, JSON.stringify(value));
      } catch {
        // Nothing can be done, and nothing is lost but the memory of it.
      }
    },
  };
}

// The cookie mock_session is the page's own: it reaches the API if both have the same host name, whatever the port.
const sessionCookie = {
  reaches: (api) => location.hostname === api.hostname,
  read() {
    try {
      return /(?:^|;\s*)mock_session=([^;]*)/.exec(document.cookie)?.[1] ?? "";
    } catch {
      return ""; // a sandboxed frame has no cookies
    }
  },
  write(id) {
    try {
      document.cookie = `mock_session=${id}; path=/; SameSite=Lax${id === "" ? "; max-age=0" : ""}`;
    } catch {
      // as above; the panel reads it again and tells that it is not there
    }
  },
};
