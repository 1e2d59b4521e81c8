import { expect, it } from 'vitest';
import type { ObservedReplica } from '../rollout/replica.ts';
import { digestOf } from '../units/digest.ts';
import { findStartTrouble } from './start-trouble.ts';

const pair = digestOf('pair');
const replica = (state: ObservedReplica['state'], reason: string, restarts = 0): ObservedReplica => ({
  replicaId: 'a',
  set: 's',
  pair,
  release: 1,
  state,
  reason,
  endpoint: null,
  pid: null,
  node: '',
  restarts,
  startedAtMs: 0,
  readyAtMs: null,
  phases: [],
});

it.each([
  [
    'Unschedulable',
    replica('pending', 'no node has room for it: Insufficient nvidia.com/gpu'),
    /kubectl describe nodes/,
  ],
  [
    'OOMKilled',
    replica('failed', 'exit status 137 after 3 s: over its memory limit (OOMKilled)'),
    /hardware\.host\.memory/,
  ],
  ['ImagePullBackOff', replica('failed', 'its image cannot be pulled: not found'), /code\.image/],
  [
    'a crash loop',
    replica('failed', 'exit status 2 after 1 s: "no such file"; next start in 10 s'),
    /history --kind replica/,
  ],
  ['a crash loop, while it runs again', replica('starting', 'start 3, the one before: exit status 2', 2), /history/],
  [
    'a quota',
    replica('failed', 'the cluster refuses its pods (FailedCreate): exceeded quota: q'),
    /describe resourcequota/,
  ],
])('of %s is the reason of the replica, with the command for it', (_name, seen, next) => {
  const trouble = findStartTrouble([replica('starting', 'loads'), seen], pair);
  expect(trouble?.cause).toBe(seen.reason);
  expect(trouble?.next).toMatch(next);
});

it('is none while replicas take their time, for replicas of another pair, and is bounded', () => {
  expect(findStartTrouble([replica('starting', 'loads'), replica('pending', 'pulls its image')], pair)).toBeNull();
  expect(findStartTrouble([replica('failed', 'x')], digestOf('other'))).toBeNull();
  expect(findStartTrouble([], null)).toBeNull();
  expect(findStartTrouble([replica('failed', 'x'.repeat(10_000))], pair)?.cause.length).toBeLessThan(500);
});
