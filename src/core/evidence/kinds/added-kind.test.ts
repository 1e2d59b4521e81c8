import { describe, expect, it } from 'vitest';
import { environmentLines } from '../../../cli/verdict/evidence-lines.ts';
import { painter } from '../../../cli/terminal/paint.ts';
import { loadContract, minimalContract } from '../../../testing/builders/contract-texts.ts';
import { buildLock, buildLockedEnvironment, digest } from '../../../testing/builders/evidence-builders.ts';
import { buildPowerEvidence, tableWithPower } from '../../../testing/builders/power-evidence.ts';
import { aCode, aModel } from '../../../testing/builders/rollout-builders.ts';
import { staleByClasses } from '../../pool/snapshot/pool-diff.ts';
import { judgeRelease } from '../../rollout/judge-release.ts';
import { evidenceTable, type EvidenceFacts } from '../evidence-table.ts';
import { invalidationBy } from '../invalidation.ts';
import { lockMoves } from '../lock/lock-moves.ts';
import type { EvidenceState } from '../lock/lock.ts';
import { presentSubjects } from '../present-subjects.ts';

const bare = loadContract(minimalContract.replace('golden: digits-golden', 'reference: digits-train'));
const loaded = loadContract(
  `${minimalContract.replace('golden: digits-golden', 'reference: digits-train')}objective: { availability: 99% }\n`,
);
const present = { code: digest('code'), 'contract.objective': digest('objective'), 'device-classes': digest('cpu') };
const measured = (watts: number) => buildPowerEvidence(present, watts);

/** The rows of the kinds that the contract asks for. */
function askedRows(changes: Partial<EvidenceFacts> = {}): readonly EvidenceState[] {
  const facts = { environment: 'default', evidence: measured(380), present, waivers: [], invalidations: [] };
  const rows = evidenceTable({ contract: loaded.contract, ...facts, nowMs: 2_000_000, ...changes }, tableWithPower);
  return rows.filter(({ freshness }) => freshness !== 'not-asked');
}

const refusals = (evidence: readonly EvidenceState[]) =>
  judgeRelease(
    {
      code: aCode(),
      model: aModel(1),
      golden: { dataName: 'digits-golden', blob: digest('blob') },
      evidence,
      waivers: [],
    },
    null,
    [],
    2_000_000,
  );

describe('a kind of evidence that one more row adds', () => {
  it('is asked for by its key of the contract, and by nothing else', () => {
    expect(askedRows({ contract: bare.contract })).toEqual([]);
    expect(askedRows({ evidence: {} })).toEqual([
      {
        kind: 'power',
        freshness: 'missing',
        verdict: 'unknown',
        reasons: ['nothing was measured'],
        renew: 'plimsoll power',
        available: true,
      },
    ]);
  });

  it('is judged from its measurements', () => {
    expect(askedRows()).toMatchObject([{ freshness: 'fresh', verdict: 'pass', reasons: ['380 W of 400 W'] }]);
    const failing = { freshness: 'fresh', verdict: 'fail', reasons: ['401 W of 400 W'], renew: 'plimsoll power' };
    expect(askedRows({ evidence: measured(401) })).toMatchObject([failing]);
  });

  it.each(Object.keys(present))('is stale when %s moves', (subject) => {
    const [row] = askedRows({ present: { ...present, [subject]: digest('moved') } });
    expect(row).toMatchObject({ freshness: 'stale', verdict: 'unknown', renew: 'plimsoll power' });
    expect(row?.reasons[0]).toMatch(`${subject} moved`);
  });

  it('is invalidated by its event of the watch', () => {
    const found = { environment: 'default', reason: 'node a throttled', remedy: 'plimsoll power', atMs: 1_500_000 };
    const invalidation = invalidationBy('node.throttled', found, tableWithPower);
    expect(invalidation).toEqual({ kind: 'power', ...found });
    expect(askedRows({ invalidations: [invalidation] })).toMatchObject([
      { freshness: 'stale', reasons: ['invalidated by the watch: node a throttled'], renew: 'plimsoll power' },
    ]);
  });

  it('is a line of a check', () => {
    const lines = environmentLines(
      { environment: 'default', mismatches: [], evidence: askedRows() },
      painter(false),
      2e6,
    );
    expect(lines.at(-1)).toBe('  power     fresh  pass     16m 40s ago  380 W of 400 W');
  });

  it('refuses a release while it is missing or failing, and lets it through when it passes', () => {
    const missing = { code: 'evidence-refused', message: 'power evidence is missing: nothing was measured' };
    expect(refusals(askedRows({ evidence: {} }))).toMatchObject([{ ...missing, next: 'plimsoll power' }]);
    expect(refusals(askedRows({ evidence: measured(401) }))).toMatchObject([{ code: 'evidence-refused' }]);
    expect(refusals(askedRows())).toEqual([]);
  });

  it('is known to whatever lists the kinds', () => {
    const [before, after] = [{}, measured(380)].map((evidence) =>
      buildLock({ default: buildLockedEnvironment({ evidence }) }),
    );
    const moves = lockMoves(before ?? null, after ?? null, tableWithPower);
    expect(moves.evidence).toEqual([{ environment: 'default', kind: 'power', change: 'measured' }]);
    expect(staleByClasses(tableWithPower)).toContainEqual({ kind: 'power', through: null });
    const locked = buildLockedEnvironment({ evidence: measured(380) });
    const facts = { loaded, locked, codeDigest: null, pricesDigest: null, deviceClasses: null, ruleTables: null };
    expect(presentSubjects(facts, tableWithPower)).toHaveProperty(['evidence.power']);
  });
});
