import fc from 'fast-check';
import { expect, test } from 'vitest';
import { forwardTarget } from './request-target.ts';

const openInference = (target: string): unknown => {
  const verdict = forwardTarget(target, 'open-inference-v2');
  return 'path' in verdict ? verdict.path : verdict.refused;
};

test.each([
  ['/v2', '/v2'],
  ['/v2/', '/v2/'],
  ['/v2/models/a%20b/infer?x=/../y', '/v2/models/a%20b/infer?x=/../y'],
  ['/v2/models/org%2Fname/infer', '/v2/models/org%2Fname/infer'],
  ['http://public.example/v2/models/digits/infer?q', '/v2/models/digits/infer?q'],
  ['HTTPS://user@public.example:8/v2', '/v2'],
])('%s goes on as %s', (target, path) => {
  expect(openInference(target)).toBe(path);
});

test.each([
  ['/v2/../metrics', 'target-invalid'],
  ['/v2/%2e%2e/metrics', 'target-invalid'],
  ['/v2/..%2fmetrics', 'target-invalid'],
  ['/v2/models/..;/x', 'target-invalid'],
  ['/v2/./x', 'target-invalid'],
  ['/v2/repository;x/index', 'target-invalid'],
  ['/v2/models/m%3Fx', 'target-invalid'],
  ['/v2/models/m%23x', 'target-invalid'],
  ['/v2/%2572epository/index', 'target-invalid'],
  ['/v2//x', 'target-invalid'],
  ['//evil.example/v2', 'target-invalid'],
  ['/v2\\..\\metrics', 'target-invalid'],
  ['/v2/%00', 'target-invalid'],
  ['/v2/%zz', 'target-invalid'],
  ['/v2#x', 'target-invalid'],
  ['*', 'target-invalid'],
  ['http://public.example', 'target-invalid'],
  ['ftp://public.example/v2', 'target-invalid'],
  ['', 'target-invalid'],
  ['/', 'not-in-protocol'],
  ['/v20', 'not-in-protocol'],
  ['/metrics', 'not-in-protocol'],
  ['/v1/chat/completions', 'not-in-protocol'],
  ['/v2/repository/index', 'administration-refused'],
  ['/v2/%72epository/models/m/unload', 'administration-refused'],
  ['/V2/repository', 'not-in-protocol'],
  ['/v2/Repository/index', 'administration-refused'],
  ['/v2/models/m/trace/setting', 'administration-refused'],
  ['/v2/cudasharedmemory/status', 'administration-refused'],
])('%s is refused: %s', (target, code) => {
  expect(openInference(target)).toBe(code);
});

test('openai has paths of its own', () => {
  expect(forwardTarget('/v1/chat/completions', 'openai')).toEqual({ path: '/v1/chat/completions' });
  expect(forwardTarget('/v1/load_lora_adapter', 'openai')).toEqual({ refused: 'administration-refused' });
  expect(forwardTarget('/v2', 'openai')).toEqual({ refused: 'not-in-protocol' });
});

test('nothing that goes on leaves the protocol, however it is decoded', () => {
  const piece = fc.constantFrom(
    'v2',
    'repository',
    '..',
    '.',
    '%2e',
    '%2E',
    '%2f',
    '/',
    '\\',
    ';',
    'models',
    '%5c',
    'a',
    '?',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const verdict = forwardTarget(`/${pieces.join('/')}`, 'open-inference-v2');
      if ('refused' in verdict) return;
      const seen = new URL(decodeURIComponent(verdict.path.split('?')[0] ?? ''), 'http://replica').pathname;
      expect(seen).toMatch(/^\/v2(\/|$)/);
      expect(seen).not.toMatch(/^\/v2\/repository(\/|$)/);
    }),
  );
});
