import { describe, expect, it } from 'vitest';
import { buildEvidence, buildLock, buildLockedEnvironment, digest } from '../../testing/builders/evidence-builders.ts';
import { loadContract, minimalContract, wholeContract } from '../../testing/builders/contract-texts.ts';
import type { Contract } from '../contract/contract.ts';
import { codeDigest } from '../contract/code-digest.ts';
import { shortDigest } from '../units/digest.ts';
import { asksFor } from './asked-for.ts';
import type { FeatureSources, FeatureView } from './features/feature-view.ts';
import { invalidatedByWatch } from './freshness.ts';
import { judgeGolden } from './kinds/golden/golden-evidence.ts';
import { lockMismatches, mismatchText } from './lock/lock-step.ts';
import { evidenceKinds } from './kinds/table.ts';
import type { EvidenceState, LockedEnvironment } from './lock/lock.ts';
import { pinDifferences } from './lock/pin-differences.ts';
import { dataNames, presentSubjects } from './present-subjects.ts';
import { digestOfSet } from './subjects.ts';
import { withWatchedEvidence } from './watched-evidence.ts';

const load = (lines: string): Contract => loadContract(`${minimalContract}${lines}\n`).contract;

describe('what a contract asks for', () => {
  const asked = (contract: Contract) => evidenceKinds.filter((kind) => asksFor(contract, kind));
  it.each([
    ['', ['golden']],
    ['hardware: { accelerator: cpu }', ['hardware', 'golden']],
    ['scaling: { replicas: { min: 2, max: 2 } }', ['golden']],
    ['scaling: { replicas: { min: 1, max: 2 } }', ['golden', 'capacity', 'scaling']],
    ['scaling: { toZero: when-proven }\ncoldStart: { p90: 1s }', ['golden', 'cold-start', 'capacity', 'scaling']],
    ['rollout: { keepPrevious: 2h }', ['golden']],
    ['rollout: { steps: [100%] }', ['golden', 'rollback']],
    ['objective: { availability: 99% }', ['golden']],
    ['cost: { prices: p.yaml }', ['golden', 'cost']],
  ])('%s', (lines, kinds) => expect(asked(load(lines))).toEqual(kinds));

  it('is everything for a whole contract, and nothing for keys that are not written', () => {
    expect(asked(loadContract(wholeContract).contract)).toEqual([...evidenceKinds]);
    const bare = minimalContract.replace('monitoring: { golden: digits-golden }', 'monitoring: { reference: x }');
    expect(asked(loadContract(bare).contract)).toEqual([]);
  });
});

describe('golden evidence', () => {
  const goldenBlob = digest('blob');
  it.each([
    [{ goldenBlob, cases: 3, reproducedCases: 3 }, 'pass'],
    [{ goldenBlob, cases: 3, reproducedCases: 2 }, 'fail'],
    [{ goldenBlob, cases: 0, reproducedCases: 0 }, 'fail'],
    [{ goldenBlob, cases: 3, reproducedCases: 4 }, 'unknown'],
    [{ goldenBlob, cases: -1, reproducedCases: -1 }, 'unknown'],
    [{ goldenBlob, cases: '3', reproducedCases: '3' }, 'unknown'],
    [{ goldenBlob, cases: 1e308, reproducedCases: 1e308 }, 'unknown'],
    [{ goldenBlob: 'blob', cases: 3, reproducedCases: 3 }, 'unknown'],
    [{}, 'unknown'],
  ])('%j is %s', (measurements, verdict) => expect(judgeGolden(measurements).verdict).toBe(verdict));
});

describe('the digest of the code', () => {
  const { code } = load('');
  const files = { 'server.py': digest('server') };
  it('moves with everything that runs', () => {
    const digests = [
      codeDigest(code, {}),
      codeDigest(code, files),
      codeDigest(code, { 'other.py': digest('server') }),
      codeDigest({ ...code, command: ['plimsoll', 'serve'] }, {}),
      codeDigest({ ...code, args: ['x'] }, {}),
      codeDigest({ ...code, env: { A: 'b' } }, {}),
      codeDigest({ ...code, secrets: { A: 'secret/x' } }, {}),
      codeDigest({ ...code, protocol: 'openai' }, {}),
    ];
    expect(new Set(digests).size).toBe(digests.length);
  });
  it('does not move with how the files are named in the contract, nor with the order of variables', () => {
    expect(codeDigest({ ...code, files: ['.'] }, files)).toBe(codeDigest({ ...code, files: ['server.py'] }, files));
    expect(codeDigest({ ...code, env: { A: '1', B: '2' } }, {})).toBe(
      codeDigest({ ...code, env: { B: '2', A: '1' } }, {}),
    );
  });
});

