import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Cause, TriageAnswer } from './answer.ts';
import type { Change, FileFinding, NodeEvent, Observations, ReplicaGolden } from './observations.ts';
import { triage } from './triage.ts';

const replica = (replicaId: string, more: Partial<ReplicaGolden> = {}): ReplicaGolden => ({
  replicaId,
  release: 3,
  node: `node-${replicaId}`,
  deviceClass: 'h100',
  fingerprint: 'ort-1.24',
  verdict: 'pass',
  replays: 4,
  atMs: 1_000_000,
  ...more,
});
const fails = { verdict: 'fail', replays: 2 } as const;
const unknown = { verdict: 'unknown', replays: 0 } as const;
const none = { verdict: 'none', rows: 5_000, neededRows: 2_000 } as const;
const named = (arm: string | null) => ({ verdict: 'named', arm, rows: 700 }) as const;
const moved = { verdict: 'moved', features: ['amount'] } as const;
const stable = { verdict: 'stable', features: [] } as const;
const unseen = { verdict: 'unknown', features: [] } as const;
const fell = { verdict: 'fell' } as const;
const differs = { verdict: 'differs', arm: 'a', shares: 'skewed' } as const;
/** Of one replica, beside its requests that were drawn at random. */
const skewed = { ...differs, features: ['amount'] } as const;
const nothingKnown: Partial<Observations> = {
  ...{ golden: [], inputs: unseen, outputs: unseen },
  replicas: { verdict: 'unknown' },
  quality: { verdict: 'unknown' },
};
const change = (kind: Change['kind'], more: Partial<Change> = {}): Change => ({
  kind,
  atMs: 990_000,
  what: `a ${kind}`,
  ...more,
});
const file = (replicaId: string, verdict: FileFinding['verdict']): FileFinding => ({ replicaId, verdict });
const xid = (code: number, more: Partial<NodeEvent> = {}): NodeEvent => ({
  node: 'node-a',
  atMs: 1_100_000,
  kind: 'xid',
  code,
  ...more,
});

/** Three replicas on three nodes, everything observed and good. */
const good: Observations = {
  onset: { fromMs: 1_000_000, toMs: 1_060_000 },
  golden: [replica('a'), replica('b'), replica('c')],
  replicas: none,
  releases: { verdict: 'one-arm' },
  inputs: stable,
  outputs: stable,
  quality: { verdict: 'held' },
  traffic: { verdict: 'unknown', arm: null, shares: 'unknown' },
  files: [],
  nodeEvents: [],
  changes: [],
};
const see = (more: Partial<Observations>): TriageAnswer => triage({ ...good, ...more });
const causesOf = (answer: TriageAnswer): readonly Cause[] =>
  answer.verdict === 'named' ? answer.causes.map(({ cause }) => cause) : [];

const others = [replica('b'), replica('c')];
const oneFails = [replica('a', fails), ...others];
const allFail = [replica('a', fails), replica('b', fails), replica('c', fails)];
const newer = { fingerprint: 'ort-1.25' };
const intact = [file('a', 'matches'), file('b', 'matches'), file('c', 'matches')];
const upgraded = change('runtime', newer);
const allFailNewer = ['a', 'b', 'c'].map((id) => replica(id, { ...fails, ...newer }));

const changedInside = { inputs: unseen, changedInputs: ['amount'], outputs: moved, files: intact };

it.each<[string, Partial<Observations>]>([
  ['the service scaled near', { changes: [change('scaling')] }],
  ['a release is near', { changes: [change('release')] }],
  ['the runtime changed near', { changes: [change('runtime')] }],
  ['outputs moved, and replicas are not known to be good', { ...nothingKnown, outputs: moved }],
  ['a golden replay failed once', { golden: [replica('a', { ...fails, replays: 1 }), replica('b')] }],
])('row 17 abstains where %s', (_, more) => {
  expect(see({ traffic: skewed, ...more }).verdict).toBe('abstains');
});

it.each<[string, Partial<Observations>]>([
  ['files were not looked at', { files: [] }],
  ['files of one replica were not looked at', { files: intact.slice(1) }],
  ['no input changed', { changedInputs: [] }],
  ['too few rows compare replicas', { replicas: { ...none, rows: 100 } }],
  ['a golden replay is missing', { golden: [replica('a', unknown), ...others] }],
  ['the runtime changed near', { changes: [change('runtime')] }],
  ['a release is near', { changes: [change('release')] }],
  ['inputs are known to be stable', { inputs: stable }],
])('row 16 abstains where %s', (_, more) => {
  expect(see({ ...changedInside, ...more }).verdict).toBe('abstains');
});

