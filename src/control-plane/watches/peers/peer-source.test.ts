import { expect, it } from 'vitest';
import type { MetricsSource } from '../../../ports/serving/metrics-source.ts';
import { FakeClock } from '../../../testing/fakes/fake-clock.ts';
import { findPeerSource } from './peer-source.ts';

const signal = new AbortController().signal;

it('asks once a minute for all services of a control plane, and knows nothing where the server does not answer', async () => {
  const clock = new FakeClock();
  let asked = 0;
  const metrics: Pick<MetricsSource, 'readDevices'> = {
    readDevices: async () => {
      asked += 1;
      return { kind: 'failed', fault: 'hung', message: 'no answer', next: 'look' };
    },
  };
  const [first, second] = [findPeerSource(metrics, clock), findPeerSource(metrics, clock)];
  expect(await first?.(signal)).toBeNull();
  expect(await second?.(signal)).toBeNull();
  expect(asked).toBe(1);
  await clock.advance(60_000);
  await second?.(signal);
  expect(asked).toBe(2);
});

it('is not there where no server is asked', () => {
  expect(findPeerSource({}, new FakeClock())).toBeUndefined();
});
