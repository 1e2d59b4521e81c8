import { expect, test } from 'vitest';
import { noScalingFacts } from '../../core/scaling/acting/scaling-facts.ts';
import { FakeClock } from '../../testing/fakes/fake-clock.ts';
import { JudgementCache, type Judgements } from './judgements.ts';

const judged: Judgements = {
  owner: 'vision',
  release: 2,
  evidence: [
    { kind: 'golden', freshness: 'fresh', verdict: 'pass', reasons: [], available: true },
    { kind: 'cost', freshness: 'not-asked', verdict: 'unknown', reasons: [], available: true },
  ],
  readiness: [{ question: 'hardware-verified', text: 'Is it?', answer: 'yes', reason: 'it is' }],
  scaling: noScalingFacts,
  promises: { availabilityShare: 0.99, latency: [], starts: [] },
  monitoring: undefined,
};

test('a judgement that fails leaves the last one standing for a minute, then nothing is known', async () => {
  const clock = new FakeClock();
  let broken = false;
  const problems: unknown[] = [];
  const judge = async (): Promise<Judgements> => {
    if (broken) throw new Error('the nodes do not answer');
    return judged;
  };
  const cache = new JudgementCache({ judge }, clock, (thrown) => problems.push(thrown));
  await cache.refresh();
  broken = true;
  await clock.advance(50_000);
  await cache.refresh();
  expect(problems).toHaveLength(1);
  expect(cache.current()).toEqual(judged);
  await clock.advance(11_000);
  await cache.refresh();
  const unknown = cache.current();
  expect(unknown.evidence[0]).toMatchObject({
    freshness: 'unknown',
    verdict: 'unknown',
    reasons: ['not judged for 1m 1s: the nodes do not answer'],
  });
  expect(unknown.evidence[1]?.freshness).toBe('not-asked');
  expect(unknown.readiness[0]?.answer).toBe('not-measured');
  expect([unknown.scaling, unknown.promises, unknown.release]).toEqual([null, null, 2]);
  broken = false;
  await clock.advance(11_000);
  await cache.refresh();
  expect(cache.current()).toEqual(judged);
});

test('a judgement that hangs is unknown after a minute too', async () => {
  const clock = new FakeClock();
  let hangs = false;
  const judge = async (): Promise<Judgements> => (hangs ? new Promise<never>(() => undefined) : judged);
  const cache = new JudgementCache({ judge }, clock, () => undefined);
  await cache.refresh();
  hangs = true;
  await clock.advance(11_000);
  void cache.refresh();
  await clock.advance(50_000);
  expect(cache.current().evidence[0]?.reasons).toEqual(['not judged for 1m 1s: the judgement takes too long']);
});
