import { describe, expect, it } from 'vitest';
import { readPlace, servicePath, withSubject } from './place.ts';

describe('an address', () => {
  it.each([
    ['/', '/', { kind: 'start' }],
    ['/index.html', '/', { kind: 'start' }],
    ['/services', '/', { kind: 'fleet' }],
    ['/cost', '/', { kind: 'cost' }],
    ['/plimsoll/cost', '/plimsoll/', { kind: 'cost' }],
    ['/cost/more', '/', { kind: 'start' }],
    ['/services/', '/', { kind: 'fleet' }],
    ['/services/digits', '/', { kind: 'fleet' }],
    ['/services/digits/%zz', '/', { kind: 'fleet' }],
    ['/services/digits/prod', '/', { kind: 'service', subject: { service: 'digits', environment: 'prod' } }],
    [
      '/plimsoll/services/digits/prod',
      '/plimsoll/',
      { kind: 'service', subject: { service: 'digits', environment: 'prod' } },
    ],
    ['/plimsoll/', '/plimsoll/', { kind: 'start' }],
  ])('%s below %s is read', (pathname, root, place) => {
    expect(readPlace(pathname, root)).toEqual(place);
  });

  it('of a service comes back from what is made for it, whatever its name', () => {
    for (const service of ['digits', 'a b', 'a/b', 'ü%?#&']) {
      const subject = { service, environment: 'prod eu' };
      expect(readPlace(`/${servicePath(subject)}`, '/')).toEqual({ kind: 'service', subject });
    }
  });
});

describe('a question about one service', () => {
  const subject = { service: 'a&b', environment: 'prod eu' };
  it('names both service and environment, beside what it asks for already', () => {
    expect(withSubject('v1/view', subject)).toBe('v1/view?service=a%26b&environment=prod+eu');
    expect(withSubject('v1/signals?last=3', subject)).toBe('v1/signals?last=3&service=a%26b&environment=prod+eu');
    expect(withSubject('v1/view', null)).toBe('v1/view');
  });
});
