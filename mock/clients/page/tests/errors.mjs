import assert from "node:assert/strict";
import { test } from "node:test";
import { open } from "./stage.mjs";

const ada = "#/leads/00000000-0000-4000-8000-000000000001";
const draft = { "First name": "Radia", "Last name": "Perlman", "E-mail": "radia@example.com" };
const list = { method: "GET", path: "/leads" };
const create = { method: "POST", path: "/leads" };

// Each documented error as the state that a user sees.
export function errors() {
  test("validation is shown at the fields", async (t) => {
    const { page, fill, press, start } = await open(t);
    await start();
    await fill({ "E-mail": "no-mail", Company: "x".repeat(256) });
    await press("Save");
    const trouble = (label) => page.getByLabel(label, { exact: true }).and(page.locator("[aria-invalid=true]"));
    await trouble("First name").waitFor();
    const described = async (id) => page.locator(`#${id}-trouble`).innerText();
    assert.equal(await described("firstName"), "First name should not be empty");
    assert.equal(await described("email"), "E-mail must be an email");
    assert.equal(await described("company"), "Company must be shorter than or equal to 255 characters");
    await fill({ ...draft, Company: "" });
    await press("Save");
    await page.getByText("Radia Perlman is saved.").waitFor();
    assert.equal(await page.locator("[aria-invalid=true]").count(), 0);
  });

  test("409 is shown at the e-mail", async (t) => {
    const { page, fill, press, start } = await open(t);
    await start();
    await fill({ ...draft, "E-mail": "ADA@example.com" });
    await press("Save");
    await page.getByText("Lead with email ADA@example.com already exists").waitFor();
    assert.equal(await page.getByLabel("E-mail").getAttribute("aria-invalid"), "true");
  });

  for (const [name, status, shown] of [
    ["bad_request", 400, "Bad Request"],
    ["forbidden", 403, "You do not have permission to perform this action"],
    ["unprocessable", 422, "Lead must be qualified before conversion"],
    ["internal", 500, "Something went wrong at SalesOS (request "],
    ["unavailable", 503, "SalesOS is not available at the moment."],
  ]) {
    test(`${status} ${name} of a form is said there, and nothing that was typed is lost`, async (t) => {
      const stage = await open(t);
      const { page, calls, alert, fill, press } = stage;
      await stage.break(create, { error: name });
      await stage.start();
      await fill(draft);
      await press("Save");
      await alert.getByText(shown).waitFor();
      assert.equal(await page.getByLabel("First name").inputValue(), "Radia");
      assert.equal(calls.filter((call) => call === "POST /leads").length, 1, "a write is not repeated blindly");
    });
  }

  test("403 of the list is final, and not asked again", async (t) => {
    const stage = await open(t);
    await stage.break(list, { error: "forbidden" });
    await stage.start();
    await stage.alert.getByText("You do not have permission").waitFor();
    await stage.page.getByRole("button", { name: "Try again" }).waitFor();
    assert.equal(stage.calls.length, 1);
  });

  test("404 is a page that says so", async (t) => {
    const { page, alert, start } = await open(t, { hash: "#/leads/abc123" });
    await start();
    await alert.getByText("Lead with id abc123 not found").waitFor();
    assert.equal(await page.getByRole("button", { name: "Try again" }).count(), 0);
  });

  test("422 is said beside the button", async (t) => {
    const stage = await open(t, { hash: ada });
    await stage.break({ method: "POST", path: "/leads/{id}/convert" }, { error: "unprocessable" });
    await stage.start();
    await stage.press("Convert");
    await stage.alert.getByText("Lead must be qualified before conversion").waitFor();
  });

  test("429 counts down, and is tried again when the announced wait is over, not before", async (t) => {
    const stage = await open(t);
    const { page, calls, rows, seconds, later } = stage;
    await stage.break(list, { error: "rate_limited", retryAfter: 40, times: 1 });
    await stage.start({ clock: true });
    await page.getByText("These were too many requests at once.").waitFor();
    const left = await seconds(/Trying again in \d+ s/);
    assert.ok(left > 20 && left <= 41, `${left} s`);
    await later(left - 15);
    assert.ok((await seconds(/Trying again in \d+ s/)) <= 15);
    assert.equal(calls.length, 1);
    await later(16);
    await rows.nth(10).waitFor();
    assert.equal(calls.length, 2);
    assert.equal(await page.getByText("too many requests").count(), 0);
  });

  test("after a 429 nothing else is sent either", async (t) => {
    const { page, calls, rows, alert, fill, press, later, start, break: spoil } = await open(t);
    await spoil(list, { error: "rate_limited", retryAfter: 40, times: 1 });
    await start({ clock: true });
    await alert.getByText("too many requests").waitFor();
    await fill(draft);
    await press("Save");
    await page.getByText(/Save \(in \d+ s\)/).waitFor();
    assert.equal(calls.length, 1);
    await later(42);
    await rows.nth(10).waitFor();
    await press("Save");
    await page.getByText("Radia Perlman is saved.").waitFor();
  });

  test("429 of a form holds its button back for the announced wait", async (t) => {
    const stage = await open(t);
    const { page, fill, press } = stage;
    await stage.break(create, { error: "rate_limited", retryAfter: 30, times: 1 });
    await stage.start({ clock: true });
    await fill(draft);
    await press("Save");
    const save = page.getByRole("button", { name: /^Save/ });
    await page.getByText(/Save \(in \d+ s\)/).waitFor();
    assert.equal(await save.isDisabled(), true);
    await stage.later(31);
    await save.click();
    await page.getByText("Radia Perlman is saved.").waitFor();
  });

  for (const [name, respond, shown] of [
    ["500", { error: "internal" }, "Something went wrong at SalesOS (request "],
    ["503", { error: "unavailable", retryAfter: 1 }, "SalesOS is not available at the moment."],
    ["a reset connection", { fault: "CONNECTION_RESET_BY_PEER" }, "There is no connection to SalesOS."],
    ["an empty answer", { fault: "EMPTY_RESPONSE" }, "There is no connection to SalesOS."],
    ["malformed JSON", { fault: "MALFORMED_JSON" }, "SalesOS sent something that cannot be read."],
    ["a truncated body", { fault: "TRUNCATED_BODY" }, "SalesOS sent something that cannot be read."],
    ["a malformed chunk", { fault: "MALFORMED_RESPONSE_CHUNK" }, "SalesOS sent something that cannot be read."],
  ]) {
    test(`the list recovers from ${name} by itself`, async (t) => {
      const stage = await open(t);
      await stage.break(list, respond);
      await stage.start({ clock: true });
      await stage.alert.getByText(shown).waitFor();
      await stage.mend();
      await stage.comes(stage.rows.nth(10));
      await stage.alert.waitFor({ state: "detached" });
    });
  }

  test("no answer at all ends with a time-out", async (t) => {
    const stage = await open(t);
    await stage.break(list, { fault: "HANG" });
    await stage.start({ clock: true });
    await stage.page.getByText("Loading …").waitFor();
    await stage.comes(stage.alert.getByText("SalesOS takes too long to answer."));
    await stage.mend();
    await stage.comes(stage.rows.nth(10));
  });

  test("a service that stays away is asked a few times, then the user is", async (t) => {
    const stage = await open(t);
    await stage.break(list, { error: "internal" });
    await stage.start({ clock: true });
    const again = stage.page.getByRole("button", { name: "Try again" });
    await stage.comes(again);
    await stage.later(120);
    assert.equal(stage.calls.length, 6);
    await stage.mend();
    await again.click();
    await stage.rows.nth(10).waitFor();
  });

  test("401 that a refresh cannot mend leads to the login, and what was typed is still there", async (t) => {
    const stage = await open(t);
    const { page, fill, press } = stage;
    await stage.start();
    await fill(draft);
    await stage.break({ path: "/**" }, [{ error: "unauthorized", times: 2 }]);
    await press("Save");
    await page.getByText("Your session is over.").waitFor();
    await page.getByRole("form", { name: "Log in" }).getByLabel("E-mail").fill("ada.admin@example.com");
    await fill({ Password: "password" });
    await press("Log in");
    await page.getByText("Page 1 of 22").waitFor();
    await press("Save");
    await page.getByText("Radia Perlman is saved.").waitFor();
  });
}

export async function until(holds) {
  for (let i = 0; i < 2_000 && !holds(); i++) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.ok(holds(), `never: ${holds}`);
}
