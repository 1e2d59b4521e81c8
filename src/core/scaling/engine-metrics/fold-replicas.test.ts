import { describe, expect, it } from 'vitest';
import type { ScalingSignals } from '../signals.ts';
import { engineSignals, type EngineSignals } from './engine-signals.ts';
import { foldReplicas, withEngines, type ReplicaTold } from './fold-replicas.ts';

const nothing = engineSignals(null, { readAtMs: 0, samples: [] }, { nowMs: 0 });
const replica = (replicaId: string, signals: Partial<EngineSignals> | null): ReplicaTold => ({
  replicaId,
  signals: signals === null ? null : { ...nothing, unknown: {}, ...signals },
});
const gateways: ScalingSignals = {
  atMs: 1,
  queueDepth: 4,
  oldestWaitMs: 100,
  inFlight: 10,
  arrivalsPerSecond: 5,
  completionsPerSecond: 4,
  serviceMs: 200,
  batchFillShare: null,
  acceleratorMemoryShare: null,
  replicas: [],
};

describe('the engines of all replicas as one', () => {
  it('add up queues, average shares, and weigh service times by requests', () => {
    const fold = foldReplicas([
      replica('a', {
        queueDepth: 3,
        inFlight: 2,
        acceleratorMemoryShare: 0.2,
        serviceMs: 100,
        completionsPerSecond: 30,
      }),
      replica('b', {
        queueDepth: 5,
        inFlight: 4,
        acceleratorMemoryShare: 0.6,
        serviceMs: 500,
        completionsPerSecond: 10,
      }),
    ]);
    expect(fold).toMatchObject({
      queueDepth: 8,
      inFlight: 6,
      acceleratorMemoryShare: 0.4,
      serviceMs: 200,
      replicasTold: 2,
    });
    expect(fold.replicas).toEqual([
      { replicaId: 'a', queueDepth: 3, inFlight: 2, acceleratorMemoryShare: 0.2 },
      { replicaId: 'b', queueDepth: 5, inFlight: 4, acceleratorMemoryShare: 0.6 },
    ]);
  });

  it('take a silent replica to be like the others, and not to be empty', () => {
    const fold = foldReplicas([replica('a', { queueDepth: 4 }), replica('b', { queueDepth: 6 }), replica('c', null)]);
    expect(fold).toMatchObject({ queueDepth: 15, replicasWarm: 3, replicasTold: 2, inFlight: null });
    expect(fold.replicas).toHaveLength(2);
  });

  it('are unknown when fewer than half tell', () => {
    const fold = foldReplicas([replica('a', { queueDepth: 4 }), replica('b', nothing), replica('c', null)]);
    expect(fold.queueDepth).toBeNull();
    expect(foldReplicas([])).toMatchObject({ queueDepth: null, serviceMs: null, replicas: [] });
  });

  it('leave out a replica that warms up, wholly', () => {
    const warming = replica('b', { isWarmingUp: true });
    const fold = foldReplicas([replica('a', { queueDepth: 4 }), warming, replica('c', { isWarmingUp: true })]);
    expect(fold).toMatchObject({ queueDepth: 4, replicasWarm: 1 });
  });

  it('have a mean service time where completions are not told', () => {
    const fold = foldReplicas([
      replica('a', { serviceMs: 100, completionsPerSecond: 3 }),
      replica('b', { serviceMs: 300 }),
    ]);
    expect(fold.serviceMs).toBe(200);
  });
});

describe('gateways and engines as one', () => {
  const engines = foldReplicas([
    replica('a', { queueDepth: 3, inFlight: 6, acceleratorMemoryShare: 0.5, batchFillShare: 0.25, serviceMs: 90 }),
  ]);

  it('count a request that waits in an engine once, as waiting', () => {
    expect(withEngines(gateways, engines)).toMatchObject({
      queueDepth: 7,
      inFlight: 7,
      serviceMs: 200,
      acceleratorMemoryShare: 0.5,
      batchFillShare: 0.25,
      arrivalsPerSecond: 5,
      replicas: [{ replicaId: 'a', queueDepth: 3 }],
    });
  });

  it('leave it among those in flight where the engine does not tell', () => {
    expect(withEngines(gateways, foldReplicas([]))).toMatchObject({ queueDepth: 4, inFlight: 10 });
  });

  it('are the engines alone where no gateway tells anything', () => {
    const silent = { ...gateways, queueDepth: null, inFlight: null, serviceMs: null };
    expect(withEngines(silent, engines)).toMatchObject({ queueDepth: 3, inFlight: 6, serviceMs: 90 });
  });

  it('are unknown in the part that a gateway should tell and does not', () => {
    expect(withEngines({ ...gateways, queueDepth: null }, engines)).toMatchObject({ queueDepth: null, inFlight: 7 });
  });

  it('keep what gateways tell of single replicas', () => {
    const told = { replicaId: 'a', queueDepth: null, inFlight: 9, acceleratorMemoryShare: null };
    const other = { replicaId: 'z', queueDepth: null, inFlight: 1, acceleratorMemoryShare: null };
    const merged = withEngines({ ...gateways, replicas: [told, other] }, engines).replicas;
    expect(merged.map(({ replicaId, inFlight }) => [replicaId, inFlight])).toEqual([
      ['a', 6],
      ['z', 1],
    ]);
  });
});
