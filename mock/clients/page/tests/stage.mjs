// What a test of the page needs: a mock, the page as it is built, served on another origin, and a browser.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { chromium as driver } from "playwright-core";
import { build, preview } from "vite";
import { chromium, startMock } from "../../harness/harness.mjs";

// noBrowser is why the tests skip, or false. Where nothing may skip they fail instead.
export const noBrowser = chromium === undefined && "Chromium is not installed: install chromium to run the tests of the page";
if (noBrowser && process.env.SALESOS_TESTS_FORBID_SKIPS) throw new Error(noBrowser);

let mock;
let api; // the address that the page calls: of the same site, so that a cookie reaches it, but another origin
let served;
let browser;

export async function raise() {
  mock = await startMock();
  api = mock.api.replace("127.0.0.1", "localhost");
  process.env.VITE_SALESOS_API_URL = api;
  const root = fileURLToPath(new URL("..", import.meta.url));
  await build({ root, logLevel: "warn" });
  const html = readFileSync(`${root}dist/index.html`, "utf8");
  writeFileSync(`${root}dist/overlaid.html`, html.replace("<head>", `<head><script src="${new URL(api).origin}/__admin/overlay.js"></script>`));
  served = await preview({ root, logLevel: "warn", preview: { host: "localhost", port: 5199 } });
  browser = await driver.launch({
    executablePath: chromium,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
}

export async function strike() {
  await browser?.close();
  await served?.close();
  await mock?.stop();
}

// open opens the page in a session of its own, which a cookie names, with scenarios in force. The user is logged in unless
// told otherwise. In the end nothing may have gone wrong in the page's own code, and the mock's audit must have found nothing in
// its conduct; audited: false is for tests whose user presses a button that no sensible user would.
export async function open(t, { scenarios = [], loggedIn = true, hash = "", audited = true, overlaid = false, colorScheme = "light", width = 1_000 } = {}) {
  const session = await mock.session(...scenarios);
  const context = await browser.newContext({ colorScheme, viewport: { width, height: 800 } });
  context.setDefaultTimeout(30_000);
  await context.addCookies([{ name: "mock_session", value: session.id, url: new URL(api).origin }]);
  if (loggedIn) await context.addInitScript((token) => sessionStorage.setItem("salesos-token", sessionStorage.getItem("salesos-token") ?? token), session.token);
  const page = await context.newPage();
  const crashes = [];
  page.on("pageerror", (error) => crashes.push(error));
  const calls = [];
  page.on("request", (request) => request.url().startsWith(api) && calls.push(`${request.method()} ${request.url().slice(api.length)}`));
  t.after(async () => {
    await context.close();
    if (crashes.length > 0) throw crashes[0];
    if (!audited) return;
    const { findings } = await mock.admin("GET", `audit?session=${session.id}`);
    assert.deepEqual(findings.map(({ rule, call, message }) => `${rule}, ${call}: ${message}`), [], "the mock has seen a client that misbehaves");
  });
  const stage = {
    page,
    session,
    calls,
    alert: page.getByRole("alert"),
    admin: (method, path, body) => mock.admin(method, `${path}?session=${session.id}`, body),
    break: (when, respond) => stage.admin("PUT", "rules/broken", { when, respond }),
    mend: () => stage.admin("DELETE", "rules"),
    // later lets the clocks run ahead, the page's and that of the mock's session: nobody has to wait.
    later: async (seconds) => {
      await stage.admin("POST", "clock", { advance: `${Math.round(seconds * 1_000)}ms` });
      await page.clock.runFor(seconds * 1_000);
    },
    // comes lets them run until something is to be seen, and looks at each step at what is there.
    async comes(locator, look = () => {}) {
      for (let second = 0; second < 90 && !(await locator.isVisible()); second++) {
        await look();
        await stage.later(1);
      }
      await locator.waitFor();
    },
    // seconds is the number in a text such as "Trying again in 7 s".
    seconds: async (text) => Number(/\d+/.exec(await page.getByText(text).innerText())[0]),
    async start({ clock = false } = {}) {
      if (clock) await page.clock.install();
      await page.goto(`${served.resolvedUrls.local[0]}${overlaid ? "overlaid.html" : ""}${hash}`);
      return stage;
    },
    async fill(fields) {
      for (const [label, value] of Object.entries(fields)) await page.getByLabel(label, { exact: true }).fill(value);
    },
    press: (name) => page.getByRole("button", { name }).click(),
    rows: page.getByRole("table").getByRole("row"),
  };
  return stage;
}