describe('triage names', () => {
  it.each<[string, readonly Cause[], Partial<Observations>]>([
    ['row 1: one node', ['node'], { golden: oneFails }],
    [
      'row 1 with all that follows',
      ['node'],
      { golden: oneFails, replicas: named('a'), outputs: moved, quality: fell },
    ],
    [
      'row 1 while all else is unknown',
      ['node'],
      { golden: oneFails, replicas: { verdict: 'unknown' }, inputs: unseen },
    ],
    ['row 1 right after a release', ['node'], { golden: oneFails, changes: [change('release'), change('scaling')] }],
    ['row 1 with the error of that node', ['node'], { golden: oneFails, nodeEvents: [xid(48)] }],
    [
      'row 1: two replicas of one node',
      ['node'],
      { golden: [replica('a', fails), replica('a2', { ...fails, node: 'node-a' }), ...others] },
    ],
    ['row 1: two replicas differ, and one of them fails', ['node'], { golden: oneFails, replicas: named(null) }],
    ['row 2: a fault that depends on the input', ['node'], { replicas: named('b'), outputs: moved }],
    [
      'row 3: one runtime of two',
      ['runtime'],
      { golden: [replica('a', { ...fails, ...newer }), replica('b', { ...fails, ...newer }), replica('c')] },
    ],
    [
      'row 3 on one machine',
      ['runtime'],
      {
        golden: [
          replica('a', { ...fails, ...newer, node: 'local' }),
          replica('b', { ...fails, ...newer, node: 'local' }),
          replica('c', { node: 'local' }),
        ],
      },
    ],
    ['row 4: a new runtime everywhere', ['runtime'], { golden: allFailNewer, files: intact, changes: [upgraded] }],
    [
      'row 5: files that are not the pinned ones',
      ['artifact'],
      { golden: allFail, files: allFail.map(({ replicaId }) => file(replicaId, 'differs')), outputs: moved },
    ],
    ['row 5: the copy of one replica', ['artifact'], { golden: oneFails, files: [file('a', 'differs')] }],
    ['row 6: other inputs', ['data'], { inputs: moved }],
    ['row 6 with all that follows', ['data'], { inputs: moved, outputs: moved, quality: fell }],
    ['row 6 while the service scales', ['data'], { inputs: moved, changes: [change('scaling'), change('routing')] }],
    ['row 6 long after a release', ['data'], { inputs: moved, changes: [change('release', { atMs: 800_000 })] }],
    ['row 7: another truth', ['concept'], { quality: fell }],
    ['row 8: shares that nobody ordered', ['routing'], { traffic: differs, outputs: moved }],
    [
      'row 8: a change of routing',
      ['routing'],
      { traffic: { ...differs, shares: 'unknown' }, changes: [change('routing')] },
    ],
    ['row 17: one replica gets other requests', ['routing'], { traffic: skewed }],
    ['row 17 while all else is unknown', ['routing'], { ...nothingKnown, traffic: skewed }],
    ['row 17 with a change of routing', ['routing'], { traffic: skewed, changes: [change('routing')] }],
    ['row 17: a node, and other requests there', ['node', 'routing'], { golden: oneFails, traffic: skewed }],
    [
      'row 17: other inputs, and other requests of one replica',
      ['data', 'routing'],
      { inputs: moved, traffic: skewed },
    ],
    [
      'row 17: a node, other inputs and other requests',
      ['node', 'data', 'routing'],
      { golden: oneFails, inputs: moved, outputs: moved, replicas: named('a'), traffic: skewed },
    ],
    ['row 9: a node and other inputs', ['node', 'data'], { golden: oneFails, inputs: moved }],
    ['row 9 by the random share', ['node', 'data'], { replicas: named('a'), inputs: moved }],
    ['row 16: inputs that changed, with distances that stay small', ['data'], changedInside],
    ['row 16 with quality that fell', ['data'], { ...changedInside, quality: fell }],
    ['a node that reports what harms no values', ['data'], { inputs: moved, nodeEvents: [xid(94), xid(31)] }],
    ['a node that was replayed since its error', ['data'], { inputs: moved, nodeEvents: [xid(48, { atMs: 900_000 })] }],
  ])('%s', (_, causes, more) => {
    expect(causesOf(see(more))).toEqual(causes);
  });

  it.each<[string, string | undefined, string | undefined, Partial<Observations>]>([
    ['nothing', undefined, undefined, { golden: oneFails }],
    [
      'the truth under a node',
      'quality fell with it; whether the truth moved too is not known',
      'labels of answers from after the node is mended',
      { golden: oneFails, quality: fell },
    ],
    [
      'the truth under other inputs',
      'quality fell with it; whether the truth moved too is not known',
      'labels of requests whose inputs are as evaluated',
      { inputs: moved, quality: fell },
    ],
    [
      'wrong labels under a truth that moved',
      'labels that are wrong would look the same',
      'labels that a person gives for 30 requests: they contradict the answers too, or the other labels are wrong',
      { quality: fell },
    ],
    [
      'inputs that changed under a node',
      'inputs changed, by a distance that is not known: amount',
      'the distance of the inputs to their reference',
      { golden: oneFails, inputs: unseen, changedInputs: ['amount'] },
    ],
    ['no inputs that are as evaluated', undefined, undefined, { golden: oneFails, changedInputs: ['amount'] }],
  ])('and what it may hide: %s', (_, why, decides, more) => {
    const answer = see(more);
    const besides = answer.verdict === 'named' ? answer.besides : null;
    expect([besides?.why, besides?.decides[0]?.observation]).toEqual([why, decides]);
  });

  it('the replica, the evidence and a command', () => {
    expect(see({ golden: oneFails, replicas: named('a') })).toEqual({
      verdict: 'named',
      signs: ['golden-fails', 'replicas-differ'],
      causes: [
        {
          cause: 'node',
          replicas: ['a'],
          evidence: [
            'golden replays fail: a on node node-a',
            'golden replays pass with the same release, runtime and device class: b on node node-b, c on node node-c',
            'the random share names a on node node-a over 700 rows',
          ],
          remedy: {
            what: 'take it out of traffic and look at its devices',
            command: 'plimsoll drift isolate a --reason TEXT',
          },
        },
      ],
    });
  });
});

