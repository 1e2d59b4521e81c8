import { describe, expect, it } from 'vitest';
import type { LedgerFact } from '../../../core/cost/ledger/fact.ts';
import type { Release } from '../../../core/rollout/release.ts';
import type { ObservedReplica } from '../../../core/rollout/replica.ts';
import { aDeployment, aRelease, aReplica, aRolloutState } from '../../../testing/builders/rollout-builders.ts';
import { makeDecisionFacts, makeReplicaFacts } from './replica-facts.ts';
import { StandingFacts } from './standing-facts.ts';

const [first, second] = [aRelease(1), aRelease(2)];
const at = { recorder: 'r', monotonicMs: 0, wallMs: 0 };

/** What is recorded of turns that follow each other. */
function open() {
  const standing = new StandingFacts();
  let count = 0;
  const apply = (fact: LedgerFact): void => {
    standing.apply(fact);
  };
  const place = { pool: 'p', node: 'test', place: null, deviceClass: 'c', pciDeviceId: null };
  apply({ kind: 'device-appeared', id: 'd', at, device: 'test/cores', ...place, layout: { kind: 'cores', cores: 8 } });
  const turn = (
    replicas: readonly ObservedReplica[],
    {
      admitted = [],
      live = 1,
      previous = null,
    }: { admitted?: readonly string[]; live?: number; previous?: number | null } = {},
  ) => {
    const deployment = aDeployment({ live, previous: previous === null ? null : { release: previous, untilMs: 9 } });
    const admissions = new Map(admitted.map((id) => [id, null]));
    const seen = aRolloutState({ releases: [first, second], deployment, replicas, admissions });
    const facts = makeReplicaFacts(standing, seen, at);
    for (const fact of facts) apply({ ...fact, id: String((count += 1)) });
    return facts.map((fact) => {
      if (fact.kind === 'claim-changed') return `${fact.claim} ${fact.state}`;
      if (fact.kind === 'claim-role') return `${fact.claim} is ${fact.role}`;
      return fact.kind === 'claim-began'
        ? `${fact.claim} began for ${fact.owner?.release} of ${fact.owner?.model}`
        : fact.kind;
    });
  };
  return { standing, turn };
}

it('what a drill starts is for proof, and all else for answers', () => {
  const drill = { kind: 'rollback', axis: 'model', from: 1, to: 1, reason: 'drill', drill: true } as const;
  const { standing } = open();
  const purposeOf = (cause: Release['cause']) => {
    const release = { ...first, cause };
    const replicas = [aReplica(release, { replicaId: 'r1' })];
    const seen = aRolloutState({ releases: [release], deployment: aDeployment({ live: 1 }), replicas });
    return makeReplicaFacts(standing, seen, at).map((fact) => (fact.kind === 'claim-began' ? fact.purpose : null))[0];
  };
  expect([purposeOf(first.cause), purposeOf(drill)]).toEqual(['answers', 'proof']);
});

