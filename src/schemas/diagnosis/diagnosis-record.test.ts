import { describe, expect, it } from 'vitest';
import { makeQuotaRecord } from '../../testing/builders/diagnosis/make-record.ts';
import { diagnosisRecordSchema } from './diagnosis-record.ts';
import { recordDiagnosisSchema } from './http-diagnosis.ts';

const record = makeQuotaRecord(1_000);
const isTaken = (changes: object): boolean => diagnosisRecordSchema.safeParse({ ...record, ...changes }).success;

describe('the record of a diagnosis', () => {
  it('is taken as it is made', () => {
    expect(diagnosisRecordSchema.parse(JSON.parse(JSON.stringify(record)))).toEqual(record);
    const request = { service: 'digits', environment: 'prod', record };
    expect(recordDiagnosisSchema.parse(request)).toEqual(request);
  });

  it.each([
    ['a verdict', { verdict: 'shown' }],
    ['no time', { takenAtMs: -1 }],
    ['a window without an end', { windowMs: Infinity }],
    ['a window of hours', { windowMs: 4_000_000 }],
    ['a share above 1', { loadedShare: 1.1 }],
    ['no accelerator', { accelerators: 0 }],
    ['a cause that nobody knows', { suspected: [{ ...record.suspected[0], cause: 'moon' }] }],
    ['a ceiling that nobody knows', { ceilings: [{ ...record.ceilings[0], name: 'moonShare' }] }],
    ['a use that is neither known nor unknown', { ceilings: [{ ...record.ceilings[0], use: {} }] }],
    ['more suspicions than causes', { suspected: Array.from({ length: 50 }, () => record.suspected[0]) }],
    ['a reason of a megabyte', { suspected: [{ ...record.suspected[0], reason: 'x'.repeat(1_000_000) }] }],
    ['a loss of more than everything', { experiments: [withEffect({ estimate: -2, lower: null, upper: null })] }],
    ['an effect of no number', { experiments: [withEffect({ estimate: NaN, lower: null, upper: null })] }],
    ['an experiment without rounds', { experiments: [withEffect({ estimate: 1, lower: 0, upper: 2 }, 0)] }],
  ])('is refused with %s', (_what, changes) => {
    expect(isTaken(changes)).toBe(false);
  });

  it('is refused where it is larger than any node makes it', () => {
    const long = { reason: 'x'.repeat(2_000), readings: [], causes: [] };
    const large = { ...record, unread: Array.from({ length: 50 }, () => long) };
    expect(diagnosisRecordSchema.safeParse(large).success).toBe(true);
    const request = { service: 'digits', environment: 'prod', record: large };
    expect(recordDiagnosisSchema.safeParse(request).success).toBe(false);
  });

  it('may lack a node, a waterfall and limits', () => {
    expect(isTaken({ node: null, experiments: [withEffect({ estimate: 1, lower: null, upper: null })] })).toBe(true);
  });
});

function withEffect(effect: object, rounds = 4) {
  return { experiment: 'lifted-quota', causes: ['cpu-quota'], outcome: { effect, rounds }, notUndone: null };
}