describe('triage abstains', () => {
  it.each<[string, RegExp, Partial<Observations>]>([
    ['row 10: the random share names another', /of b, a/, { golden: oneFails, replicas: named('b') }],
    ['row 11: files not looked at', /digests/, { golden: allFailNewer, changes: [upgraded] }],
    ['row 11: no change of runtime', /last passed/, { golden: allFail, files: intact }],
    [
      'row 11: the runtime came with a release',
      /after this change/,
      { golden: allFailNewer, files: intact, changes: [upgraded, change('release')] },
    ],
    ['row 11: one replica is all there is', /another node/, { golden: [replica('a', fails)] }],
    [
      'row 12: the only one with its runtime',
      /another node/,
      { golden: [replica('a', { ...fails, ...newer }), ...others] },
    ],
    [
      'row 12: one node, one runtime',
      /another node/,
      {
        golden: ['a', 'a2'].map((id) => replica(id, { ...fails, ...newer, node: 'node-a' })).concat(others),
      },
    ],
    [
      'row 12: another device class',
      /another runtime/,
      { golden: ['a', 'b'].map((id) => replica(id, { ...fails, ...newer, deviceClass: 'l4' })).concat(replica('c')) },
    ],
    [
      'row 12: two nodes, the runtime of which passes elsewhere',
      /golden/,
      { golden: [...allFail.slice(1), replica('d')] },
    ],
    ['row 13: only the outputs moved', /replayed over two/, { outputs: moved }],
    ['row 14: failed once', /golden/, { golden: [replica('a', { verdict: 'fail', replays: 1 }), ...others] }],
    ['row 14: told of twice', /golden/, { golden: [...oneFails, replica('a')] }],
    ['row 14: a peer is unknown', /of c/, { golden: [replica('a', fails), replica('b'), replica('c', unknown)] }],
    [
      'row 14: other inputs, a replica unknown',
      /of b/,
      { inputs: moved, golden: [replica('a'), replica('b', unknown)] },
    ],
    ['row 14: other inputs, no golden set', /golden/, { inputs: moved, golden: [] }],
    ['row 14: quality fell, inputs unknown', /inputs/, { quality: fell, inputs: unseen }],
    ['row 14: quality fell, outputs unknown', /outputs/, { quality: fell, outputs: unseen }],
    ['row 14: quality fell, too few rows', /random share/, { quality: fell, replicas: { ...none, rows: 100 } }],
    ['row 14: quality fell, one replica', /random share/, { quality: fell, replicas: { verdict: 'one-arm' } }],
    ['row 15: releases differ', /judgement/, { releases: named('4'), inputs: moved }],
    ['quality fell after scaling', /after this change/, { quality: fell, changes: [change('scaling')] }],
    ['other inputs at a release', /after this change/, { inputs: moved, changes: [change('release')] }],
    ['a change at no time', /after this change/, { inputs: moved, changes: [change('release', { atMs: NaN })] }],
    ['a replica named while others come', /after this change/, { replicas: named('a'), changes: [change('scaling')] }],
    [
      'a replica named that has no peer',
      /random share/,
      { replicas: named('a'), golden: [replica('a'), replica('b', newer)] },
    ],
    ['a replica named that nobody replayed', /of z/, { replicas: named('z') }],
    ['which of two is not told', /random share/, { replicas: named(null) }],
    ['a file that differs where golden replays pass', /golden/, { files: [file('a', 'differs')] }],
    ['an error of hardware alone', /of a/, { nodeEvents: [xid(79)] }],
    ['an XID that nobody knows', /of a/, { nodeEvents: [xid(999)] }],
    ['a node, and an error of another node', /golden/, { golden: oneFails, nodeEvents: [xid(48, { node: 'node-b' })] }],
    [
      'a node, and other inputs at a release',
      /this change/,
      { golden: oneFails, inputs: moved, changes: [change('release')] },
    ],
    ['skew under other inputs', /inputs/, { traffic: differs, inputs: moved }],
    ['ordinary traffic alone', /shares/, { traffic: { ...differs, shares: 'as-ordered' } }],
    ['nothing off, the rest unknown', /inputs/, { inputs: unseen }],
  ])('%s', (_, decides, more) => {
    const answer = see(more);
    expect(answer).toMatchObject({ verdict: 'abstains' });
    expect(
      answer.verdict === 'abstains' ? answer.decides.map(({ observation }) => observation).join('; ') : '',
    ).toMatch(decides);
  });

  it('never where everything was seen and is good', () => {
    expect(triage(good)).toEqual({ verdict: 'nothing', signs: [] });
  });
});