describe('makeReplicaFacts', () => {
  it('a replica of which nobody tells the device has a claim once it is ready, and the gap of its start ends', () => {
    const { standing } = open();
    const release = { ...first, code: { ...first.code, devices: 1 } };
    const place = { node: 'test', pool: 'p', place: null, deviceClass: 'c', pciDeviceId: null };
    for (const device of ['GPU-a', 'GPU-b'])
      standing.apply({ kind: 'device-appeared', id: device, at, device, ...place, layout: { kind: 'whole' } });
    const turn = (state: ObservedReplica['state'], admitted: readonly string[]) => {
      const replicas = [aReplica(release, { replicaId: 'a', state, node: 'test' })];
      const admissions = new Map(admitted.map((id) => [id, null]));
      const seen = aRolloutState({ releases: [release], deployment: aDeployment({ live: 1 }), replicas, admissions });
      const facts = makeReplicaFacts(standing, seen, at);
      facts.forEach((fact, index) => {
        standing.apply({ ...fact, id: `${state}-${index}` });
      });
      return facts;
    };
    expect(turn('starting', []).map(({ kind }) => kind)).toEqual(['gap-began']);
    expect(turn('ready', [])).toEqual([]);
    const holds = ['GPU-a', 'GPU-b'].map((device) => ({ device, slot: 'whole', milliSlot: 500 }));
    expect(turn('ready', ['a'])).toMatchObject([
      { kind: 'gap-ended' },
      { kind: 'claim-began', holds },
      { kind: 'claim-changed', state: 'ready' },
    ]);
    expect(turn('ready', ['a'])).toEqual([]);
  });

  it('follows a replica from its start to its end, each change once', () => {
    const { turn, standing } = open();
    const replica = (state: ObservedReplica['state']) => [aReplica(first, { replicaId: 'a', state })];
    expect(turn(replica('starting'))).toEqual([`a began for 1 of ${first.model.name}:${first.model.version}`]);
    expect(turn(replica('ready'))).toEqual([]);
    expect(turn(replica('ready'), { admitted: ['a'] })).toEqual(['a ready']);
    expect(turn(replica('ready'), { admitted: ['a'] })).toEqual([]);
    expect(turn(replica('asleep'))).toEqual(['a asleep']);
    expect(turn(replica('starting'))).toEqual(['a loading']);
    expect(turn(replica('ready'), { admitted: ['a'] })).toEqual(['a ready']);
    expect(turn(replica('draining'), { admitted: ['a'] })).toEqual(['a draining']);
    expect(turn(replica('stopped'))).toEqual(['a ended']);
    expect(turn(replica('stopped'))).toEqual([]);
    expect(standing.claims.size).toBe(0);
  });

  it('takes a replica that is ready already as ready at once, and one that is not seen any more as ended', () => {
    const { turn } = open();
    const replica = aReplica(first, { replicaId: 'a' });
    expect(turn([replica], { admitted: ['a'] })).toEqual([expect.stringContaining('a began'), 'a ready']);
    expect(turn([])).toEqual(['a ended']);
  });

  it('says which replicas are kept for a rollback, and that they are live again', () => {
    const { turn } = open();
    const replicas = [aReplica(first, { replicaId: 'a' })];
    turn(replicas, { admitted: ['a'] });
    expect(turn(replicas, { admitted: ['a'], live: 2, previous: 1 })).toEqual(['a is previous']);
    expect(turn(replicas, { admitted: ['a'], live: 1, previous: 2 })).toEqual(['a is live']);
  });

  it('records nothing of a replica on a node that the inventory does not have', () => {
    const { turn } = open();
    expect(turn([aReplica(first, { replicaId: 'a', node: 'elsewhere' })])).toEqual([]);
  });

  it('leaves the claims of other services alone', () => {
    const { turn, standing } = open();
    const owner = { service: 'other', environment: 'default', release: '1', team: null, model: null };
    standing.apply({ kind: 'claim-began', id: 'o', at, claim: 'x', holds: [], owner, purpose: 'answers' });
    expect(turn([])).toEqual([]);
    expect(standing.claims.has('x')).toBe(true);
  });
});

describe('makeDecisionFacts', () => {
  const seen = (min: number, max: number) => {
    const release = { ...first, replicas: { min, max } };
    return aRolloutState({ releases: [release], deployment: aDeployment({ live: 1 }) });
  };

  it('says the minimum of a release that nothing scales, once', () => {
    const standing = new StandingFacts();
    const [fact, ...others] = makeDecisionFacts(standing, seen(2, 2), null, at);
    expect(others).toEqual([]);
    expect(fact).toMatchObject({ terms: { demand: 0, minReplicas: 2, ahead: 2, warmPool: 0 } });
    if (fact !== undefined) standing.apply({ ...fact, id: '1' });
    expect(makeDecisionFacts(standing, seen(2, 2), null, at)).toEqual([]);
    expect(makeDecisionFacts(standing, seen(3, 3), null, at)).toHaveLength(1);
  });

  it('waits for the first decision of a release that is scaled', () => {
    expect(makeDecisionFacts(new StandingFacts(), seen(1, 4), null, at)).toEqual([]);
  });
});
