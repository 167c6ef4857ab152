// Holds exchanges against the OpenAPI document of a mock: status, headers and body of each answer, and whether the server took
// or refused what the document takes or refuses. The JSON Schema validator has nothing to do with the server's own. The
// rules are those of the package contract, which does the same for the tests in Go.

import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

/**
 * An exchange.
 * @typedef {object} Exchange
 * @property {string} method
 * @property {string} target path and query
 * @property {Headers} asked
 * @property {string} [sent] the body; undefined where it is not known, or not whole: then nothing is said of it
 * @property {number} status
 * @property {Headers} headers
 * @property {string} body
 * @property {boolean} [cut] the body is but a beginning
 */

/**
 * @typedef {{ required?: boolean, schema: { type?: string, enum?: string[] } }} DescribedHeader
 * @typedef {{ schema: object, examples?: Record<string, unknown> }} Content
 * @typedef {{ headers?: Record<string, DescribedHeader>, content?: Record<string, Content> }} Answer
 * @typedef {{ name: string, in: string, schema: { type?: string } }} Parameter
 */

/**
 * An operation as the document has it, its references followed.
 * @typedef {object} Operation
 * @property {string} id
 * @property {string} method
 * @property {string} path
 * @property {Map<number, Answer>} answers
 * @property {Parameter[]} parameters
 * @property {object} [input] the schema of the body
 */

/** What can be forced anywhere, by a directive or a rule, is not all of what is documented. @param {Exchange} x */
const steered = (x) => ['directive', 'scenario'].includes(x.headers.get('X-Mock-Decision') ?? '') || x.headers.has('X-Mock-Rule');

/** A body that is an object or a list with what the document does not name is wrong: clients must bear that, tests need not. */
function closed(schema) {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const copy = Object.fromEntries(Object.entries(schema).map(([name, inner]) => [name, closed(inner)]));
  if (typeof copy.properties === 'object' && copy.type !== undefined) copy.additionalProperties ??= false;
  return copy;
}

/** The headers of HTTP itself, of browsers and of the server's library. */
const plainHeader = /^(content-(type|length|encoding)|date|vary|connection|keep-alive|transfer-encoding|access-control-.*)$/i;

/** A document that exchanges are held against. */
export class Contract {
  #ajv = new Ajv2020({ strict: false, allErrors: true });
  #document;
  #base;
  /** @type {Map<object, import('ajv').ValidateFunction>} */
  #validators = new Map();