const ids = ['a', 'b', 'c', 'd'];
const oneOf = <const T>(...values: readonly T[]) => fc.constantFrom(...values);
const control = fc.oneof(
  fc.record({ verdict: oneOf('named'), arm: oneOf(null, ...ids), rows: oneOf(50, 700) }),
  fc.record({ verdict: oneOf('none'), rows: oneOf(100, 5_000), neededRows: oneOf(2_000) }),
  fc.record({ verdict: oneOf('one-arm', 'unknown') }),
);
const drift = fc.record({ verdict: oneOf('moved', 'stable', 'unknown'), features: oneOf(['amount'], ['b', 'a'], []) });
const goldenOf = (replicaFacts: fc.Arbitrary<ReplicaGolden>) =>
  fc.uniqueArray(replicaFacts, { selector: ({ replicaId }) => replicaId, minLength: 1, maxLength: 4 });
const anyFleet: fc.Arbitrary<ReplicaGolden> = fc.record({
  replicaId: oneOf(...ids),
  release: oneOf(3, 3, 3, 3, 3, 4),
  node: oneOf('n1', 'n2', 'n3', null),
  deviceClass: oneOf('h100', 'h100', 'h100', 'l4', null),
  fingerprint: oneOf('r1', 'r1', 'r1', 'r2', 'r2', null),
  verdict: oneOf('pass', 'pass', 'pass', 'fail', 'fail', 'fail', 'unknown'),
  replays: oneOf(1, 2, 3, 4),
  atMs: oneOf(900_000, 1_200_000),
});
/** Of one release on one class of devices, all of it known. */
const oneFleet: fc.Arbitrary<ReplicaGolden> = fc.record({
  replicaId: oneOf(...ids),
  release: oneOf(3),
  node: oneOf('n1', 'n2', 'n3'),
  deviceClass: oneOf('h100'),
  fingerprint: oneOf('r1', 'r2'),
  verdict: oneOf('pass', 'fail'),
  replays: oneOf(2, 3),
  atMs: oneOf(1_200_000),
});
const observations: fc.Arbitrary<Observations> = fc.record({
  onset: oneOf({ fromMs: 1_000_000, toMs: 1_060_000 }),
  golden: fc.oneof(goldenOf(anyFleet), goldenOf(oneFleet)),
  replicas: fc.oneof({ arbitrary: fc.constant(none), weight: 2 }, { arbitrary: control, weight: 1 }),
  releases: fc.oneof(
    { arbitrary: fc.constant({ verdict: 'one-arm' } as const), weight: 3 },
    { arbitrary: control, weight: 1 },
  ),
  inputs: drift,
  outputs: drift,
  quality: fc.record({ verdict: oneOf('fell', 'held', 'unknown') }),
  traffic: fc.record({
    verdict: oneOf('unknown', 'unknown', 'alike', 'differs'),
    arm: oneOf(null, ...ids),
    shares: oneOf('as-ordered', 'skewed', 'unknown'),
  }),
  files: fc.array(fc.record({ replicaId: oneOf(...ids), verdict: oneOf('matches', 'matches', 'differs', 'unknown') }), {
    maxLength: 4,
  }),
  nodeEvents: fc.array(
    fc.record({
      node: oneOf('n1', 'n2'),
      atMs: oneOf(950_000),
      kind: oneOf('xid', 'throttle'),
      code: oneOf(48, 31, null),
    }),
    { maxLength: 1 },
  ),
  changes: fc.array(
    fc.record({
      kind: oneOf('release', 'rollback', 'rollout-step', 'scaling', 'routing', 'runtime', 'runtime'),
      atMs: oneOf(100_000, 1_030_000),
      what: oneOf('a change', 'another'),
      fingerprint: oneOf('r1', 'r2'),
    }),
    { maxLength: 2 },
  ),
});

