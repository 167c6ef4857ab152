// Writes the verdicts of validator.js that the Go port must repeat: corpus.json, and the dates of package schema.
//
// How to run it, in a folder of its own (nothing here is needed to build or test the project):
//
//   mkdir /tmp/corpus && cd /tmp/corpus && npm install validator@13.15.35
//   node <repository>/mock/internal/validatorjs/testdata/make-corpus.mjs
//
// Another version of the package may give other verdicts: then the port has to follow, or the version has to stay.
// The random numbers are seeded, so the same version writes the same files.
import { createRequire } from 'node:module';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { dirname, join } from 'node:path';

const require = createRequire(join(process.cwd(), 'package.json'));
const isEmail = require('validator/lib/isEmail');
const isUUID = require('validator/lib/isUUID');
const isLength = require('validator/lib/isLength');
const isISO8601 = require('validator/lib/isISO8601');
const { version } = require('validator/package.json');
const here = dirname(fileURLToPath(import.meta.url));

let state = 20260630;
function random(n) { // mulberry32
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) % n;
}
const pick = (list) => list[random(list.length)];
const times = (n, make) => Array.from({ length: n }, make);

// Edges of every range in validator.js, and characters that case folding or \s might surprise with.
const points = [0, 1, 8, 9, 0xa, 0xb, 0xc, 0xd, 0xe, 0x1f, 0x20, 0x21, 0x22, 0x23, 0x2d, 0x2e, 0x40, 0x5b, 0x5c, 0x5d, 0x5f, 0x7e, 0x7f,
  0x80, 0x85, 0x9f, 0xa0, 0xa1, 0xa8, 0xa9, 0xaa, 0xb5, 0xdf, 0xff, 0x130, 0x131, 0x17f, 0x1680, 0x180e, 0x1e9e, 0x2000, 0x200a, 0x200b, 0x2028, 0x2029,
  0x202f, 0x205f, 0x2126, 0x212a, 0x3000, 0x3002, 0xd7ff, 0xe000, 0xf8ff, 0xf900, 0xfb01, 0xfdcf, 0xfdd0, 0xfdef, 0xfdf0, 0xfe0e, 0xfe0f, 0xfeff,
  0xff00, 0xff01, 0xff0e, 0xff21, 0xff5e, 0xff5f, 0xffef, 0xfff0, 0xfffd, 0xffff, 0x10000, 0x1f600, 0x10ffff];
const chars = points.map((p) => String.fromCodePoint(p));
const label = (n) => 'a'.repeat(n);

function handMadeEmails() {
  const list = ['', '@', 'a', '"', '""', 'a@', '@a.de', 'ada@example.com', 'ADA@EXAMPLE.COM', 'a@b', 'a@b.c', 'a@b.co', 'a@b.co.', 'a@.co', 'a@b..co', 'a.@b.co', '.a@b.co',
    'a..b@b.co', 'a.b@b.co', 'a b@b.co', ' a@b.co', 'a@b.co ', 'a@b.co\n', '\na@b.co', 'a@b.co\r\n', 'a@b.c1', 'a@b.1c', 'a@b.12', 'a@1.co', 'a@b.x1', 'a@b.xn', 'a@b.xn1', 'a@b.xn12', 'a@b.XN-2',
    'a@b.xn--p1ai', 'a@b.Xn--P1AI', 'a@b.xn--p1a_', 'a@b.xn--', 'a@b.xn1-', 'a@xn--fiqs8s.cn', 'a@b_c.co', 'a@_b.co', 'a@-b.co', 'a@b-.co', 'a@b-c.co', 'a@b--c.co', 'a@b.-co', 'a@b.co-',
    'a@127.0.0.1', 'a@[127.0.0.1]', 'a@[::1]', 'a@[IPv6:::1]', 'a@localhost', 'a@b@c.co', 'a"b@c.co', '"a"@b.co', '"@b.co', '""@b.co', '"""@b.co', '"a@b.co', 'a"@b.co', '"a@b"@c.co', '"a b"@c.co',
    '"a\\"b"@c.co', '"a\\b"@c.co', '"a\\"@c.co', '"a\\\\"@c.co', '"\\\n"@c.co', '"\n"@c.co', '"\\\r"@c.co', '"\t"@c.co', '"a".b@c.co', 'a."b"@c.co', '"a"b"@c.co', '"ä ö"@c.co',
    'Ada <ada@example.com>', '<ada@example.com>', '"Ada" <ada@example.com>', 'mailto:ada@example.com', 'ada@example.com,b@example.com', 'ada@example,com', 'ada(x)@example.com', 'ada:b@example.com', 'ada;b@example.com',
    "a!#$%&'*+-/=?^_`{|}~@b.co", 'a+b@gmail.com', 'a.b@gmail.com', 'abc@gmail.com', 'a..bc@gmail.com', 'x@googlemail.com', 'Ada.L.Lovelace+crm@GoogleMail.com', 'a...d...a@gmail.com', 'ada...@gmail.com',
    'ä@b.co', 'user@münchen.de', 'user@例え.テスト', 'user@例え.jp', 'a@b.例', 'a@b.例え', 'a@ｂ.co', 'a@b.ｃｏ', 'a＠b.co', 'ａ@b.co', 'a@b。co', 'a@😀.co', '😀@b.co', 'a@b.😀😀', '"😀"@b.co', 'a@b.c©', 'a@b.c®o', 'a@b©.co',
    'a@b.c\u00a0o', 'a@b.c\u3000o', 'a@b.c\ufeffo', 'a@\u3000.co', 'a@b.ſſ', 'a@b.\u212a\u212a', 'a@b.ﬁﬁ', 'constructor@__proto__.com', 'null@null.null', 'a@b.c\u0000o', 'a\u0000@b.co', 'a%40b@c.co', 'a@b%2e.co', 'a@b.co/', 'a@b.co?x', 'a@b.co#x', 'a@b.co:25'];
  for (const n of [1, 62, 63, 64, 65, 66]) {
    list.push(`${label(n)}@b.co`, `a@${label(n)}.co`, `a@b.${label(n)}`, `${'é'.repeat(n)}@b.co`, `${'é'.repeat(n / 2)}@b.co`, `"${label(n - 2 > 0 ? n - 2 : 0)}"@b.co`, `a@${'é'.repeat(n)}.co`,
      `a@${'😀'.repeat(n / 2)}.co`, `a@${'😀'.repeat(n / 2)}x.co`, `a@b.xn${label(n)}`, `${'€'.repeat(n / 3)}@b.co`, `${'€'.repeat(n / 3)}x@b.co`);
  }
  for (const n of [250, 251, 252, 253, 254, 255, 256, 300]) {
    const tail = `.${label(63)}.${label(63)}.${label(60)}.co`;
    for (const user of ['a', label(32), label(64)]) list.push(`${user}@${'b'.repeat(Math.max(0, n - user.length - 1 - tail.length))}${tail}`);
    const wide = times(12, () => 'é'.repeat(20)).join('.').slice(0, n);
    list.push(`a@${wide}.co`, `a@${wide.slice(0, n / 2)}.co`, `a@${wide.slice(0, 127)}${'x'.repeat(n - 250)}.co`, 'a@' + '😀.'.repeat(n / 4) + 'co', 'a'.repeat(n));
  }
  return list;
}

