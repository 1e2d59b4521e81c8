import { expect, it } from 'vitest';
import { formatScope, parseScope } from './scope-words.ts';

it.each([
  [{ service: null, environment: null }, 'anyone'],
  [{ service: 'digits', environment: null }, 'service=digits'],
  [{ service: null, environment: 'prod' }, 'environment=prod'],
  [{ service: 'digits', environment: 'prod' }, 'service=digits environment=prod'],
])('%j is written as %s, and read back', (scope, text) => {
  expect(formatScope(scope)).toBe(text);
  expect(parseScope(text.split(' '))).toEqual(scope);
});

it.each([[[]], [['digits']], [['service=']], [['service=a', 'service=b']], [['anyone', 'service=a']], [['role=view']]])(
  '%j is no scope',
  (words) => {
    expect(() => parseScope(words)).toThrow(expect.objectContaining({ code: 'scope-invalid', category: 'input' }));
  },
);
