import type { Evidence, EvidenceKind, Lock, LockedEnvironment } from '../../core/evidence/lock/lock.ts';
import { bindSubjects, type SubjectDigests } from '../../core/evidence/subjects.ts';
import { digestOf, type Digest } from '../../core/units/digest.ts';

/** A digest of a word, so that tests can say `digest('model 2')`. */
export const digest = (word: string): Digest => digestOf(word);

export function buildEvidence(kind: EvidenceKind, present: SubjectDigests, changes: Partial<Evidence> = {}): Evidence {
  return {
    kind,
    subjects: bindSubjects(kind, present),
    measurements: { goldenBlob: digest('golden blob'), cases: 3, reproducedCases: 3 },
    measuredAtMs: 1_000_000,
    by: 'tests',
    plimsollVersion: '0.0.0',
    ...changes,
  };
}

export function buildLockedEnvironment(changes: Partial<LockedEnvironment> = {}): LockedEnvironment {
  return {
    code: { digest: digest('code'), files: {} },
    model: {
      name: 'digits',
      version: 2,
      alias: 'candidate',
      digest: digest('model'),
      format: 'onnx',
      signature: {
        inputs: [{ name: 'image', datatype: 'FP32', shape: [-1, 784] }],
        outputs: [{ name: 'probabilities', datatype: 'FP32', shape: [-1, 10] }],
      },
    },
    data: { 'digits-golden': { version: 1, digest: digest('golden data') } },
    deviceClasses: [digest('cpu')],
    runtime: { onnxruntime: '1.30.0' },
    evidence: {},
    ...changes,
  };
}

export function buildLock(environments: Readonly<Record<string, LockedEnvironment>>): Lock {
  return { lockVersion: 1, service: 'digits', environments };
}
