import { expect, it } from 'vitest';
import { aRelease } from '../../testing/builders/rollout-builders.ts';
import { staleEvidenceOf } from './stale-evidence.ts';

const release = aRelease(1, { createdAtMs: 10 });
const ended = { kind: 'golden', environment: 'default', reason: 'a driver moved', remedy: 'r', atMs: 11 } as const;
const waiver = { kind: 'cost', reason: 'r', untilMs: 50, by: 'ada', atMs: 0 } as const;

it('names what was invalidated since, waived, or never there', () => {
  expect(staleEvidenceOf(release, [], 60)).toEqual([]);
  expect(staleEvidenceOf(release, [{ ...ended, atMs: 9 }], 60)).toEqual([]);
  expect(staleEvidenceOf(release, [ended, ended], 60)).toEqual(['golden: a driver moved']);
  expect(staleEvidenceOf({ ...release, waivers: [waiver] }, [], 49)).toEqual(['cost: it was waived']);
  expect(staleEvidenceOf({ ...release, waivers: [waiver] }, [], 50)).toEqual([
    'cost: it was waived, and the waiver is over',
  ]);
  expect(staleEvidenceOf({ ...release, golden: null }, [], 0)).toEqual(['golden: there are no recorded outputs']);
});

it('leaves out what is judged while a release is live: no release goes out on it', () => {
  expect(staleEvidenceOf(release, [{ ...ended, kind: 'cost' }, ended], 60)).toEqual(['golden: a driver moved']);
});
