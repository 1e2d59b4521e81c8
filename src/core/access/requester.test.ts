import { describe, expect, it } from 'vitest';
import { decideAccess, holdsRole, type Grant, type Requester } from './requester.ts';
import { includesRole, roles, type Role } from './role.ts';

const requester = (...grants: readonly Grant[]): Requester => ({ name: 'vera', grants, anonymous: false });
const everywhere = (role: Role): Grant => ({ role, service: null, environment: null });
const scope = { service: 'digits', environment: 'prod' };

describe('roles', () => {
  it.each([
    ['view', ['view']],
    ['measure', ['view', 'measure']],
    ['release', ['view', 'measure', 'release']],
    ['operate', ['view', 'measure', 'release', 'operate']],
    ['gateway', ['gateway']],
  ] as const)('%s holds %j and nothing else', (held, expected) => {
    expect(roles.filter((needed) => includesRole(held, needed))).toEqual(expected);
  });
});

describe('access', () => {
  it.each([
    ['every service', { role: 'operate', service: null, environment: null }, scope, true],
    ['the service that is asked about', { role: 'operate', service: 'digits', environment: null }, scope, true],
    ['another service', { role: 'operate', service: 'chat', environment: null }, scope, false],
    ['another environment', { role: 'operate', service: 'digits', environment: 'staging' }, scope, false],
    [
      'one service, asked about all',
      { role: 'view', service: 'digits', environment: null },
      { ...scope, service: null },
      false,
    ],
    [
      'one environment, asked about all',
      { role: 'view', service: null, environment: 'prod' },
      { ...scope, environment: null },
      false,
    ],
  ] as const)('of a grant for %s', (_what, grant, asked, allowed) => {
    expect(decideAccess(requester(grant), grant.role, asked).allowed).toBe(allowed);
  });

  it('needs one grant that covers role, service and environment together', () => {
    const split = requester(
      { role: 'operate', service: 'chat', environment: null },
      { role: 'view', service: 'digits', environment: null },
    );
    expect(decideAccess(split, 'operate', scope)).toEqual({
      allowed: false,
      reason: 'vera may operate for chat, view for digits; this needs the role operate for digits in prod',
    });
    expect(holdsRole(split, 'operate')).toBe(true);
  });

  it('is refused to whoever holds nothing, and a gateway may not even read', () => {
    expect(decideAccess(requester(), 'view', scope).allowed).toBe(false);
    expect(decideAccess(requester(everywhere('gateway')), 'view', scope).allowed).toBe(false);
    expect(decideAccess(requester(everywhere('operate')), 'gateway', scope).allowed).toBe(false);
  });
});
