import { describe, expect, it } from 'vitest';
import { loadContract, minimalContract, wholeContract } from '../../testing/builders/contract-texts.ts';
import { evidenceKinds } from '../evidence/kinds/table.ts';
import type { EvidenceKind, EvidenceState } from '../evidence/lock/lock.ts';
import { answerReadiness, countGaps } from './answers.ts';
import { readinessQuestions, type ReadinessQuestion } from './readiness.ts';

const whole = loadContract(wholeContract).contract;
const minimal = loadContract(minimalContract).contract;

const fresh: Omit<EvidenceState, 'kind'> = {
  freshness: 'fresh',
  verdict: 'pass',
  reasons: ['measured'],
  available: true,
};
const rows = (changes: Partial<Record<EvidenceKind, Partial<EvidenceState>>> = {}): readonly EvidenceState[] =>
  evidenceKinds.map((kind) => ({ kind, ...fresh, ...changes[kind] }));
const missing = {
  freshness: 'missing',
  verdict: 'unknown',
  reasons: ['nothing was measured'],
  renew: 'plimsoll x',
} as const;
const failing = { verdict: 'fail', renew: 'plimsoll x' } as const;

const answer = (question: ReadinessQuestion, contract = whole, table = rows()) =>
  answerReadiness(contract, table).find((one) => one.question === question);

describe('the six questions', () => {
  it('are all answered yes by a whole contract whose evidence is fresh and passing', () => {
    const answers = answerReadiness(whole, rows());
    expect(answers.map(({ question }) => question)).toEqual([...readinessQuestions]);
    expect(answers.map((one) => one.answer)).toEqual(Array(6).fill('yes'));
    expect(answers.every(({ command }) => command === undefined)).toBe(true);
    expect(countGaps(answers)).toBe(0);
  });

  it.each([
    ['hardware-verified', 'hardware'],
    ['cold-start-budgeted', 'cold-start'],
    ['output-quality-monitored', 'monitoring'],
    ['model-rolls-back-alone', 'rollback'],
    ['accelerator-seconds-attributed', 'cost'],
  ] as const)('%s follows the %s evidence', (question, kind) => {
    expect(answer(question, whole, rows({ [kind]: missing }))).toMatchObject({
      answer: 'not-measured',
      command: 'plimsoll x',
    });
    expect(answer(question, whole, rows({ [kind]: { ...missing, freshness: 'stale' } }))?.answer).toBe('not-measured');
    expect(answer(question, whole, rows({ [kind]: { ...missing, freshness: 'unknown' } }))).toMatchObject({
      answer: 'not-measured',
      reason: `${kind} evidence is unknown: nothing was measured`,
    });
    expect(answer(question, whole, rows({ [kind]: failing }))).toMatchObject({ answer: 'no', command: 'plimsoll x' });
    expect(answer(question, whole, rows({ [kind]: { verdict: 'inconclusive' } }))?.answer).toBe('not-measured');
  });

  it('are not answered by a waiver', () => {
    const waiver = { kind: 'hardware', reason: 'r', untilMs: 9, by: 'ann', atMs: 1 } as const;
    expect(answer('hardware-verified', whole, rows({ hardware: { ...missing, waiver } }))?.answer).toBe('not-measured');
    const waived = { ...failing, waiver: { ...waiver, failing: true } } as const;
    expect(answer('hardware-verified', whole, rows({ hardware: waived }))?.answer).toBe('no');
  });

  it('about cold start also want scaling to be aware of it', () => {
    expect(answer('cold-start-budgeted', whole, rows({ scaling: { ...missing, freshness: 'stale' } }))?.answer).toBe(
      'not-measured',
    );
    const notAsked = { freshness: 'not-asked', verdict: 'unknown' } as const;
    expect(answer('cold-start-budgeted', whole, rows({ scaling: notAsked }))?.answer).toBe('yes');
  });

  it('about the signal are answered by the contract', () => {
    expect(answer('signal-not-cpu', minimal)).toMatchObject({ answer: 'no', command: 'plimsoll explain scaling' });
    const foreign = {
      ...whole,
      scaling: { signal: 'queue-depth', replicas: { min: 1, max: 2 }, toZero: 'never', warmPool: 0, actuator: 'none' },
    } as const;
    expect(answer('signal-not-cpu', foreign)?.answer).toBe('not-measured');
  });

  it('are gaps with a command for a contract that writes nothing of it', () => {
    const answers = answerReadiness(minimal, rows());
    expect(countGaps(answers)).toBe(6);
    expect(answers.every(({ command, reason }) => command !== undefined && reason !== '')).toBe(true);
    expect(answer('output-quality-monitored', minimal)?.reason).toContain('golden set guards admission');
  });

  it('know of a drill that nothing asks for', () => {
    const unasked = (freshness: 'fresh' | 'stale', verdict: 'pass' | 'unknown') =>
      answer(
        'model-rolls-back-alone',
        minimal,
        rows({ rollback: { freshness: 'not-asked', verdict: 'unknown', unasked: { freshness, verdict } } }),
      );
    expect(unasked('fresh', 'pass')).toMatchObject({ answer: 'yes' });
    expect(unasked('stale', 'unknown')).toMatchObject({
      answer: 'not-measured',
      reason: expect.stringContaining('the drill of it is stale') as string,
      command: 'plimsoll rollback --drill',
    });
  });
});