describe('present subjects', () => {
  const loaded = loadContract(minimalContract);
  it('take model, data, runtime and device classes from the lock, and the code as it is', () => {
    const locked = buildLockedEnvironment();
    const present = presentSubjects({
      loaded,
      locked,
      codeDigest: digest('edited'),
      pricesDigest: null,
      deviceClasses: null,
      ruleTables: null,
    });
    expect(present).toMatchObject({
      code: digest('edited'),
      model: digest('model'),
      'golden-set': digest('golden data'),
      'device-classes': digestOfSet([digest('cpu')]),
      'contract.monitoring': loaded.sectionDigests['monitoring'],
    });
    expect(present['dataset']).toBeUndefined();
  });
  it('without a lock are those of the contract alone', () => {
    const present = presentSubjects({
      loaded,
      locked: null,
      codeDigest: null,
      pricesDigest: null,
      deviceClasses: null,
      ruleTables: null,
    });
    expect(Object.keys(present).every((subject) => subject.startsWith('contract.'))).toBe(true);
  });
  it('see a set of device classes whatever its order', () => {
    expect(digestOfSet([digest('a'), digest('b')])).toBe(digestOfSet([digest('b'), digest('a'), digest('b')]));
    expect(digestOfSet([digest('a')])).not.toBe(digestOfSet([digest('b')]));
  });
});

describe('a lock in step', () => {
  const loaded = loadContract(minimalContract);
  const mismatches = (locked = buildLockedEnvironment(), now = digest('code'), contract = loaded.contract) =>
    lockMismatches({
      contract,
      environment: 'default',
      lock: buildLock({ default: locked }),
      codeDigest: now,
      dataNames: dataNames({ ...loaded, contract }),
    }).map(({ subject, from, to }) => [subject, from, to]);

  it('says what contract and files say', () => expect(mismatches()).toEqual([]));
  it('is out of step with edited code', () => {
    expect(mismatches(undefined, digest('edited'))[0]?.[0]).toBe('code');
  });
  it('is out of step with another model, alias or number', () => {
    const stable = { ...loaded.contract, model: { name: 'digits', version: 'stable' } };
    const numbered = { ...loaded.contract, model: { name: 'digits', version: '2' } };
    expect(mismatches(undefined, undefined, stable)).toEqual([['model', 'digits:candidate', 'digits:stable']]);
    expect(mismatches(undefined, undefined, numbered)).toEqual([['model', 'digits:candidate', 'digits:2']]);
  });
  it('is out of step when data is named that it does not pin, or no longer', () => {
    const locked = buildLockedEnvironment();
    const old = { version: 1, digest: digest('x') };
    expect(mismatches({ ...locked, data: {} })).toEqual([['data', 'not pinned', 'digits-golden']]);
    expect(mismatches({ ...locked, data: { ...locked.data, old } })).toEqual([['data', 'old', 'not in the contract']]);
  });
  it('is out of step with files and feature views that compute features, and names what moved', () => {
    const list = '[{ path: sql }, { feast: { registry: r.db, featureViews: [stats] } }]';
    const { contract } = loadContract(`${minimalContract}features: ${list}\n`);
    const view: FeatureView = {
      ...{ kind: 'batch', entities: {}, sources: {}, ttlSeconds: 0, rest: digest('rest') },
      features: { rate: 'FLOAT' },
    };
    const said = (locked: Partial<LockedEnvironment>, features: Partial<FeatureSources>) =>
      lockMismatches({
        ...{ contract, environment: 'default', codeDigest: digest('code'), features },
        lock: buildLock({ default: buildLockedEnvironment(locked) }),
        dataNames: dataNames({ ...loaded, contract }),
      }).map(mismatchText);
    const pinned = { features: { 'sql/a.sql': digest('a') }, featureViews: { 'rides/stats': view } };
    const files = { 'sql/a.sql': digest('a') };
    expect(said(pinned, { files, views: pinned.featureViews })).toEqual([]);
    expect(said({}, { files })).toEqual([
      `features: file sql/a.sql added (${shortDigest(digest('a'))})`,
      'feature view stats: not pinned -> in the contract',
    ]);
    const changed = { files: {}, views: { 'rides/stats': { ...view, features: { rate: 'DOUBLE' } } } };
    expect(said(pinned, changed)).toEqual([
      'features: file sql/a.sql removed',
      'feature view stats: feature rate FLOAT -> DOUBLE',
    ]);
    // Without a look at the registry, as in a control plane: what the lock pins is what counts.
    expect(said(pinned, { files })).toEqual([]);
  });
  it('is out of step when it is of another service or has no such environment', () => {
    const lock = buildLock({});
    const facts = { contract: loaded.contract, environment: 'default', codeDigest: null, dataNames: [] };
    expect(lockMismatches({ ...facts, lock })).toMatchObject([{ subject: 'environment' }]);
    expect(lockMismatches({ ...facts, lock: { ...lock, service: 'letters' } })).toMatchObject([{ subject: 'service' }]);
  });
});