function emails() {
  const list = handMadeEmails();
  for (const c of chars) {
    list.push(`a${c}b@c.co`, `${c}@c.co`, `"a${c}b"@c.co`, `"a\\${c}b"@c.co`, `a@b${c}c.co`, `a@${c}.co`, `a@b.c${c}o`, `a@b.${c}${c}`, `${c}a@b.co`, `a@b.co${c}`, `a@b.xn${c}2`);
  }
  const seeds = list.slice(), pieces = [...chars, 'a', 'Z', '0', '9', '-', '_', '.', '..', '@', '"', '\\', '+', 'xn--', '.co', '.com', '@gmail.com', 'é', '例', '<', '>', ' '];
  for (let i = 0; i < 1600; i++) {
    let units = [...pick(seeds)];
    for (let j = random(3); j >= 0; j--) {
      const at = random(units.length + 1);
      units.splice(at, random(2), ...(random(4) ? [pick(pieces)] : []));
    }
    list.push(units.join(''));
  }
  for (let i = 0; i < 500; i++) {
    const word = (n) => times(1 + random(n), () => (random(8) ? pick([...'abcxyzABC019-+!é']) : pick(pieces))).join('');
    const user = random(3) ? word(8) : `"${word(8)}"`;
    list.push(`${user}@${times(1 + random(3), () => word(6)).join('.')}.${pick(['co', 'com', 'x', 'xn--a', 'рф', '12', word(3)])}`);
  }
  return list;
}

function uuids() {
  const list = ['', 'abc123', '00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff', 'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF', 'ffffffff-FFFF-ffff-ffff-ffffffffffff',
    '00000000-0000-0000-0000-000000000001', 'ffffffff-ffff-ffff-ffff-fffffffffffe', '0fffffff-ffff-ffff-ffff-ffffffffffff', '{3f2a9c1e-7b40-355c-81ea-c81f6b2d7a9d}', '3f2a9c1e7b40355c81eac81f6b2d7a9d',
    '3f2a9c1e-7b40-455c-81ea-c81f6b2d7a9d\n', ' 3f2a9c1e-7b40-455c-81ea-c81f6b2d7a9d', 'urn:uuid:3f2a9c1e-7b40-455c-81ea-c81f6b2d7a9d', '3f2a9c1e_7b40_455c_81ea_c81f6b2d7a9d', '3f2a9c1e-7b40-455c-81ea-c81f6b2d7a9', '3f2a9c1e-7b40-455c-81ea-c81f6b2d7a9dd',
    '９f2a9c1e-7b40-455c-81ea-c81f6b2d7a9d', 'ſf2a9c1e-7b40-455c-81ea-c81f6b2d7a9', '-f2a9c1e-7b40-455c-81ea-c81f6b2d7a9d', '3f2a9c1ea7b40-455c-81ea-c81f6b2d7a9d'];
  for (const v of '0123456789abcdefg') for (const r of '0789abcdAB') list.push(`3f2a9c1e-7b40-${v}55c-${r}1ea-c81f6b2d7a9d`);
  const seeds = list.slice();
  for (let i = 0; i < 400; i++) {
    const units = [...pick(seeds)];
    units[random(Math.max(1, units.length))] = pick([...'0123456789abcdefABCDEFgG-_@`:/', ...chars]);
    list.push(units.join(''));
  }
  return list;
}

