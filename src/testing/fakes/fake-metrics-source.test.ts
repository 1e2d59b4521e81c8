import { FakeClock } from './fake-clock.ts';
import { FakeMetricsSource } from './fake-metrics-source.ts';
import { metricsSourceContract } from '../contracts/metrics-source-contract.ts';

const faults = ['unreachable', 'hung', 'too-large', 'garbage', 'refused'] as const;

metricsSourceContract('the fake', faults, () => {
  const clock = new FakeClock();
  const source = new FakeMetricsSource(clock);
  return Promise.resolve({
    source,
    nowMs: () => clock.nowMs(),
    target: (replicaId) => ({ replicaId, endpoint: replicaId }),
    show: (replica, what) => Promise.resolve(source.show(replica, what)),
    close: () => source.close(),
  });
});
