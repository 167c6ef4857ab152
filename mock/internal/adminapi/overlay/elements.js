// Elements are made one by one and texts are set as texts: nothing that a request carries is ever read as HTML.

function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(key, value);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== false) element.setAttribute(key, value);
  }
  element.append(...children);
  return element;
}

const button = (text, click, attributes = {}) => make("button", { type: "button", click, ...attributes }, text);

// field is a control with its label above it. The label stands beside the control, else a select's options would be part of its name.
function field(label, control, attributes = {}) {
  control.id = `field-${control.name}`;
  return make("div", { class: "field", ...attributes }, make("label", { for: control.id }, label), control);
}

// complain says below a control what is wrong with it; without a message all is well.
function complain(control, place, message) {
  place.textContent = message;
  if (message === "") {
    control.removeAttribute("aria-invalid");
    control.removeAttribute("aria-describedby");
    return;
  }
  control.setAttribute("aria-invalid", "true");
  control.setAttribute("aria-describedby", place.id);
  control.focus();
}

const option = (value, text = value) => make("option", { value }, text);
const group = (label, ...options) => make("optgroup", { label }, ...options);

// eachFrame calls work before the next picture, once, however often it is asked to: a page that calls a thousand times a second
// is drawn as seldom as any other. What goes wrong there never reaches the page's own code.
function eachFrame(work) {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      work();
    });
  };
}
