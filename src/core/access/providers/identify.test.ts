import { describe, expect, it } from 'vitest';
import type { Grant } from '../requester.ts';
import { identify } from './identify.ts';
import type { IdentityProvider, IdentityRule } from './identity-provider.ts';

const everywhere = { service: null, environment: null };
const rule = (when: Readonly<Record<string, string | readonly string[]>>, role: Grant['role']): IdentityRule => ({
  when: Object.fromEntries(Object.entries(when).map(([claim, of]) => [claim, typeof of === 'string' ? [of] : of])),
  grant: { role, ...everywhere },
});
const provider = (rules: readonly IdentityRule[], over: Partial<IdentityProvider> = {}): IdentityProvider => ({
  ...{ name: 'acme', issuer: 'https://login.acme.example', audience: 'plimsoll', preset: null },
  ...{ keys: { kind: 'discovered' }, trustsEmails: false, rules },
  revoked: { tokens: [], subjects: [], issuedBeforeMs: null },
  ...over,
});
const rolesOf = (of: IdentityProvider, claims: Readonly<Record<string, unknown>>): readonly string[] => {
  const found = identify(of, claims);
  return 'problem' in found ? [`refused: ${found.problem.refusal}`] : found.requester.grants.map(({ role }) => role);
};

describe('a person', () => {
  const ada = { sub: 'u1', iat: 100, email: 'ada@acme.com', email_verified: true, groups: ['ml', 'ops'] };

  it('has the grants of each rule whose claims all match, under their verified address', () => {
    const of = provider([
      rule({ groups: 'ops' }, 'operate'),
      rule({ email: '*@acme.com', groups: ['web', 'ml'] }, 'release'),
      rule({ email: '*@acme.com', groups: 'web' }, 'measure'),
    ]);
    expect(identify(of, ada)).toEqual({
      requester: {
        name: 'acme:ada@acme.com',
        grants: [
          { role: 'operate', ...everywhere },
          { role: 'release', ...everywhere },
        ],
        anonymous: false,
      },
    });
  });

  it('without a matching rule is known, and may do nothing', () => {
    expect(identify(provider([rule({ groups: 'web' }, 'view')]), ada)).toMatchObject({
      requester: { name: 'acme:ada@acme.com', grants: [] },
    });
  });

  it.each([
    ['not verified', { email_verified: false }],
    ['of which nobody says so', { email_verified: undefined }],
    ['verified in words', { email_verified: 'yes' }],
  ])('has no address that is %s', (_what, over) => {
    const found = identify(provider([rule({ email: '*@acme.com' }, 'operate')]), { ...ada, ...over });
    expect(found).toMatchObject({ requester: { name: 'acme:u1', grants: [] } });
    const trusting = provider([rule({ email: '*@acme.com' }, 'operate')], { trustsEmails: true });
    expect(rolesOf(trusting, { ...ada, ...over })).toEqual(['operate']);
  });

  it('has claims inside claims, numbers and truth values', () => {
    const claims = { sub: 'u1', realm_access: { roles: ['admin'] }, 'a.b': 'own', level: 3, staff: true };
    expect(rolesOf(provider([rule({ 'realm_access.roles': 'admin' }, 'view')]), claims)).toEqual(['view']);
    expect(rolesOf(provider([rule({ 'a.b': 'own' }, 'view')]), claims)).toEqual(['view']);
    expect(rolesOf(provider([rule({ level: '3', staff: 'true' }, 'view')]), claims)).toEqual(['view']);
    expect(rolesOf(provider([rule({ 'realm_access.constructor': '**' }, 'view')]), claims)).toEqual([]);
    expect(rolesOf(provider([rule({ toString: '**' }, 'view')]), claims)).toEqual([]);
  });

  it('with a rule that asks for nothing has no grant', () => {
    expect(rolesOf(provider([rule({}, 'operate')]), ada)).toEqual([]);
  });

  it.each([
    ['no subject', { sub: undefined }],
    ['an empty subject', { sub: '' }],
    ['a subject with a line break', { sub: 'a\nb' }],
    ['a subject with half a character', { sub: '\ud800' }],
    ['a subject of 300 characters', { sub: 'a'.repeat(300) }],
  ])('with %s is refused', (_what, over) => {
    expect(rolesOf(provider([]), { ...ada, email: undefined, ...over })).toEqual(['refused: malformed']);
  });
});

describe('revoked', () => {
  const claims = { sub: 'u1', jti: 't1', iat: 100 };
  it.each([
    ['nothing', {}, []],
    ['another token', { tokens: ['t2'] }, []],
    ['the token', { tokens: ['t1'] }, ['refused: revoked']],
    ['the subject', { subjects: ['u1'] }, ['refused: revoked']],
    ['all that were issued before', { issuedBeforeMs: 100_001 }, ['refused: revoked']],
    ['all before the token', { issuedBeforeMs: 100_000 }, []],
  ])('is %s', (_what, revoked, roles) => {
    const of = provider([], { revoked: { tokens: [], subjects: [], issuedBeforeMs: null, ...revoked } });
    expect(rolesOf(of, claims)).toEqual(roles);
  });
});

