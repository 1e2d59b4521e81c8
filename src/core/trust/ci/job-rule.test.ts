import { expect, it } from 'vitest';
import type { CiIdentity } from '../../access/identity.ts';
import { digestOf } from '../../units/digest.ts';
import { jobText, readCiIdentity, readJobSighting, sightJob } from './ci-job.ts';
import { isJobRule, whyJobNotCounted, type JobRule } from './job-rule.ts';

const rule: JobRule = { issuer: 'https://ci.example', repository: 'acme/digits', ref: 'refs/heads/main' };
const job: CiIdentity = {
  issuer: 'https://ci.example',
  subject: 'repo:acme/digits:ref:refs/heads/main',
  repository: 'acme/digits',
  ref: 'refs/heads/main',
  isRefProtected: true,
  isFork: null,
  run: '42',
};
const { ref: _, ...anyRef } = rule;

it.each<readonly [string, JobRule, Partial<CiIdentity>]>([
  ['a protected ref of the rule', rule, {}],
  ['a protected ref where the rule names none', anyRef, { ref: 'refs/heads/other' }],
  ['a protected tag by its beginning', { ...rule, ref: 'refs/tags/v*' }, { ref: 'refs/tags/v1.2' }],
  [
    'a ref without protection where the rule takes it',
    { ...rule, unprotected: true },
    { isRefProtected: false, isFork: false },
  ],
  [
    'unknown protection where the rule takes it',
    { ...rule, unprotected: true },
    { isRefProtected: null, isFork: false },
  ],
])('counts %s', (_what, of, over) => {
  expect(whyJobNotCounted(of, { ...job, ...over })).toBeNull();
});

it.each<readonly [string, JobRule, Partial<CiIdentity>, string]>([
  ['another issuer', rule, { issuer: 'https://evil.example' }, 'another repository'],
  ['another repository', rule, { repository: 'mallory/digits' }, 'another repository'],
  ['a repository that begins with the name', rule, { repository: 'acme/digits-2' }, 'another repository'],
  ['another ref', rule, { ref: 'refs/heads/main2' }, 'refs/heads/main2 is not refs/heads/main'],
  ['a pull request', { ...rule, ref: 'refs/heads/*' }, { ref: 'refs/pull/7/merge' }, 'is not refs/heads/*'],
  ['a fork, also at a protected ref', rule, { isFork: true }, 'it is of a fork'],
  [
    'a fork, whatever the rule takes',
    { ...rule, unprotected: true },
    { isFork: true, isRefProtected: null },
    'of a fork',
  ],
  ['a ref that is not protected', rule, { isRefProtected: false, isFork: false }, 'is not protected'],
  [
    'a ref of unknown protection',
    rule,
    { isRefProtected: null, isFork: false },
    'nobody knows whether refs/heads/main',
  ],
  [
    'what may be of a fork',
    { ...rule, unprotected: true },
    { isRefProtected: false },
    'nobody knows whether it is of a fork',
  ],
])('does not count %s', (_what, of, over, why) => {
  expect(whyJobNotCounted(of, { ...job, ...over })).toContain(why);
});

it.each([
  ['a whole rule', rule, true],
  ['a rule that takes unprotected refs', { ...rule, unprotected: true }, true],
  ['a key of a newer version', { ...rule, workflow: 'release.yml' }, false],
  ['unprotected by another word', { ...rule, unprotected: 'yes' }, false],
  ['no repository', { issuer: 'https://ci.example' }, false],
  ['an empty ref', { ...rule, ref: '' }, false],
  ['a list', [rule], false],
])('reads a rule whole or not at all: %s', (_what, value, is) => {
  expect(isJobRule(value)).toBe(is);
});

const measured = digestOf('measured');

it('records a job so that it is found for the evidence that it sent, whatever its run', () => {
  const sighting = sightJob(measured, job);
  expect(readJobSighting(measured, sighting)).toEqual({ ...job, run: null });
  expect(sightJob(measured, { ...job, run: '43' })).toEqual(sighting);
});

it.each([
  ['other evidence', digestOf('other'), sightJob(measured, job)],
  ['a sender with the text of a job', measured, { ...sightJob(measured, job), digest: measured }],
  [
    'a text that claims another repository',
    measured,
    { ...sightJob(measured, job), by: sightJob(measured, { ...job, repository: 'acme/other' }).by },
  ],
  ['a name', measured, { digest: measured, by: 'ada' }],
  ['a text that is no JSON', measured, { digest: measured, by: `{${measured}` }],
])('finds no job for %s', (_what, of, sighting) => {
  expect(readJobSighting(of, sighting)).toBeNull();
});

it.each([
  ['a whole identity', job, job],
  ['a line break in a claim', { ...job, ref: 'refs/heads/main\nroot' }, null],
  ['a claim without an end', { ...job, repository: 'a'.repeat(501) }, null],
  ['no ref', { ...job, ref: '' }, null],
  ['protection in words', { ...job, isRefProtected: 'true' }, null],
  ['a missing claim', { issuer: 'https://ci.example' }, null],
  ['nothing', null, null],
])('reads %s', (_what, value, expected) => {
  expect(readCiIdentity(value)).toEqual(expected);
});

it('is told in one line, with what is not known', () => {
  expect(jobText(job)).toBe('job 42 of acme/digits at refs/heads/main (protected, told by ci.example)');
  expect(jobText({ ...job, run: null, isRefProtected: null, isFork: true })).toBe(
    'a job of acme/digits at refs/heads/main (protection unknown, of a fork, told by ci.example)',
  );
});
