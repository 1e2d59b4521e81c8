import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chooseService, hostLabel, type NamedServices } from './service-choice.ts';

const two: NamedServices<string> = {
  known: true,
  byName: new Map([
    ['digits', 'D'],
    ['words-prod', 'W'],
    ['127', 'N'],
  ]),
  unnamed: null,
  homeGone: false,
  gone: new Set(['old']),
};
const one: NamedServices<string> = { ...two, byName: new Map([['digits', 'D']]), unnamed: 'D' };
const none: NamedServices<string> = { ...two, byName: new Map(), gone: new Set() };

const choose = (target: string, host?: string, services = two): unknown => {
  const chosen = chooseService(target, host, services);
  return 'refused' in chosen ? chosen.refused : `${chosen.service} ${chosen.target}`;
};

test.each([
  ['/services/digits/v2/models/m/infer', undefined, 'D /v2/models/m/infer'],
  ['/services/words-prod/v2?a=/services/digits/&b=%2F', undefined, 'W /v2?a=/services/digits/&b=%2F'],
  ['/services/digits/services/words-prod/v2', undefined, 'D /services/words-prod/v2'],
  ['/services/digits', undefined, 'D /'],
  ['/services/digits?x', undefined, 'D /?x'],
  ['/services/digits/', undefined, 'D /'],
  ['/services/digits/v2', 'words-prod.localhost', 'D /v2'],
  // What is hostile in the rest is the data path's to refuse.
  ['/services/digits/../words-prod/v2', undefined, 'D /../words-prod/v2'],
  ['/services/digits//evil.example', undefined, 'D //evil.example'],
  ['http://public.example/services/digits/v2', 'words-prod.localhost', 'D /v2'],
])('the path %s (host %s) is for %s', (target, host, expected) => {
  expect(choose(target, host)).toBe(expected);
});

test.each([
  ['/services/unknown/v2', 'service-unknown'],
  ['/services/Digits/v2', 'service-unknown'],
  ['/services/digit%73/v2', 'service-unknown'],
  ['/services/digits;a=b/v2', 'target-invalid'],
  ['/services/ digits/v2', 'service-unknown'],
  ['/services/', 'service-unknown'],
  ['/services/__proto__/v2', 'service-unknown'],
  [`/services/${'a'.repeat(10_000)}/v2`, 'service-unknown'],
  ['/services//v2', 'target-invalid'],
  ['/services//digits/v2', 'target-invalid'],
  ['/services/../v2', 'target-invalid'],
  ['/services/./digits/v2', 'target-invalid'],
  ['/services/%2e%2e/v2', 'target-invalid'],
  ['/services/%2E/digits/v2', 'target-invalid'],
  ['/services/..;/digits/v2', 'target-invalid'],
  ['/services/digits\\v2', 'target-invalid'],
  ['/services/%zz/v2', 'target-invalid'],
  ['/services/%00/v2', 'target-invalid'],
  ['/services', 'service-unknown'],
  ['/Services/digits/v2', 'service-unknown'],
  ['/%73ervices/digits/v2', 'service-unknown'],
  ['*', 'service-unknown'],
  ['', 'service-unknown'],
])('%s is refused: %s', (target, code) => {
  expect(choose(target, 'gateway.example')).toBe(code);
});

test.each([
  ['digits.localhost', 'D'],
  ['digits.localhost:8080', 'D'],
  ['Digits.Example.COM', 'D'],
  ['DIGITS', 'D'],
  ['words-prod.inference.example.com:443', 'W'],
  ['127.services.example', 'N'],
])('the host %s is for %s, and the target stays as it is', (host, service) => {
  expect(choose('/v2/a%20b?x', host)).toBe(`${service} /v2/a%20b?x`);
});

test.each([
  '127.0.0.1',
  '127.0.0.1:8080',
  '127',
  '[::1]:8080',
  '[::ffff:127.0.0.1]',
  'localhost',
  'x.digits.example',
  '',
])('the host %s is nobody of several', (host) => {
  expect(choose('/v2', host)).toBe('service-unknown');
  expect(choose('/v2', host, one)).toBe('D /v2');
});

test('an absolute target speaks for itself, whatever the Host field says', () => {
  expect(choose('http://user:digits@words-prod.example:80/v2', 'digits.localhost')).toBe(
    'W http://user:digits@words-prod.example:80/v2',
  );
  expect(choose('http://127.0.0.1/v2', 'digits.localhost')).toBe('service-unknown');
});

test('the only service takes what names nobody, but not what names one that is gone', () => {
  expect(choose('/v2', undefined, one)).toBe('D /v2');
  expect(choose('/v2', 'public.example', one)).toBe('D /v2');
  expect(choose('/v2', 'old.localhost', one)).toBe('service-removed');
  expect(choose('/services/other/v2', undefined, one)).toBe('service-unknown');
});

test('a refusal names what was asked, cut short; before the first list nothing is said to be unknown', () => {
  expect(chooseService(`/services/${'é'.repeat(300)}/v2`, undefined, two)).toEqual({
    refused: 'service-unknown',
    detail: `${'é'.repeat(64)}...`,
  });
  expect(chooseService('/v2', '127.0.0.1', two)).toMatchObject({ detail: 'the request names none' });
  expect(choose('/services/digits/v2', undefined, { ...none, known: false })).toBe('services-pending');
  expect(choose('/v2', 'digits.localhost', { ...none, known: false })).toBe('services-pending');
});

test('whatever the target is, a service is chosen only by its exact name, and the rest is passed on byte for byte', () => {
  const piece = fc.constantFrom(
    'services',
    'digits',
    'words-prod',
    '..',
    '.',
    '%2e',
    '%2f',
    '/',
    '\\',
    ';',
    '?',
    '#',
    'v2',
    '',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const target = `/${pieces.join('/')}`;
      const chosen = chooseService(target, undefined, two);
      if ('refused' in chosen) return;
      const name = chosen.service === 'D' ? 'digits' : 'words-prod';
      expect([`/services/${name}${chosen.target}`, `/services/${name}${chosen.target.slice(1)}`]).toContain(target);
      expect(chosen.target.startsWith('/')).toBe(true);
    }),
  );
});

test('labels of hosts', () => {
  expect(['a.b', 'A.b:1', '[::1]', '10.0.0.1', '', '10.example', 'a:b'].map(hostLabel)).toEqual([
    'a',
    'a',
    '',
    '',
    '',
    '10',
    'a',
  ]);
});

test('a gateway with a home gives it what names nobody, and nobody else when it was removed', () => {
  const home: NamedServices<string> = { ...two, unnamed: 'D' };
  expect(choose('/v2', undefined, home)).toBe('D /v2');
  expect(choose('/services/words-prod/v2', undefined, home)).toBe('W /v2');
  const removed: NamedServices<string> = { ...two, homeGone: true };
  expect(choose('/v2', undefined, removed)).toBe('service-removed');
  expect(choose('/v2', 'public.example', removed)).toBe('service-unknown');
});
