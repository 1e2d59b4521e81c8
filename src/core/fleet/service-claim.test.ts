import { describe, expect, it } from 'vitest';
import type { Grant, Scope } from '../access/requester.ts';
import { parseScope } from '../access/scope-words.ts';
import type { Role } from '../access/role.ts';
import { claimScope, isClaimant, serviceClaimed } from './service-claim.ts';

const digits = { service: 'digits', environment: 'prod' };
const scope = (text: string): Scope => parseScope(text.split(' '));
const grant = (role: Role, text: string): Grant => ({ role, ...scope(text) });
const claimed = (text: string) => ({ ...digits, scope: scope(text), by: 'ci', atMs: 0 });

describe('whoever may release a claimed service', () => {
  it.each<[string, Role, string, boolean]>([
    ['service=digits', 'release', 'service=digits', true],
    ['service=digits', 'release', 'service=digits environment=prod', true],
    ['service=digits', 'release', 'service=digits environment=staging', false],
    ['service=digits', 'release', 'service=chat', false],
    ['service=digits', 'release', 'environment=prod', false],
    ['service=digits', 'release', 'anyone', false],
    ['service=digits', 'measure', 'service=digits', false],
    ['service=digits', 'gateway', 'service=digits', false],
    ['service=digits', 'operate', 'service=digits', true],
    ['service=digits', 'operate', 'environment=prod', true],
    ['service=digits', 'operate', 'environment=staging', false],
    ['service=digits', 'operate', 'anyone', true],
    ['environment=prod', 'release', 'environment=prod', true],
    ['environment=prod', 'release', 'service=digits', false],
    ['environment=prod', 'release', 'service=digits environment=prod', true],
    ['service=digits environment=prod', 'release', 'service=digits environment=prod', true],
    ['service=digits environment=prod', 'release', 'service=digits', false],
    ['anyone', 'release', 'service=digits', true],
    ['anyone', 'release', 'environment=prod', true],
    ['anyone', 'release', 'anyone', true],
    ['anyone', 'view', 'anyone', false],
  ])('claimed for %s, asked with %s for %s: %s', (claim, role, held, may) => {
    expect(isClaimant(claimed(claim), [grant(role, held)])).toBe(may);
  });

  it('needs one grant that does it alone', () => {
    const halves = [grant('release', 'environment=prod'), grant('view', 'service=digits')];
    expect(isClaimant(claimed('service=digits'), halves)).toBe(false);
    expect(isClaimant(claimed('service=digits'), [...halves, grant('release', 'service=digits')])).toBe(true);
    expect(isClaimant(claimed('anyone'), [])).toBe(false);
  });
});

describe('what a first release claims', () => {
  it.each<[readonly Grant[], string | null]>([
    [[grant('release', 'service=digits')], 'service=digits'],
    [[grant('operate', 'anyone')], 'anyone'],
    [[grant('release', 'environment=prod'), grant('release', 'service=digits')], 'service=digits'],
    [[grant('release', 'service=digits environment=prod'), grant('operate', 'environment=prod')], 'environment=prod'],
    [[grant('release', 'service=digits'), grant('view', 'anyone')], 'service=digits'],
    [[grant('release', 'service=chat'), grant('measure', 'anyone')], null],
    [[], null],
  ])('with %j is %s', (grants, text) => {
    expect(claimScope(grants, digits)).toEqual(text === null ? null : scope(text));
  });

  it('is open to the same grants afterwards', () => {
    for (const text of ['anyone', 'service=digits', 'environment=prod', 'service=digits environment=prod']) {
      const grants = [grant('release', text)];
      expect(isClaimant({ ...claimed('anyone'), scope: claimScope(grants, digits)! }, grants)).toBe(true);
    }
  });
});

it('the refusal says who claimed it, when, for whom, and what comes next', () => {
  expect(serviceClaimed(claimed('service=digits'), 'eve')).toMatchObject({
    code: 'service-claimed',
    category: 'conflict',
    message:
      'digits in prod belongs to tokens of service=digits: ci claimed it on 1970-01-01T00:00:00.000Z, and eve holds no such token',
    next: expect.stringContaining('plimsoll service transfer digits --environment prod --to'),
  });
});