function texts() {
  const list = ['', 'a', 'é', 'e\u0301', '😀', '\ufe0f', '\ufe0e\ufe0f', 'a\ufe0f', 'a\ufe0f\ufe0e', '\ufe0fa', '\ufe0f\ufe0fa\ufe0f', '☎\ufe0e☎\ufe0f', '😀\ufe0f', '👩‍👩‍👧‍👦', '\u0000', '\ufffd'];
  const units = ['a', '\ufe0f', '\ufe0e', '😀', 'é', '\u200d', '\n', '\uffff', '\u{10ffff}'];
  for (let i = 0; i < 300; i++) list.push(times(random(12), () => pick(units)).join(''));
  return list;
}

function dates() {
  const list = ['', '2026', '202606', '2026-06', '2026-06-30', '20260630', '2026-0630', '202606-30', '2026-13-01', '2026-02-31', '2026-00-01', '2026-06-00', '2026-6-3', '26-06-30', '+2026-06-30', '-2026-06-30', '02026-06-30', '30.06.2026', '06/30/2026', 'today',
    '2026-W01', '2026W01', '2026-W53-7', '2026W537', '2026-W54', '2026-W01-8', '2026W01-1', '2026-001', '2026001', '2026-366', '2026-367', '2026-000', '202606T10', '202606 10', '2026T10', '2026-06T10', '2026-06-30t10', '2026-06-30\n10', '2026-06-30\u00a010', '2026-06-30\u202810',
    '1782813600000', '2026-06-30T18:00:00.000Z', '2026-06-30T18:00:00Z\n', ' 2026-06-30', '2026-06-30 ', '2026-06-30T', '2026-06-30TZ', '2026-06-30T:30', '2026-06-30T30', '2026-06-30T24:00', '2026-06-30T2400', '2026-06-30T24:01', '2026-06-30T24:00:00', '2026-06-30T240000', '2026-06-30T25', '２026-06-30'];
  const days = ['2026', '2026-06', '202606', '2026-06-30', '20260630', '2026-W05-3', '2026-181', '2026181'];
  const clocks = ['', '18', '1830', '18:30', '18:30:15', '183015', '18:3015', '1830:15', '18:30:15.5', '18:30:15,123', '18:30.5', '18:30.5:15', '1830.5', '1830.515', '1830.51', '18.5', '18.530', '18:60', '18:30:60', '24:00.0', '18:', '1', '18:3', '15.5', '18.5:30'];
  const zones = ['', 'Z', 'z', '+02', '-02:30', '+0230', '+02:', '+2', '+24:00', '+02:60', ' Z', 'ZZ', 'UTC'];
  for (const d of days) for (const c of clocks) for (const z of zones) if (c + z) list.push(`${d}${random(9) ? 'T' : ' '}${c}${z}`);
  const seeds = list.slice();
  for (let i = 0; i < 1500; i++) {
    const units = [...pick(seeds)];
    units.splice(random(units.length + 1), random(2), ...(random(3) ? [pick([...'0123456789-:.,TWZz+ ', '\u00a0', 'é'])] : []));
    list.push(units.join(''));
  }
  return list;
}

// A count is what isLength takes as both bounds.
function lengthOf(s) {
  for (let n = 0; ; n++) if (isLength(s, { min: n, max: n })) return n;
}

// JSON text that is plain ASCII shows what is in it, and no editor changes it.
const ascii = (v) => JSON.stringify(v).replace(/[\x7f-\uffff]/g, (c) => '\\u' + c.charCodeAt(0).toString(16).padStart(4, '0'));
// A lone surrogate cannot be in a Go string.
const judge = (list, verdict) => [...new Set(list)].filter((s) => s.isWellFormed()).map((s) => [s, verdict(s)]);
function write(path, sections) {
  const body = Object.entries(sections).map(([name, rows]) => `${ascii(name)}: [\n${rows.map(ascii).join(',\n')}\n]`);
  writeFileSync(join(here, path), `{"validator": ${ascii(version)},\n${body.join(',\n')}}\n`);
  for (const [name, rows] of Object.entries(sections)) console.log(name, rows.length, 'of them true:', rows.filter((r) => r[1] === true).length);
}

write('corpus.json', { isEmail: judge(emails(), (s) => isEmail(s)), isUUID: judge(uuids(), (s) => isUUID(s, 'all')), length: judge(texts(), lengthOf) });
write('../../schema/testdata/iso8601.json', { isISO8601: judge(dates(), (s) => isISO8601(s)) });
