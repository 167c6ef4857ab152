import assert from "node:assert/strict";
import { test } from "node:test";
import { open } from "./stage.mjs";

const ada = "00000000-0000-4000-8000-000000000001";

export function basics() {
  test("logs in, pages through the list, searches and creates a lead", async (t) => {
    const { page, session, calls, alert, fill, press, rows, start } = await open(t, { loggedIn: false });
    await start();
    await fill({ "E-mail": "uma.user@example.com", Password: "wrong" });
    await press("Log in");
    await alert.getByText("do not belong together").waitFor();
    await fill({ Password: "password" });
    const [login] = await Promise.all([page.waitForResponse(/auth\/login$/), press("Log in")]);
    assert.equal(login.headers()["x-mock-session"], session.id, "the cookie names the session");
    await page.getByText("Page 1 of 22, 214 leads").waitFor();
    assert.equal(await rows.count(), 11);
    const first = await rows.nth(1).innerText();
    await press("Next");
    await page.getByText("Page 2 of 22").waitFor();
    await page.getByRole("region", { name: "Leads" }).and(page.locator("[aria-busy=false]")).waitFor();
    assert.notEqual(await rows.nth(1).innerText(), first);
    await fill({ Search: "lovelace" });
    await page.getByText("Page 1 of 1, 1 leads").waitFor();
    await fill({ Search: "", "First name": "Radia", "Last name": "Perlman", "E-mail": "radia@example.com" });
    await page.getByRole("button", { name: "Save" }).dblclick();
    await page.getByText("Radia Perlman is saved.").waitFor();
    await page.getByText("215 leads").waitFor();
    assert.equal(calls.filter((call) => call === "POST /leads").length, 1, "a double click is one lead");
  });

  // A header that is not exposed by name is null here, whatever the network panel shows.
  test("may read every header that the documentation names", async (t) => {
    const { page, session, start } = await open(t, { audited: false });
    await start();
    const missing = await page.evaluate(
      async ([api, token]) => {
        const missing = [];
        const look = async (path, names, headers = {}, init = {}) => {
          const response = await fetch(api + path, { credentials: "include", headers: { Authorization: `Bearer ${token}`, ...headers }, ...init });
          await response.text();
          for (const name of names) if (response.headers.get(name) === null) missing.push(`${path} ${name}`);
        };
        const always = ["X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "X-Request-Id", "Date", "X-Mock-Decision", "X-Mock-Session"];
        await look("/leads?limt=1", [...always, "X-Total-Count", "Link", "X-Mock-Warning"]);
        await look("/leads", [...always, "Retry-After", "X-Mock-Step"], { "X-Mock-Error": "rate_limited", "X-Mock-Times": "2" });
        await look("/leads", [...always, "Retry-After", "X-Mock-Rule"], { "X-Mock-Scenario": "flaky-list" });
        await look("/leads", [...always, "Preference-Applied"], { Prefer: "code=500" });
        await look("/auth/csrf-token", ["X-CSRF-Token"]);
        const lead = { method: "POST", body: '{"firstName":"A","lastName":"B"}' };
        await look("/leads", [...always, "Location"], { "Content-Type": "application/json" }, lead);
        return missing;
      },
      [session.baseUrl.replace("127.0.0.1", "localhost").replace(`/__s/${session.id}`, ""), session.token],
    );
    assert.deepEqual(missing, []);
  });

  test("shows one lead, converts and deletes it", async (t) => {
    const { page, press, alert, start } = await open(t, { hash: `#/leads/${ada}` });
    await start();
    await page.getByRole("heading", { name: "Ada Lovelace" }).waitFor();
    await press("Convert");
    await page.getByText("The lead is converted.").waitFor();
    await press("Convert");
    await alert.getByText("Lead has already been converted").waitFor();
    await press("Delete");
    await page.getByText("The lead is deleted.").waitFor();
    await page.getByRole("link", { name: "All leads" }).click();
    await page.getByText("213 leads").waitFor();
  });

  test("goes on when the browser is online again", async (t) => {
    const { page, rows, start, press } = await open(t);
    await start();
    await rows.nth(10).waitFor();
    await page.context().setOffline(true);
    await press("Next");
    await page.getByText("You are offline.").waitFor();
    assert.equal(await rows.count(), 11, "the old page stays");
    await page.context().setOffline(false);
    await page.getByText("Page 2 of 22").waitFor();
    await page.getByText("You are offline.").waitFor({ state: "detached" });
  });
}
