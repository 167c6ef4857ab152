import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import { open } from "./stage.mjs";

const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

// The mock's panel in this page, loaded before its scripts, as the README says.
export function overlay() {
  test("the panel of the mock breaks what the page asks next, and shows its calls", async (t) => {
    const { page, alert, rows, press, later, start } = await open(t, { overlaid: true });
    await start({ clock: true });
    await rows.nth(10).waitFor();
    await page.getByLabel("Call", { exact: true }).selectOption({ label: "GET /leads" });
    await page.getByLabel("Answer").selectOption({ label: "503 unavailable" });
    await page.getByLabel("Retry-After").fill("7");
    await press("Break it");
    await press(/^Next$/);
    await alert.getByText("SalesOS is not available at the moment.").waitFor();
    await page.getByText(/Trying again in [67] s/).waitFor();
    const last = page.getByRole("region", { name: "Last calls" }).getByRole("listitem").first();
    await last.getByText("asked for: 503 unavailable, Retry-After 7 · directive").waitFor();
    await later(9);
    await page.getByText("Page 2 of 22").waitFor();
    await last.getByText(/^200 · \d+ ms$/).waitFor();
    await page.keyboard.press("Alt+Shift+M");
    await page.getByRole("button", { name: "mock: show the panel" }).waitFor();
  });

  for (const colorScheme of ["light", "dark"]) {
    test(`axe finds nothing in the page and in the panel, ${colorScheme}`, async (t) => {
      const { page, fill, press, rows, start } = await open(t, { overlaid: true, colorScheme, width: colorScheme === "dark" ? 360 : 1_000 });
      await start();
      await rows.nth(10).waitFor();
      await fill({ "E-mail": "no-mail" });
      await page.getByLabel("E-mail").press("Enter"); // the button is below the panel where the window is small
      await page.getByText("E-mail must be an email").waitFor();
      await page.getByLabel("Answer").selectOption({ label: "500 internal" });
      await press("Break it");
      await press("Break it");
      await page.locator("summary").click();
      await fill({ Name: "no/name", Delay: "soon" });
      await press("Use this session");
      await press("Break it");
      await page.addScriptTag({ path: axe });
      assert.deepEqual(await judge(page), []);
      await press("Hide the panel");
      assert.deepEqual(await judge(page), []);
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, "nothing is wider than the window");
    });
  }
}

const judge = (page) =>
  page.evaluate(async () => {
    const { violations } = await globalThis.axe.run();
    return violations.map(({ id, impact, nodes }) => `${impact} ${id}: ${nodes.map(({ target }) => target.join(" "))}`);
  });
