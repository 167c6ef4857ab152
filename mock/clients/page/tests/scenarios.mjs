import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "./errors.mjs";
import { open } from "./stage.mjs";

const ada = "#/leads/00000000-0000-4000-8000-000000000001";
const draft = { "First name": "Radia", "Last name": "Perlman", "E-mail": "radia@example.com" };

// The shipped scenarios, and what a good client makes of them, as their files say.
export function scenarios() {
  const play = (name, what, act, options = {}) =>
    test(`${name}: ${what}`, async (t) => {
      const stage = await open(t, { scenarios: [name], ...options });
      await stage.start(options);
      await act(stage);
    });

  play("flaky-list", "the list appears, and the user has pressed nothing", async ({ page, rows, calls }) => {
    await page.getByText("SalesOS is not available at the moment.").waitFor();
    await rows.nth(10).waitFor();
    assert.equal(calls.length, 3);
  });

  play("rate-limit", "nothing is sent until the wait is over", async ({ page, calls, rows, press, later, seconds }) => {
    await rows.nth(10).waitFor();
    for (let i = 2; i <= 6; i++) {
      await press("Next");
      await until(() => calls.length >= i);
      if (i < 6) await page.getByText(`Page ${i} of`).waitFor();
    }
    await page.getByText("too many requests").waitFor();
    assert.equal(await rows.count(), 11, "the old page stays");
    assert.ok((await seconds(/Trying again in \d+ s/)) > 0);
    assert.equal(calls.length, 6);
    await later(11);
    await page.getByText("too many requests").waitFor({ state: "detached" });
    assert.equal(calls.length, 7);
  }, { clock: true });

  play("maintenance", "says for how long, and goes on by itself", async ({ page, calls, rows, press, later, admin, seconds }) => {
    await rows.nth(10).waitFor();
    await admin("POST", "clock", { advance: "30s" }); // not the page's: it begins between two clicks
    await press("Next");
    await page.getByText("SalesOS is being maintained and will be back soon.").waitFor();
    const left = await seconds(/Trying again in \d+ s/);
    assert.ok(left > 5 && left <= 21, `${left} s`);
    assert.equal(calls.length, 2);
    await later(left + 1);
    await page.getByText("maintained").waitFor({ state: "detached" });
    assert.equal(calls.length, 3);
  }, { clock: true });

  play("session-expiry", "the token is exchanged once, and the user sees nothing of it", async ({ page, calls, rows, fill, press }) => {
    await rows.nth(10).waitFor();
    await fill(draft);
    await press("Save");
    await page.getByText("Radia Perlman is saved.").waitFor();
    assert.equal(calls.filter((call) => call === "POST /auth/refresh").length, 1);
    assert.equal(await page.getByRole("heading", { name: "Log in" }).count(), 0);
  });

  play("refresh-fails", "one refresh, then the login, then on", async ({ page, calls, rows, fill, press }) => {
    await page.getByText("Your session is over.").waitFor();
    assert.equal(calls.filter((call) => call === "POST /auth/refresh").length, 1);
    await page.getByRole("form", { name: "Log in" }).getByLabel("E-mail").fill("ada.admin@example.com");
    await fill({ Password: "password" });
    await press("Log in");
    await rows.nth(10).waitFor();
  });

  play("ghost-writes", "a lead whose answer got lost is there once", async ({ page, calls, fill, press }) => {
    for (const name of ["one", "two", "three"]) {
      await fill({ ...draft, "E-mail": `${name}@example.com` });
      await press("Save");
      await page.getByText("Radia Perlman is saved.").waitFor();
      await page.getByRole("button", { name: "Save", exact: true }).waitFor();
    }
    await page.getByText("217 leads").waitFor();
    assert.equal(calls.filter((call) => call === "POST /leads").length, 3);
  });

  play("ghost-writes", "a conversion and a deletion that got lost count as done", async ({ page, press, calls, later }) => {
    for (const [name, done] of [["Convert", "The lead is converted."], ["Delete", "The lead is deleted."]]) {
      const refused = page.waitForResponse((response) => response.status() === 503);
      await press(name);
      await refused;
      await page.getByRole("button", { name: /ing …$/ }).waitFor();
      await later(15); // Retry-After is 30
      await page.getByRole("button", { name: /ing …$/ }).waitFor();
      await later(16);
      await page.getByText(done).waitFor();
    }
    assert.equal(calls.filter((call) => !call.startsWith("GET")).length, 4);
  }, { hash: ada, clock: true });

  play("slow-network", "the page says that it is at work", async ({ page, rows }) => {
    await page.getByText("Loading …").waitFor();
    await rows.nth(10).waitFor();
  });

  play("offline", "what is on the screen stays, and it goes on by itself", async ({ page, rows, calls, comes, admin }) => {
    await page.getByText("There is no connection to SalesOS.").waitFor();
    await page.getByText(/Trying again/).waitFor();
    await page.getByRole("heading", { name: "New lead" }).waitFor();
    await admin("PUT", "scenarios/offline", { active: false });
    await comes(rows.nth(10));
    assert.ok(calls.length > 1);
  }, { clock: true });

  play("duplicate-email-race", "the conflict is shown at the e-mail", async ({ page, fill, press }) => {
    await fill(draft);
    await press("Save");
    await page.getByText("Lead with email radia@example.com already exists").waitFor();
    assert.equal(await page.getByLabel("E-mail").getAttribute("aria-invalid"), "true");
  });

  play("broken-payloads", "shows what can be shown, and never undefined", async ({ page, rows, calls, comes, press }) => {
    const shown = async () => assert.doesNotMatch(await page.locator("body").innerText(), /undefined|NaN|null|Invalid|\[object/);
    await page.getByText("cannot be read").waitFor();
    await comes(page.getByText("2 of these leads cannot be shown"), shown);
    assert.equal(calls.length, 6);
    await shown();
    for (const [search, seen] of [["e", "ARCHIVED"], ["a", "10 of these leads cannot be shown"], ["i", "Page 1"]]) {
      await page.getByLabel("Search").fill(search);
      await page.getByText(seen).first().waitFor();
      await shown();
    }
    await press("Next");
    await rows.nth(10).waitFor();
  }, { clock: true });

  play("broken-payloads", "a receipt that cannot be read is looked up", async ({ page, calls, fill, press }) => {
    await fill(draft);
    await press("Save");
    await page.getByText("It may have been saved all the same.").waitFor(); // the look is spoilt, too
    for (let i = 0; i < 9 && !(await page.getByText("Radia Perlman is saved.").isVisible()); i++) {
      await Promise.all([page.waitForResponse(/email=/), press("Save")]);
      await page.getByRole("button", { name: "Save" }).waitFor();
    }
    await page.getByText("Radia Perlman is saved.").waitFor();
    assert.ok(calls.filter((call) => call === "POST /leads").length > 1, "the second try was refused as a duplicate, which it is");
  }, { audited: false });

  play("ugly-retry-after", "sensible waits are kept, the others are not believed", async ({ page, calls, rows, later }) => {
    const again = page.getByRole("button", { name: "Try again" });
    for (let i = 0; calls.length < 9 && i < 60; i++) {
      await page.getByText(/Trying again in|Try again$/).waitFor();
      if (await again.isVisible()) await again.click();
      else await later(4);
    }
    await until(() => calls.length >= 9);
    await again.click(); // three thousand years: nobody waits for that
    await rows.nth(10).waitFor();
    assert.equal(calls.length, 10);
  }, { clock: true, audited: false });

  play("documented-errors", "each is shown, and in the end the list", async ({ page, calls, rows, later, fill, press }) => {
    const again = page.getByRole("button", { name: "Try again" });
    for (let i = 0; i < 60 && !(await rows.nth(10).isVisible()); i++) {
      const login = page.getByRole("form", { name: "Log in" });
      if (await login.isVisible()) {
        await login.getByLabel("E-mail").fill("ada.admin@example.com");
        await fill({ Password: "password" });
        await press("Log in");
      } else if (await again.isVisible()) await again.click();
      else await later(5);
      await page.waitForTimeout(20);
    }
    await rows.nth(10).waitFor();
    assert.ok(calls.filter((call) => call.startsWith("GET /leads")).length >= 11);
  }, { clock: true, audited: false });
}