describe('a job of CI', () => {
  const job = {
    sub: 'repo:acme/digits:ref:refs/heads/main',
    repository: 'acme/digits',
    ref: 'refs/heads/main',
    ref_protected: 'true',
    event_name: 'push',
    run_id: '7',
  };
  const github = (...rules: readonly IdentityRule[]): IdentityProvider =>
    provider(rules, { name: 'github', preset: 'github' });
  const main = rule({ repository: 'acme/digits', ref: 'refs/heads/main', ref_protected: 'true' }, 'release');

  it('is named by repository and ref, and carries its identity', () => {
    expect(identify(github(main), job)).toMatchObject({
      requester: {
        name: 'github:acme/digits@refs/heads/main',
        job: { repository: 'acme/digits', isFork: false, run: '7' },
      },
    });
    expect(rolesOf(github(main), job)).toEqual(['release']);
  });

  it.each([
    ['another repository', { repository: 'acme/digits-evil' }],
    ['another branch', { ref: 'refs/heads/main2' }],
    ['a branch that is not protected', { ref_protected: 'false' }],
    ['a branch of which nobody says so', { ref_protected: undefined }],
  ])('of %s has no grant', (_what, over) => {
    expect(rolesOf(github(main), { ...job, ...over })).toEqual([]);
  });

  it.each([
    ['of a pull request', { event_name: 'pull_request', ref: 'refs/pull/7/merge' }],
    ['of a pull request that runs on the target', { event_name: 'pull_request_target' }],
    ['of a fork', { fork: true }],
    ['of an event that is not known', { event_name: 'new' }],
  ])('%s never measures, releases or operates', (_what, over) => {
    const rules = (['view', 'measure', 'release', 'operate'] as const).map((role) =>
      rule({ repository: 'acme/*' }, role),
    );
    expect(new Set(rolesOf(github(...rules), { ...job, ...over }))).toEqual(new Set(['view']));
  });

  describe('of a pull request, where a rule states that they are its own', () => {
    const own = (role: Grant['role']): IdentityRule => ({
      ...rule({ repository: 'acme/digits' }, role),
      pullRequests: 'own',
    });
    const request = { ...job, event_name: 'pull_request', ref: 'refs/pull/7/merge', ref_protected: 'false' };

    it('measures, and releases and operates by no rule', () => {
      expect(rolesOf(github(own('measure')), request)).toEqual(['measure']);
      expect(rolesOf(github(own('release'), own('operate')), request)).toEqual(['view', 'view']);
      expect(rolesOf(github(rule({ repository: 'acme/digits' }, 'measure')), request)).toEqual(['view']);
    });

    it.each([
      ['of a fork', { fork: true }],
      ['of a request that runs on the target', { event_name: 'pull_request_target' }],
      ['that another workflow began', { event_name: 'workflow_run' }],
      ['of a comment', { event_name: 'issue_comment' }],
      ['of an event that is not known', { event_name: 'pull_request2' }],
    ])('%s measures nothing all the same', (_what, over) => {
      expect(rolesOf(github(own('measure')), { ...request, ...over })).toEqual(['view']);
    });

    it('of GitLab measures in the project itself, and not in a fork', () => {
      const of = provider([own('measure')], { preset: 'gitlab' });
      const claims = {
        ...{ sub: 's', project_path: 'acme/digits', ref_path: 'refs/merge-requests/3/head' },
        ...{ pipeline_source: 'merge_request_event', job_project_path: 'acme/digits' },
      };
      expect(rolesOf(of, claims)).toEqual(['measure']);
      expect(rolesOf(of, { ...claims, job_project_path: 'mallory/digits' })).toEqual(['view']);
      expect(rolesOf(of, { ...claims, pipeline_source: 'external_pull_request_event' })).toEqual(['view']);
    });
  });

  it('of GitLab is asked for by the same words', () => {
    const claims = {
      ...{ sub: 's', project_path: 'acme/digits', ref: 'main', ref_path: 'refs/heads/main', ref_protected: 'true' },
      ...{ pipeline_source: 'push', repository: 'acme/lie' },
    };
    const of = provider([rule({ repository: 'acme/digits', ref: 'refs/heads/main', fork: 'false' }, 'release')], {
      preset: 'gitlab',
    });
    expect(rolesOf(of, claims)).toEqual(['release']);
  });

  it('is refused where the claims are of a person', () => {
    expect(rolesOf(github(main), { sub: 'u1', email: 'ada@acme.com' })).toEqual(['refused: no-job']);
  });
});

it.each([
  ['the address of somebody', { sub: 'ada@acme.com' }, 'acme:sub=ada%40acme.com'],
  ['it in other letters', { sub: 'АDA@acme.com' }, 'acme:sub=%D0%90DA%40acme.com'],
  ['a wide @', { sub: 'ada＠acme.com' }, 'acme:sub=ada%EF%BC%A0acme.com'],
  ['the address with a space', { sub: ' ada@acme.com' }, 'acme:sub=%20ada%40acme.com'],
  ['the form of such a name', { sub: 'sub=ada%40acme.com' }, 'acme:sub=sub%3Dada%2540acme.com'],
  ['a job', { sub: 'acme/digits@refs/heads/main' }, 'acme:sub=acme%2Fdigits%40refs%2Fheads%2Fmain'],
  ['a subject as providers make them', { sub: 'auth0|5f7c' }, 'acme:auth0|5f7c'],
  ['a verified address without its @', { sub: 'u1', email: 'u2', email_verified: true }, 'acme:u1'],
  ['a verified address that looks like another', { sub: 'u1', email: 'аda@acme.com', email_verified: true }, 'acme:u1'],
])('a subject that is %s names nobody else', (_what, claims, name) => {
  expect(identify(provider([]), { iat: 1, ...claims })).toMatchObject({ requester: { name } });
});
