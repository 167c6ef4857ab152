// The page of this folder as a user meets it, in a browser, on another origin than the mock's.

import { after, before, describe } from "node:test";
import { basics } from "./basics.mjs";
import { errors } from "./errors.mjs";
import { overlay } from "./overlay.mjs";
import { scenarios } from "./scenarios.mjs";
import { noBrowser, raise, strike } from "./stage.mjs";

describe("a page of another origin", { skip: noBrowser, concurrency: 3, timeout: 300_000 }, () => {
  before(raise);
  after(strike);
  basics();
  errors();
  scenarios();
  overlay();
});