/** What no observation may say where a cause is named, written without the code that names. */
const forbidden: Readonly<Record<Cause, (seen: Observations, replicas: readonly string[]) => boolean>> = {
  node: (seen, replicas) =>
    replicas.some((id) => !seen.golden.some(({ replicaId }) => replicaId === id)) ||
    (seen.replicas.verdict === 'named' && seen.replicas.arm !== null && !replicas.includes(seen.replicas.arm)) ||
    seen.golden.some(({ replicaId, verdict }) => verdict === 'fail' && !replicas.includes(replicaId)) ||
    seen.golden.some(({ verdict }) => verdict === 'unknown') ||
    (seen.replicas.verdict !== 'named' &&
      seen.golden.some((one) => replicas.includes(one.replicaId) && one.verdict !== 'fail')) ||
    !seen.golden.some(({ replicaId, verdict }) => verdict === 'pass' && !replicas.includes(replicaId)) ||
    seen.files.some(({ replicaId, verdict }) => verdict === 'differs' && replicas.includes(replicaId)),
  runtime: (seen, replicas) => {
    const at = seen.golden.filter(({ replicaId }) => replicas.includes(replicaId));
    return (
      at.length < 2 ||
      at.some(({ verdict, replays }) => verdict !== 'fail' || replays < 2) ||
      seen.golden.some(({ verdict, fingerprint }) => verdict === 'pass' && fingerprint === at[0]?.fingerprint) ||
      seen.files.some(({ verdict }) => verdict === 'differs')
    );
  },
  artifact: (seen, replicas) =>
    replicas.length === 0 ||
    replicas.some((id) => !seen.files.some(({ replicaId, verdict }) => replicaId === id && verdict === 'differs')) ||
    replicas.some((id) => !seen.golden.some(({ replicaId, verdict }) => replicaId === id && verdict === 'fail')),
  data: (seen) =>
    seen.inputs.verdict !== 'moved' ||
    seen.golden.length === 0 ||
    seen.golden.some(({ verdict }) => verdict === 'unknown') ||
    seen.changes.some(({ kind, atMs }) => atMs > 900_000 && ['release', 'rollback', 'rollout-step'].includes(kind)),
  concept: (seen) =>
    seen.quality.verdict !== 'fell' ||
    seen.inputs.verdict !== 'stable' ||
    seen.outputs.verdict !== 'stable' ||
    seen.golden.length === 0 ||
    seen.golden.some(({ verdict }) => verdict !== 'pass') ||
    seen.replicas.verdict !== 'none' ||
    seen.changes.some(({ atMs }) => atMs > 900_000),
  routing: (seen) =>
    seen.traffic.verdict !== 'differs' ||
    seen.inputs.verdict !== 'stable' ||
    seen.golden.length === 0 ||
    seen.golden.some(({ verdict }) => verdict !== 'pass') ||
    seen.replicas.verdict !== 'none',
};

