import { describe, expect, it } from 'vitest';
import { readCiIdentity } from './ci-claims.ts';

const issuer = 'https://ci.example';
const github = {
  sub: 'repo:acme/digits:ref:refs/heads/main',
  repository: 'acme/digits',
  ref: 'refs/heads/main',
  ref_protected: 'true',
  event_name: 'push',
  run_id: '77',
};
const gitlab = {
  sub: 'project_path:acme/ml/digits:ref_type:branch:ref:main',
  project_path: 'acme/ml/digits',
  ref: 'main',
  ref_type: 'branch',
  ref_path: 'refs/heads/main',
  ref_protected: 'true',
  pipeline_source: 'push',
  pipeline_id: '12',
};
const read = (preset: 'github' | 'gitlab' | null, claims: Readonly<Record<string, unknown>>) =>
  readCiIdentity({ preset, issuer }, claims);

it('reads the claims of both presets', () => {
  expect(read('github', github)).toEqual({
    ...{ issuer, subject: github.sub, repository: 'acme/digits', ref: 'refs/heads/main' },
    ...{ isRefProtected: true, isFork: false, run: '77' },
  });
  expect(read('gitlab', gitlab)).toEqual({
    ...{ issuer, subject: gitlab.sub, repository: 'acme/ml/digits', ref: 'refs/heads/main' },
    ...{ isRefProtected: true, isFork: false, run: '12' },
  });
});

it('is null without a preset, and where the claims name no job', () => {
  expect(read(null, github)).toBeNull();
  expect(read('github', { sub: 'ada' })).toBeNull();
  expect(read('gitlab', { sub: '42', email: 'ada@acme.com' })).toBeNull();
  expect(read('gitlab', { ...gitlab, ref_path: undefined, ref_type: undefined })).toBeNull();
  expect(read('github', { ...github, sub: undefined })).toBeNull();
});

it('tells a tag of GitLab from a branch of the same name', () => {
  expect(read('gitlab', { ...gitlab, ref_path: undefined, ref_type: 'tag' })?.ref).toBe('refs/tags/main');
});

describe('whether a job is of a fork', () => {
  it.each([
    ['a pull request', { event_name: 'pull_request', ref: 'refs/pull/7/merge' }, null],
    ['a pull request with the rights of its target', { event_name: 'pull_request_target' }, null],
    ['what runs after another workflow', { event_name: 'workflow_run' }, null],
    ['a comment', { event_name: 'issue_comment' }, null],
    ['an event of tomorrow', { event_name: 'who_knows' }, null],
    ['no event', { event_name: undefined }, null],
    ['a push to the ref of a pull request', { ref: 'refs/pull/7/head' }, null],
    ['a pull request that the provider calls no fork', { event_name: 'pull_request', fork: 'false' }, false],
    ['a push that the provider calls a fork', { fork: true }, true],
    ['a dispatch', { event_name: 'workflow_dispatch' }, false],
  ])('of GitHub: %s', (_what, claims, isFork) => {
    expect(read('github', { ...github, ...claims })?.isFork).toBe(isFork);
  });

  it.each([
    ['a merge request', { pipeline_source: 'merge_request_event', ref_path: 'refs/merge-requests/3/head' }, null],
    ['a job that runs in another project', { job_project_path: 'acme/ml/target' }, true],
    ['a job that runs in its own project', { job_project_path: 'acme/ml/digits' }, false],
    ['a child of any pipeline', { pipeline_source: 'parent_pipeline' }, null],
  ])('of GitLab: %s', (_what, claims, isFork) => {
    expect(read('gitlab', { ...gitlab, ...claims })?.isFork).toBe(isFork);
  });
});

it.each([
  ['true', true],
  [true, true],
  ['false', false],
  [false, false],
  ['yes', null],
  [undefined, null],
  [{}, null],
])('ref_protected %j is read as %j', (written, isRefProtected) => {
  expect(read('github', { ...github, ref_protected: written })?.isRefProtected).toBe(isRefProtected);
});
