// Runs a specification for Cypress without Cypress, whose program cannot be had everywhere: the few commands that the
// recipe uses, one after the other, in a browser that Playwright drives. It shows that the page, the addresses and the
// steering fit together; how Cypress itself behaves it cannot show.

import assert from 'node:assert/strict';

import { expect } from '@playwright/test';

/** The commands: each call is put into a queue, and run when those before it are done. */
export class Commands {
  #queue = [];
  #aliases = new Map();
  #subject;

  /**
   * @param {import('@playwright/test').Page} page
   * @param {string} baseUrl
   */
  constructor(page, baseUrl) {
    this.page = page;
    this.baseUrl = baseUrl;
  }

  #then(step) {
    this.#queue.push(step);
    return this;
  }

  request = (method, url, body) => this.#then(() => ask(method, url, body));
  wrap = (value) => this.#then(() => value);
  as = (name) => this.#then((subject) => (this.#aliases.set(`@${name}`, subject), subject));
  get = (what) => this.#then(() => (what.startsWith('@') ? this.#aliases.get(what) : this.page.locator(what)));
  visit = (path) => this.#then(() => this.page.goto(new URL(path, this.baseUrl).href));
  click = () => this.#then((subject) => subject.click());
  setCookie = (name, value) => this.#then(() => this.page.context().addCookies([{ name, value, url: this.baseUrl }]));

  contains = (selector, hasText) =>
    this.#then(async () => {
      const found = this.page.locator(selector, { hasText });
      await expect(found).toBeVisible();
      return found;
    });

  should = (what, count) =>
    this.#then(async (subject) => {
      assert.equal(what, 'have.length');
      await expect(subject).toHaveCount(count);
      return subject;
    });

  /** What a function asks for comes before what follows it. */
  then = (callback) =>
    this.#then(async (subject) => {
      const rest = this.#queue;
      this.#queue = [];
      callback(subject);
      await this.done();
      this.#queue = rest;
      return this.#subject;
    });

  async done() {
    for (let step = this.#queue.shift(); step; step = this.#queue.shift()) this.#subject = await step(this.#subject);
  }
}

async function ask(method, url, body) {
  const response = await fetch(url, {
    method,
    ...(body && { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
  });
  assert.ok(response.ok, `${method} ${url} answers ${response.status}`);
  return { body: await response.json() };
}