describe('what a new pin changes', () => {
  const locked = buildLockedEnvironment({ code: { digest: digest('code'), files: { 'a.py': digest('a') } } });
  it('is nothing for the same facts, whatever the evidence', () => {
    expect(pinDifferences(locked, { ...locked, evidence: { golden: buildEvidence('golden', {}) } })).toEqual([]);
  });
  it('names each fact, from what to what', () => {
    const moved = {
      ...locked,
      code: { digest: digest('code 2'), files: { 'b.py': digest('b') } },
      runtime: { onnxruntime: '1.31.0' },
    };
    expect(pinDifferences(locked, moved).map(({ subject }) => subject)).toEqual([
      'code',
      'code a.py',
      'runtime onnxruntime',
      'code b.py',
    ]);
    expect(pinDifferences(locked, moved)[2]).toEqual({ subject: 'runtime onnxruntime', from: '1.30.0', to: '1.31.0' });
  });
  it('is everything where nothing was pinned', () => {
    expect(pinDifferences(undefined, locked).every(({ from }) => from === 'not pinned')).toBe(true);
  });
});

describe('what a watch adds', () => {
  const here: EvidenceState = { kind: 'golden', freshness: 'fresh', verdict: 'pass', reasons: ['ok'], available: true };
  it('are its invalidations, with its remedy', () => {
    const seen = {
      ...here,
      freshness: 'stale',
      verdict: 'unknown',
      reasons: ['invalidated by the watch: drift'],
      renew: 'plimsoll drift',
    } as const;
    expect(withWatchedEvidence([here], [seen])).toEqual([{ ...seen, available: true }]);
  });
  it('is not that the service over there runs something else', () => {
    const seen = { ...here, freshness: 'stale', verdict: 'unknown', reasons: ['model moved: a -> b'] } as const;
    expect(withWatchedEvidence([here], [seen])).toEqual([here]);
  });
  it('are its waivers', () => {
    const waiver = { kind: 'golden', reason: 'r', untilMs: 9, by: 'ann', atMs: 1 } as const;
    expect(withWatchedEvidence([here], [{ ...here, waiver }])[0]?.waiver).toEqual(waiver);
    const failing = { ...here, verdict: 'fail', waiver } as const;
    const ofFailure = { ...waiver, failing: true } as const;
    const seen = { ...here, waiver: ofFailure };
    expect(withWatchedEvidence([failing], [seen])[0]).toEqual({ ...failing, waiver: ofFailure });
    const invalidated = { ...seen, freshness: 'stale', reasons: [`${invalidatedByWatch}a node changed`] } as const;
    expect(withWatchedEvidence([failing], [invalidated])[0]).toMatchObject({ freshness: 'stale', waiver });
  });
});
