import { describe, expect, it } from 'vitest';
import { buildEvidence, digest } from '../../testing/builders/evidence-builders.ts';
import { loadContract, minimalContract, wholeContract } from '../../testing/builders/contract-texts.ts';
import { kindTable } from './kinds/table.ts';
import { countsAsPassing, evidenceTable, type EvidenceFacts } from './evidence-table.ts';
import type { Evidence, EvidenceKind, EvidenceState } from './lock/lock.ts';

const present = {
  'golden-set': digest('golden set'),
  code: digest('code'),
  model: digest('model'),
  runtime: digest('runtime'),
  'device-classes': digest('cpu'),
};
const { contract } = loadContract(minimalContract);
const golden = (changes: Partial<Evidence> = {}): Evidence => buildEvidence('golden', present, changes);

function rowOf(kind: EvidenceKind, changes: Partial<EvidenceFacts> = {}): EvidenceState {
  const facts = {
    contract,
    environment: 'default',
    evidence: { golden: golden() },
    present,
    waivers: [],
    invalidations: [],
  };
  const row = evidenceTable({ ...facts, nowMs: 2_000_000, ...changes }).find((state) => state.kind === kind);
  if (row === undefined) throw new Error(`no row for ${kind}`);
  return row;
}

describe('a row of the evidence table', () => {
  it('that is fresh and passes needs no command', () => {
    const row = rowOf('golden');
    expect(row).toMatchObject({
      kind: 'golden',
      freshness: 'fresh',
      verdict: 'pass',
      reasons: ['3 of 3 cases reproduced'],
      available: true,
      measuredAtMs: 1_000_000,
    });
    expect(row).not.toHaveProperty('renew');
    expect(countsAsPassing(row)).toBe(true);
  });

  it('shows the code of golden evidence that a version before recorded without that subject', () => {
    const { code, ...subjects } = present;
    const recorded = golden();
    const earlier = { ...recorded, subjects, measurements: { ...recorded.measurements, code } };
    const row = rowOf('golden', { evidence: { golden: earlier } });
    expect(row.freshness).toBe('fresh');
    expect(row.subjects).toContainEqual({ subject: 'code', knownBy: 'bundle', measured: code, present: code });
  });

  it('that is missing names the command that proves it', () => {
    const row = rowOf('golden', { evidence: {} });
    expect(row).toMatchObject({ freshness: 'missing', verdict: 'unknown', renew: 'plimsoll golden record' });
    expect(countsAsPassing(row)).toBe(false);
  });

  it('that is stale has no verdict, whatever was measured once', () => {
    const row = rowOf('golden', { present: { ...present, model: digest('new') } });
    expect(row).toMatchObject({ freshness: 'stale', verdict: 'unknown', renew: 'plimsoll golden record' });
    expect(row.reasons[0]).toMatch(/^model moved: [0-9a-f]{12} -> [0-9a-f]{12}$/);
    expect(countsAsPassing(row)).toBe(false);
  });

  it('names the environment in its command where the contract has several', () => {
    const several = {
      ...contract,
      environments: { a: { platform: 'local', selector: {} }, b: { platform: 'local', selector: {} } },
    } as const;
    expect(rowOf('golden', { contract: several, environment: 'b', evidence: {} }).renew).toBe(
      'plimsoll golden record --environment b',
    );
  });

  it('takes its verdict from the measurements, not from anything that the lock claims', () => {
    const claims = { verdict: 'pass', cases: 3, reproducedCases: 2, goldenBlob: digest('blob') };
    expect(rowOf('golden', { evidence: { golden: golden({ measurements: claims }) } })).toMatchObject({
      freshness: 'fresh',
      verdict: 'fail',
      renew: 'plimsoll golden record',
    });
    expect(rowOf('golden', { evidence: { golden: golden({ measurements: {} }) } }).verdict).toBe('unknown');
  });

  it('says of each subject who knows it, what was measured and what is there now', () => {
    const { runtime: _, ...others } = present;
    const moved = rowOf('golden', {
      present: { ...others, model: digest('new') },
      unknown: { runtime: 'no replica reports' },
      later: ['runtime', 'device-classes', 'ledger'],
    });
    expect(moved.subjects).toEqual([
      { subject: 'golden-set', knownBy: 'claimed', measured: digest('golden set'), present: digest('golden set') },
      { subject: 'code', knownBy: 'bundle', measured: digest('code'), present: digest('code') },
      { subject: 'model', knownBy: 'bundle', measured: digest('model'), present: digest('new') },
      {
        subject: 'runtime',
        knownBy: 'nodes',
        measured: digest('runtime'),
        present: null,
        unknown: 'no replica reports',
      },
      { subject: 'device-classes', knownBy: 'nodes', measured: digest('cpu'), present: digest('cpu') },
    ]);
    expect(moved.judgedOnRelease).toEqual(['runtime', 'device-classes']);
    expect(rowOf('golden')).not.toHaveProperty('judgedOnRelease');
    expect(rowOf('golden', { evidence: {} })).not.toHaveProperty('subjects');
  });

  it('is unknown, and counts as passing for nobody, where a subject cannot be known', () => {
    const { runtime: _, ...others } = present;
    const row = rowOf('golden', { present: others, unknown: { runtime: 'no replica reports' } });
    expect(row).toMatchObject({
      freshness: 'unknown',
      verdict: 'unknown',
      reasons: ['the present runtime is not known: no replica reports'],
      renew: 'plimsoll golden record',
    });
    expect(countsAsPassing(row)).toBe(false);
  });

  it('of a kind that nobody asks for says why', () => {
    expect(rowOf('cost')).toMatchObject({ freshness: 'not-asked', reasons: ['the contract does not write `cost`'] });
    const fixed = loadContract(`${minimalContract}scaling: { replicas: { min: 2, max: 2 } }\n`).contract;
    expect(rowOf('scaling', { contract: fixed })).toMatchObject({
      freshness: 'not-asked',
      reasons: ['the number of replicas is fixed'],
    });
    expect(countsAsPassing(rowOf('cost'))).toBe(true);
  });

  it('of a kind that cannot be measured yet reads missing, even with evidence in the lock', () => {
    const whole = loadContract(wholeContract).contract;
    const { judgedLive: _, ...unmeasured } = kindTable.cost;
    const evidence = { cost: buildEvidence('cost', present) };
    const facts = { contract: whole, environment: 'prod', evidence, present, waivers: [], invalidations: [], nowMs: 2 };
    const row = evidenceTable(facts, { ...kindTable, cost: unmeasured }).find(({ kind }) => kind === 'cost');
    expect(row).toEqual({
      kind: 'cost',
      freshness: 'missing',
      verdict: 'unknown',
      reasons: ['not yet available in this version'],
      renew: 'plimsoll release --waive cost --reason TEXT --until 7d --environment prod',
      available: false,
    });
  });

  it('of a kind that is judged live is unknown before, and holds up no release', () => {
    const row = rowOf('cost', { contract: loadContract(wholeContract).contract, environment: 'prod' });
    expect(row).toMatchObject({ freshness: 'unknown', judgedLive: true, renew: 'plimsoll up --environment prod' });
    expect(row.reasons).toEqual(['judged while the release is live']);
    expect(countsAsPassing(row)).toBe(true);
  });

  it('that is waived counts as passing until the waiver ends, and still shows what it is', () => {
    const waiver = { kind: 'golden', reason: 'trial', untilMs: 3_000_000, by: 'ann', atMs: 1 } as const;
    const row = rowOf('golden', { evidence: {}, waivers: [waiver] });
    expect(row).toMatchObject({ freshness: 'missing', verdict: 'unknown', waiver });
    expect(countsAsPassing(row)).toBe(true);
    expect(rowOf('golden', { evidence: {}, waivers: [waiver], nowMs: 3_000_000 }).waiver).toBeUndefined();
    const longer = { ...waiver, untilMs: 4_000_000 };
    expect(rowOf('golden', { evidence: {}, waivers: [waiver, longer] }).waiver).toEqual(longer);
    expect(rowOf('golden', { evidence: {}, waivers: [{ ...waiver, kind: 'cost' }] }).waiver).toBeUndefined();
  });

  it('that fails is waived only by a waiver of failures; another one is shown and does not count', () => {
    const waiver = { kind: 'golden', reason: 'trial', untilMs: 4_000_000, by: 'ann', atMs: 1 } as const;
    const ofFailure = { ...waiver, failing: true, untilMs: 3_000_000 } as const;
    const measurements = { cases: 3, reproducedCases: 2, goldenBlob: digest('blob') };
    const evidence = { golden: golden({ measurements }) };
    const uncovered = rowOf('golden', { evidence, waivers: [waiver] });
    expect(uncovered).toMatchObject({ verdict: 'fail', waiver });
    expect(countsAsPassing(uncovered)).toBe(false);
    const covered = rowOf('golden', { evidence, waivers: [waiver, ofFailure] });
    expect(covered).toMatchObject({ verdict: 'fail', waiver: ofFailure });
    expect(countsAsPassing(covered)).toBe(true);
    expect(countsAsPassing(rowOf('golden', { evidence: {}, waivers: [ofFailure] }))).toBe(false);
  });

  it('that the watch invalidated names the remedy of the watch', () => {
    const invalidation = {
      kind: 'golden',
      environment: 'default',
      reason: 'node changed',
      remedy: 'plimsoll probe',
      atMs: 1_500_000,
    } as const;
    expect(rowOf('golden', { invalidations: [invalidation] })).toMatchObject({
      freshness: 'stale',
      renew: 'plimsoll probe',
    });
  });

  it('ages by the maxAge of its own kind', () => {
    expect(rowOf('golden', { contract: { ...contract, maxAgeMs: { golden: 10 } } }).freshness).toBe('stale');
    expect(rowOf('golden', { contract: { ...contract, maxAgeMs: { evaluation: 10 } } }).freshness).toBe('fresh');
  });
});
