import { describe, expect, it } from 'vitest';
import {
  buildEvidence,
  buildLock,
  buildLockedEnvironment,
  digest,
} from '../../../testing/builders/evidence-builders.ts';
import type { LockedEnvironment } from './lock.ts';
import { lockMoves, movesSentence } from './lock-moves.ts';

const base = buildLockedEnvironment({});
const moves = (before: LockedEnvironment | null, after: LockedEnvironment) =>
  lockMoves(before === null ? null : buildLock({ default: before }), buildLock({ default: after }));
const otherModel = base.model === undefined ? {} : { model: { ...base.model, version: 9, digest: digest('nine') } };

describe('what a pull request moves', () => {
  it('is nothing where the locks say the same', () => {
    const none = moves(base, base);
    expect(none).toEqual({ subjects: [], evidence: [] });
    expect(movesSentence(none)).toBe('nothing that is pinned moves');
  });

  it('names the model axis alone, with from and to, when only the model moves', () => {
    const found = moves(base, { ...base, ...otherModel });
    expect(found.subjects).toHaveLength(1);
    expect(found.subjects[0]).toMatchObject({ environment: 'default', axis: 'model', subject: 'model' });
    expect(found.subjects[0]?.to).toContain(':9');
    expect(movesSentence(found)).toBe('the model moves, the code stays');
  });

  it('tells code, data, hardware and runtime apart', () => {
    const found = moves(base, {
      ...base,
      code: { digest: digest('other code'), files: { 'server.yaml': digest('other file') } },
      data: { holdout: { version: 2, digest: digest('rows') } },
      deviceClasses: [digest('another class')],
      runtime: { onnxruntime: '9.9.9' },
    });
    expect(new Set(found.subjects.map(({ axis }) => axis))).toEqual(new Set(['code', 'data', 'hardware', 'runtime']));
    expect(movesSentence(found)).toBe('the code, the data, the hardware and the runtime move, the model stays');
  });

  it('says of each kind of evidence whether it is new, measured again or gone', () => {
    const golden = buildEvidence('golden', {});
    const hardware = buildEvidence('hardware', {});
    const before = { ...base, evidence: { golden, hardware } };
    const after = {
      ...base,
      evidence: { golden: { ...golden, measuredAtMs: 1 }, evaluation: buildEvidence('evaluation', {}) },
    };
    expect(moves(before, after).evidence).toEqual([
      { environment: 'default', kind: 'hardware', change: 'gone' },
      { environment: 'default', kind: 'golden', change: 'measured again' },
      { environment: 'default', kind: 'evaluation', change: 'measured' },
    ]);
  });

  it('is everything where there was no lock, and says so of an environment that goes', () => {
    expect(moves(null, base).subjects.every(({ from }) => from === 'not pinned')).toBe(true);
    const gone = lockMoves(buildLock({ default: base, staging: base }), buildLock({ default: base }));
    expect(gone.subjects.length).toBeGreaterThan(0);
    expect(gone.subjects.every(({ environment, to }) => environment === 'staging' && to === 'gone')).toBe(true);
  });
});