  /** @param {any} document as JSON.parse gives it */
  constructor(document) {
    addFormats(this.#ajv);
    this.#document = { ...document, components: { ...document.components, schemas: closed(document.components.schemas) } };
    this.#base = document.servers[0].url.replace(/\/$/, '');
    /** @type {Operation[]} */
    this.operations = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, described]) => this.#operation(path, method, described)),
    );
  }

  /** @returns {Operation} */
  #operation(path, method, described) {
    const answers = Object.entries(described.responses).map(([status, answer]) => [Number(status), this.#follow(answer)]);
    return {
      id: described.operationId,
      method: method.toUpperCase(),
      path,
      answers: new Map(/** @type {[number, Answer][]} */ (answers)),
      parameters: (described.parameters ?? []).map((parameter) => this.#follow(parameter)),
      input: described.requestBody && this.#follow(described.requestBody).content['application/json']?.schema,
    };
  }

  #follow(value) {
    if (value.$ref === undefined) return value;
    return value.$ref.split('/').slice(1).reduce((at, step) => at[step], this.#document);
  }

  /** Says what is wrong with a value; empty: nothing. References in the schema lead to the document's components. */
  #judge(schema, value) {
    const { components } = this.#document;
    const valid = this.#validators.get(schema) ?? this.#ajv.compile({ ...closed(schema), components });
    this.#validators.set(schema, valid);
    return valid(value) ? '' : this.#ajv.errorsText(valid.errors);
  }

  #error(name) {
    return { content: { 'application/json': { schema: { $ref: `#/components/schemas/${name}` } } } };
  }

  /** The path below the base path, that of a session included; undefined for another one. */
  #below(path) {
    const rest = path.replace(/^\/__s\/(?!\.\.?\/)[A-Za-z0-9._-]{1,64}(?=\/)/, '');
    return rest.startsWith(`${this.#base}/`) ? rest.slice(this.#base.length).replace(/\/$/, '') : undefined;
  }

  /**
   * Finds the operation of a request: a path with more words of its own is meant before one with parameters.
   * @param {string} method
   * @param {string} target
   * @returns {Operation | undefined}
   */
  find(method, target) {
    const path = this.#below(target.split('?')[0] ?? '');
    const wanted = method === 'HEAD' ? 'GET' : method;
    return this.operations
      .filter((o) => o.method === wanted && new RegExp(`^${o.path.replace(/[.+*]/g, '\\$&').replace(/\{[^}]+\}/g, '[^/]+')}$`).test(path ?? ''))
      .sort((a, b) => a.path.split('{').length - b.path.split('{').length)[0];
  }

  /**
   * Lists what is wrong with an exchange.
   * @param {Exchange} x
   * @returns {string[]}
   */
  check(x) {
    const decision = x.headers.get('X-Mock-Decision');
    const operation = this.find(x.method, x.target);
    if (x.method === 'OPTIONS' || (this.#below(x.target.split('?')[0] ?? '') === undefined && decision !== 'unmatched')) return [];
    if (decision === 'directive-error') return this.#body(this.#error('MalformedBodyError'), x);
    if (decision === 'unmatched') return operation ? ['is documented, but unknown to the server'] : this.#body(this.#error('UnknownRouteError'), x);
    if (operation === undefined) {
      if (steered(x)) return [];
      return decision === 'rate-limit' ? this.#body(this.#error('RateLimitedError'), x) : ['is no documented operation'];
    }
    if (steered(x)) return this.#forced(operation, x);
    return [...this.answer(operation, x), ...this.#input(operation, x), ...this.#query(operation, x)];
  }

  /** An answer that was asked for. A documented error is as it is documented, and of anything the mock's own headers are there. */
  #forced(operation, x) {
    const answer = operation.answers.get(x.status);
    if (answer === undefined) return []; // anything can be forced anywhere
    const problems = this.#headers(answer, x);
    const changed = x.asked.has('X-Mock-Message') || x.asked.has('X-Mock-Fault') || x.target.includes('__message');
    if (x.headers.get('X-Mock-Decision') !== 'directive' || x.status < 400 || changed) return problems;
    const own = answer.content?.['application/json']?.examples?.[x.asked.get('X-Mock-Error') ?? ''];
    if (own === undefined && this.#anyError(x)) return problems; // of another operation
    return [...problems, ...this.#body(answer, x)];
  }

  #anyError(x) {
    const names = Object.keys(this.#document.components.schemas).filter((name) => name.endsWith('Error'));
    return names.some((name) => this.#body(this.#error(name), x).length === 0);
  }

  /**
   * Lists what is wrong with an answer to an operation.
   * @param {Operation} operation
   * @param {Exchange} x
   * @returns {string[]}
   */
  answer(operation, x) {
    const answer = operation.answers.get(x.status);
    return answer === undefined ? [`the status ${x.status} is not documented`] : [...this.#headers(answer, x), ...this.#body(answer, x)];
  }

  #headers(answer, x) {
    const problems = [];
    const known = new Set();
    for (const [name, reference] of Object.entries(answer.headers ?? {})) {
      known.add(name.toLowerCase());
      if (steered(x) && !/^X-(R|Mock-)/.test(name)) continue;
      /** @type {DescribedHeader} */
      const header = this.#follow(reference);
      const value = x.headers.get(name);
      if (value === null) {
        if (header.required) problems.push(`lacks the header ${name}`);
      } else if (header.schema.type === 'integer' && !/^-?\d+$/.test(value)) problems.push(`the header ${name} is "${value}" and no integer`);
      else if (header.schema.enum?.includes(value) === false) problems.push(`the header ${name} is "${value}" and none of ${header.schema.enum}`);
    }
    const strangers = steered(x) ? [] : [...x.headers.keys()].filter((name) => !known.has(name) && !plainHeader.test(name));
    return [...problems, ...strangers.map((name) => `the header ${name} is not documented`)];
  }

  #body(answer, x) {
    if (x.method === 'HEAD') return [];
    if (answer.content === undefined) return x.body === '' ? [] : ['has a body, and none is documented'];
    const media = (x.headers.get('Content-Type') ?? '').split(';')[0] ?? '';
    const schema = answer.content[media]?.schema;
    if (schema === undefined) return [`the content type "${media}" is not documented`];
    const text = x.cut ? wholeRecords(x.body) : x.body;
    if (text === undefined) return [];
    const value = media === 'application/json' ? parsed(text) : text;
    if (value === undefined) return ['the body is no JSON'];
    const wrong = this.#judge(schema, value);
    return wrong === '' ? [] : [`the body is not what is documented: ${wrong}`];
  }

  #input(operation, x) {
    const { accepted, refused } = verdict(x);
    if (operation.input === undefined || x.sent === undefined || x.asked.has('Content-Encoding') || !(accepted || refused)) return [];
    const json = /^application\/json *(;|$)/i.test(x.asked.get('Content-Type') ?? '');
    const value = json && x.sent !== '' ? parsed(x.sent) : {}; // none, or one of another type, is read as an empty object
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return accepted ? ['was accepted, but the body cannot be read'] : [];
    return disagreement(accepted, this.#judge(operation.input, value), 'the body');
  }

  #query(operation, x) {
    const { accepted, refused } = verdict(x);
    const query = new URLSearchParams(x.target.split('?')[1] ?? '');
    if (x.sent === undefined || operation.method !== 'GET' || !(accepted || refused)) return [];
    const wrong = operation.parameters.flatMap(({ name, in: place, schema }) => {
      const text = query.getAll(name).at(-1);
      if (place !== 'query' || !text || (name === 'page' && query.has('cursor'))) return [];
      const problem = this.#judge(schema, meant(text, schema.type));
      return problem === '' ? [] : [`${name}: ${problem}`];
    });
    if (refused && query.get('cursor')) return []; // what is in a cursor is the server's own business
    return disagreement(accepted, wrong.join(', '), 'the query');
  }
}

/** What the server made of the input: accepted, refused by validation, or neither. */
function verdict({ status, headers }) {
  return { accepted: status < 300 || status === 409 || status === 422, refused: status === 400 && headers.get('X-Mock-Decision') === 'validation' };
}

function disagreement(accepted, wrong, what) {
  if (accepted && wrong !== '') return [`was accepted, but the document refuses ${what}: ${wrong}`];
  return accepted || wrong !== '' ? [] : [`was refused, but the document accepts ${what}`];
}

/** A text of a query string as its parameter means it. */
function meant(text, type) {
  if (type === 'boolean' && /^(true|false)$/.test(text)) return text === 'true';
  return /^(integer|number)$/.test(type ?? '') && /^[-+.\d]/.test(text) && Number.isFinite(Number(text)) ? Number(text) : text;
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Of a list that was cut off, what is there whole; undefined for anything else. */
function wholeRecords(text) {
  if (!text.startsWith('[')) return undefined;
  for (let end = text.lastIndexOf('}'); end > 0; end = text.lastIndexOf('}', end - 1)) {
    const list = `${text.slice(0, end + 1)}]`;
    if (parsed(list) !== undefined) return list;
  }
  return '[]';
}

const redacted = '[redacted]';

/** An entry of the journal as an exchange; undefined for one that says nothing, since the answer was not sent whole. */
function exchangeOf({ method, path, query = '', request, response, status, fault, clientGone, decision }) {
  if (status === 0 || fault || clientGone || decision === 'transport-resend') return undefined;
  const sent = request.body ?? '';
  const known = !request.bodyCut && !sent.includes(redacted) && !query.includes(redacted);
  const headers = (all) => new Headers(Object.entries(all).flatMap(([name, values]) => values.map((value) => [name, value])));
  return {
    method,
    target: query === '' ? path : `${path}?${query}`,
    asked: headers(request.headers),
    sent: known ? sent : undefined,
    status,
    headers: headers(response.headers),
    body: response.body ?? '',
    cut: response.bodyCut ?? false,
  };
}

/**
 * Holds all that a mock has in its journal against the document that it serves, whoever asked, and lists what is wrong. Nothing
 * can be said where the admin API asks for a token, and where the files have changed, since then nobody knows by which
 * document an answer was made.
 * @param {string} origin of the admin API
 * @returns {Promise<string[]>}
 */
export async function journalProblems(origin) {
  const get = async (path) => {
    const response = await fetch(`${origin}/__admin/${path}`);
    return response.status === 401 ? undefined : response.json();
  };
  const health = await get('health');
  const document = health?.generation === 1 ? await get('openapi.json') : undefined;
  if (document === undefined) return [];
  const contract = new Contract(document);
  const problems = new Set();
  for (let since = '1970-01-01T00:00:00Z'; since; ) {
    const page = await get(`requests?session=*&limit=1000&since=${since}`);
    for (const x of page.map(exchangeOf)) {
      if (x === undefined) continue;
      for (const problem of contract.check(x)) {
        problems.add(`${x.method} ${x.target} answered ${x.status}, and by the OpenAPI document it ${problem}\nsent ${(x.sent ?? '?').slice(0, 300)}\n got ${x.body.slice(0, 300)}`);
      }
    }
    since = page.at(-1)?.id;
  }
  return [...problems];
}