const runs = { numRuns: 10_000, seed: 12 };

describe('over random observations, triage', () => {
  it('never names a cause that an observation contradicts, and names every cause', () => {
    const seenCauses = new Set<Cause>();
    fc.assert(
      fc.property(observations, (seen) => {
        const answer = triage(seen);
        for (const cause of causesOf(answer)) seenCauses.add(cause);
        if (answer.verdict === 'abstains') expect(answer.decides.length).toBeGreaterThan(0);
        if (answer.verdict !== 'named') return;
        for (const { cause, replicas } of answer.causes) expect(forbidden[cause](seen, replicas)).toBe(false);
        expect([1, 2]).toContain(answer.causes.length);
        expect(new Set(causesOf(answer)).size).toBe(answer.causes.length);
      }),
      runs,
    );
    expect([...seenCauses].sort()).toEqual(['artifact', 'concept', 'data', 'node', 'routing', 'runtime']);
  });

  it('never names routing for two samples of one replica that do not differ, and names nothing else by them', () => {
    fc.assert(
      fc.property(observations, oneOf('differs', 'alike', 'unknown'), (seen, verdict) => {
        const shares = verdict === 'differs' ? 'skewed' : 'unknown';
        const traffic = { verdict, arm: 'a', shares, features: ['amount'] } as const;
        const answer = triage({ ...seen, traffic });
        const without = causesOf(triage({ ...seen, traffic: { verdict: 'unknown', arm: null, shares: 'unknown' } }));
        const rest = causesOf(answer).filter((cause) => cause !== 'routing');
        if (verdict !== 'differs') expect(causesOf(answer)).toEqual(without);
        for (const cause of rest) expect(without).toContain(cause);
        for (const { cause, replicas } of answer.verdict === 'named' ? answer.causes : []) {
          if (cause !== 'routing') expect(forbidden[cause](seen, replicas)).toBe(false);
        }
      }),
      { numRuns: 5_000, seed: 12 },
    );
  });

  it('answers the same whatever the order of the lists', () => {
    fc.assert(
      fc.property(observations, fc.infiniteStream(fc.nat(1_000)), (seen, numbers) => {
        const shuffle = <T>(list: readonly T[]): readonly T[] =>
          list
            .map((each) => [Number(numbers.next().value), each] as const)
            .sort(([a], [b]) => a - b)
            .map(([, each]) => each);
        const shuffled = {
          ...seen,
          golden: shuffle(seen.golden),
          files: shuffle(seen.files),
          nodeEvents: shuffle(seen.nodeEvents),
          changes: shuffle(seen.changes),
        };
        expect(triage(shuffled)).toEqual(triage(seen));
      }),
      { numRuns: 5_000, seed: 12 },
    );
  });

  it('names nothing more once a good observation becomes unknown', () => {
    fc.assert(
      fc.property(observations, fc.nat(7), (seen, which) => {
        const before = causesOf(triage(seen));
        for (const cause of causesOf(triage(forget(seen, which)))) expect(before).toContain(cause);
      }),
      runs,
    );
  });
});

/** The observations with one kind of good news as if nobody had looked. */
function forget(seen: Observations, which: number): Observations {
  const one = which % ids.length;
  switch (which) {
    case 4:
      return seen.inputs.verdict === 'stable' ? { ...seen, inputs: unseen } : seen;
    case 5:
      return seen.outputs.verdict === 'stable' ? { ...seen, outputs: unseen } : seen;
    case 6:
      return seen.replicas.verdict === 'none' ? { ...seen, replicas: { verdict: 'unknown' } } : seen;
    case 7:
      return { ...seen, files: seen.files.filter(({ verdict }) => verdict !== 'matches') };
    default:
      return {
        ...seen,
        golden: seen.golden.map((each) =>
          each.replicaId === ids[one] && each.verdict === 'pass' ? { ...each, ...unknown } : each,
        ),
      };
  }
}
