import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildEvidence, digest } from '../../testing/builders/evidence-builders.ts';
import { loadContract, wholeContract } from '../../testing/builders/contract-texts.ts';
import { digestOf } from '../units/digest.ts';
import { evidenceTable, freshnessTable, type EvidenceFacts } from './evidence-table.ts';
import { evidenceKinds } from './kinds/table.ts';
import type { Evidence, EvidenceKind } from './lock/lock.ts';
import { evidenceSubject, type SubjectDigests } from './subjects.ts';

/**
 * DESIGN.md's table of evidence once more, written by hand from its "subjects" column and not from the code: which kinds
 * a moved subject makes stale, directly or through another kind.
 */
const expectedStale: Readonly<Record<string, readonly EvidenceKind[]>> = {
  'contract.hardware': ['hardware'],
  'contract.objective': ['scaling'],
  code: ['hardware', 'golden', 'evaluation', 'cold-start', 'capacity', 'scaling'],
  model: ['hardware', 'golden', 'evaluation', 'cold-start', 'capacity', 'scaling'],
  'device-classes': ['hardware', 'golden', 'evaluation', 'cold-start', 'capacity', 'scaling'],
  'rule-tables': ['hardware'],
  'golden-set': ['golden', 'monitoring'],
  runtime: ['golden', 'evaluation'],
  dataset: ['evaluation'],
  tier: ['cold-start', 'scaling'],
  arrivals: ['scaling'],
  prices: ['scaling'],
  reference: ['monitoring'],
  capture: ['monitoring'],
  ledger: ['cost'],
  // Another previous version is no reason; that it is gone is, and has its own test below.
  'previous-model': [],
  // Sections whose change is judged anew by the verdict, and that are no subject of anything.
  'contract.evaluation': [],
  'contract.monitoring': [],
  'contract.coldStart': [],
  'contract.owner': [],
};
const subjects = Object.keys(expectedStale);

/** Everything measured just now: cold-start and capacity first, because scaling is bound to their digests. */
function measureAll(present: SubjectDigests, atMs: number): Record<EvidenceKind, Evidence> {
  const measured: Partial<Record<EvidenceKind, Evidence>> = {};
  for (const kind of ['cold-start', 'capacity', ...evidenceKinds] as const) {
    measured[kind] ??= buildEvidence(kind, withEvidence(present, measured), { measuredAtMs: atMs });
  }
  return measured as Record<EvidenceKind, Evidence>;
}

function withEvidence(present: SubjectDigests, evidence: Partial<Record<EvidenceKind, Evidence>>): SubjectDigests {
  const digests = Object.entries(evidence).map(([kind, one]) => [evidenceSubject(kind as EvidenceKind), digestOf(one)]);
  return { ...present, ...Object.fromEntries(digests) } as SubjectDigests;
}

const nowMs = 5_000_000;
const contract = {
  ...loadContract(wholeContract).contract,
  rollout: { steps: [0.5, 1], keepPreviousMs: 1 },
};

function factsOf(present: SubjectDigests, evidence: Partial<Record<EvidenceKind, Evidence>>): EvidenceFacts {
  return {
    contract,
    environment: 'prod',
    evidence,
    present: withEvidence(present, evidence),
    waivers: [],
    invalidations: [],
    nowMs,
  };
}

const staleKinds = (facts: EvidenceFacts): readonly EvidenceKind[] =>
  [...freshnessTable(facts)].flatMap(([kind, answer]) => (answer?.freshness === 'stale' ? [kind] : []));

const presentDigests = fc
  .array(fc.string(), { minLength: subjects.length, maxLength: subjects.length })
  .map((words) =>
    Object.fromEntries(subjects.map((subject, index) => [subject, digest(`${subject} ${words[index]}`)])),
  );

describe('the evidence table', () => {
  it('is fresh throughout right after measuring', () => {
    fc.assert(
      fc.property(presentDigests, (present) => {
        expect(staleKinds(factsOf(present, measureAll(present, nowMs)))).toEqual([]);
      }),
    );
  });

  it.each(subjects)('after %s moved has exactly the kinds stale that depend on it', (subject) => {
    fc.assert(
      fc.property(presentDigests, fc.string(), (present, word) => {
        const moved = { ...present, [subject]: digest(`moved ${word}`) };
        const stale = staleKinds(factsOf(moved, measureAll(present, nowMs)));
        expect(stale.toSorted()).toEqual([...(expectedStale[subject] ?? [])].sort());
      }),
      { numRuns: 20 },
    );
  });

  it('after several moved has the union of them stale', () => {
    fc.assert(
      fc.property(presentDigests, fc.subarray(subjects), (present, some) => {
        const moved = {
          ...present,
          ...Object.fromEntries(some.map((subject) => [subject, digest(`moved ${subject}`)])),
        };
        const expected = new Set(some.flatMap((subject) => expectedStale[subject] ?? []));
        expect(new Set(staleKinds(factsOf(moved, measureAll(present, nowMs))))).toEqual(expected);
      }),
    );
  });

  it.each([
    ['cold-start', ['scaling']],
    ['capacity', ['scaling']],
    ['hardware', []],
    ['golden', []],
    ['evaluation', []],
  ] as const)('after %s was measured again has exactly what builds on it stale', (kind, expected) => {
    const present = Object.fromEntries(subjects.map((subject) => [subject, digest(subject)]));
    const before = measureAll(present, nowMs);
    const again = { ...before, [kind]: { ...before[kind], measuredAtMs: nowMs + 1 } };
    expect(staleKinds(factsOf(present, again))).toEqual(expected);
  });

  it('after an invalidation has that kind stale and what builds on it', () => {
    const present = Object.fromEntries(subjects.map((subject) => [subject, digest(subject)]));
    const facts = factsOf(present, measureAll(present, nowMs));
    for (const kind of evidenceKinds) {
      const invalidation = { kind, environment: 'prod', reason: 'r', remedy: 'x', atMs: nowMs };
      const expected = kind === 'cold-start' || kind === 'capacity' ? [kind, 'scaling'] : [kind];
      expect(staleKinds({ ...facts, invalidations: [invalidation] }).toSorted()).toEqual([...expected].sort());
    }
  });

  it('after the previous version is gone has the rollback stale and nothing else', () => {
    const present = Object.fromEntries(subjects.map((subject) => [subject, digest(subject)]));
    const { 'previous-model': _gone, ...rest } = present;
    expect(staleKinds(factsOf(rest, measureAll(present, nowMs)))).toEqual(['rollback']);
  });

  it('with a kind never measured has what builds on it stale', () => {
    const present = Object.fromEntries(subjects.map((subject) => [subject, digest(subject)]));
    const { capacity: _capacity, ...without } = measureAll(present, nowMs);
    expect(staleKinds(factsOf(present, without))).toEqual(['scaling']);
  });

  it('has one row a kind, in the fixed order, whatever is there', () => {
    fc.assert(
      fc.property(fc.subarray([...evidenceKinds]), presentDigests, (measured, present) => {
        const all = measureAll(present, nowMs);
        const evidence = Object.fromEntries(measured.map((kind) => [kind, all[kind]]));
        const rows = evidenceTable(factsOf(present, evidence));
        expect(rows.map(({ kind }) => kind)).toEqual([...evidenceKinds]);
        for (const row of rows) {
          expect(row.reasons.length).toBeGreaterThan(0);
          if (row.verdict === 'pass') expect(row.freshness).toBe('fresh');
        }
      }),
    );
  });
});
