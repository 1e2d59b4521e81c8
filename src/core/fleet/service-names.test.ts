import { describe, expect, it } from 'vitest';
import { nameServices } from './service-names.ts';

const held = (service: string, environment: string, sinceMs: number) => ({ service, environment, sinceMs });
const namesOf = (...all: Parameters<typeof nameServices>[0]) =>
  Object.fromEntries(
    nameServices(all).map(({ service, environment, names }) => [`${service}/${environment}`, [...names]]),
  );

describe('the names of services', () => {
  it('are the service, and the service with its environment', () => {
    expect(namesOf(held('digits', 'prod', 1))).toEqual({ 'digits/prod': ['digits', 'digits--prod'] });
  });

  it('leave a name with the environment that had it first', () => {
    expect(namesOf(held('digits', 'staging', 5), held('digits', 'prod', 9))).toEqual({
      'digits/staging': ['digits', 'digits--staging'],
      'digits/prod': ['digits--prod'],
    });
  });

  it('are never shared, whatever services are called', () => {
    expect(namesOf(held('a', 'b', 1), held('a--b', 'c', 2))).toEqual({
      'a/b': ['a', 'a--b'],
      'a--b/c': ['a--b--c'],
    });
  });

  it('are labels of host names, and what is none is left out', () => {
    expect(namesOf(held('Digits', 'prod', 1), held('x'.repeat(60), 'prod', 2), held('chat', 'Prod', 3))).toEqual({
      'Digits/prod': [],
      [`${'x'.repeat(60)}/prod`]: ['x'.repeat(60)],
      'chat/Prod': ['chat'],
    });
  });
});
