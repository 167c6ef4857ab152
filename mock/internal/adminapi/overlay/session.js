// Which session the page's calls belong to: by a header that is added to them, or by the cookie of the page's host.

function sessionForm(api, steering, say) {
  const id = make("input", { name: "session", autocomplete: "off", spellcheck: "false", maxlength: "64", placeholder: "the page's own" });
  const way = make("select", { name: "way" }, option("header", "header"), option("cookie", "cookie mock_session"));
  const mistake = make("p", { class: "mistake", role: "alert", id: "session-mistake" });
  const now = () => steering.session || sessionCookie.read();
  id.value = now();
  way.value = steering.session === "" && sessionCookie.read() !== "" ? "cookie" : "header";

  const wrong = () => {
    if (id.value !== "" && !isSession(id.value)) return "A session's name has 1 to 64 of A-Z, a-z, 0-9, dot, underscore and hyphen.";
    if (way.value === "cookie" && !sessionCookie.reaches(api))
      return `A cookie of ${location.hostname} does not reach ${api.hostname}: choose the header, or open this page on ${api.hostname}.`;
    return "";
  };
  const submit = (event) => {
    event.preventDefault();
    id.value = id.value.trim();
    complain(id, mistake, wrong());
    if (mistake.textContent !== "") return;
    const byCookie = way.value === "cookie";
    if (sessionCookie.reaches(api)) sessionCookie.write(byCookie ? id.value : "");
    steering.name(byCookie ? "" : id.value);
    if (byCookie && sessionCookie.read() !== id.value) complain(id, mistake, "The browser refuses the cookie: choose the header.");
    else say(id.value === "" ? "No session is named any more." : `Calls now belong to the session ${id.value}.`);
  };
  const summary = make("summary", {}, "Session");
  const element = make("details", {}, summary,
    make("form", { submit, novalidate: true, "aria-label": "Session" }, field("Name", id), field("Named by", way),
      make("div", { class: "wide" }, mistake, make("button", { type: "submit" }, "Use this session"))));
  const draw = () => {
    summary.textContent = now() === "" ? "Session" : `Session: ${now()}`;
  };
  return { element, draw };
}
