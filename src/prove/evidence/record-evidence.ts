import { proveSteps } from '../../core/units/next-steps/prove-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { bindSubjects, type SubjectDigests } from '../../core/evidence/subjects.ts';
import type { Evidence, EvidenceKind, Lock, LockedEnvironment } from '../../core/evidence/lock/lock.ts';
import { renewCommand } from '../../core/evidence/renewal.ts';
import { shortDigest, type Digest } from '../../core/units/digest.ts';
import { asPlimsollError, PlimsollError } from '../../core/units/errors.ts';
import type { ProvingPorts } from '../ports.ts';
import { signRecorded } from '../trust/sign-evidence.ts';
import { readSigningKeyOf } from '../trust/signing-key-file.ts';
import type { Measuring } from './measuring.ts';
import { movedPins, type MovedPin } from './moved-pins.ts';

export interface Measured {
  readonly kind: EvidenceKind;
  /** JSON-safe, its shape fixed by the kind. */
  readonly measurements: object;
  /** Subjects that only who measured knows, because neither the lock nor a file beside it names them yet. */
  readonly known?: SubjectDigests;
  /** Writes the files that the measurements name: after the pins are checked, and while nobody else records. */
  readonly writeFiles?: () => Promise<void>;
}

/**
 * Writes evidence into the lock, and only that: the lock is read anew while nobody else changes it, and keeps everything
 * but the evidence of this kind in this environment. The evidence is bound to the subjects as they were when the
 * measuring began. Where the environment names a signing key, a signature of it is written beside the lock first.
 * @throws PlimsollError `lock-moved` (conflict) when a pin moved that the measurement is of, with each such subject;
 *   as `readSigningKeyOf`, after the evidence was recorded without a signature.
 */
export async function recordEvidence(
  context: Pick<ProvingPorts, 'clock' | 'user' | 'version'> & Partial<Pick<ProvingPorts, 'env' | 'writeDurably'>>,
  measuring: Measuring,
  { kind, measurements, known = {}, writeFiles }: Measured,
): Promise<void> {
  const { project, loaded, environment, subjects } = measuring;
  const { signer, problem } = await findSigner(context.env ?? {});
  const evidence: Evidence = {
    kind,
    subjects: bindSubjects(kind, { ...subjects, ...known }),
    measurements: { ...measurements },
    measuredAtMs: context.clock.nowMs(),
    by: context.user,
    plimsollVersion: context.version,
  };
  await project.changeLock(async (lock) => {
    const [present, locked] = requireSamePins(lock, measuring, kind, known);
    await writeFiles?.();
    const { writeDurably } = context;
    const place = { service: loaded.contract.service, environment };
    if (writeDurably !== undefined)
      await signRecorded({ folder: project.folder, writeDurably, signer }, place, evidence);
    const changed = { ...locked, evidence: { ...locked.evidence, [kind]: evidence } };
    return { ...present, environments: { ...present.environments, [environment]: changed } };
  });
  if (problem !== null) throw notSigned(kind, problem);
}

/** What was measured for hours is not thrown away for a key that cannot be read. */
async function findSigner(env: ProvingPorts['env']) {
  try {
    return { signer: await readSigningKeyOf(env), problem: null };
  } catch (thrown) {
    return { signer: null, problem: asPlimsollError(thrown) };
  }
}

function notSigned(kind: EvidenceKind, problem: PlimsollError): PlimsollError {
  return new PlimsollError({
    code: problem.code,
    category: problem.category,
    message: `${kind} evidence was recorded and not signed: ${problem.message}`,
    next: nextStep(proveSteps, 'key-invalid/evidence-sign-kind', { kind }),
    cause: problem,
  });
}

function requireSamePins(
  lock: Lock | null,
  measuring: Measuring,
  kind: EvidenceKind,
  known: SubjectDigests,
): readonly [Lock, LockedEnvironment] {
  const { loaded, environment, pinned } = measuring;
  const locked = lock?.environments[environment];
  if (lock === null || locked === undefined) {
    throw lockMoved(measuring, kind, [], `plimsoll.lock ceased to pin ${environment}`);
  }
  const moved = movedPins(kind, loaded, pinned, locked).filter(({ subject }) => known[subject] === undefined);
  if (moved.length > 0) throw lockMoved(measuring, kind, moved, moved.map(movedText).join('; '));
  return [lock, locked];
}

const movedText = ({ subject, from, to }: MovedPin): string =>
  `${subject} moved in plimsoll.lock (${shown(from)} -> ${shown(to)})`;

const shown = (digest: Digest | undefined): string => (digest === undefined ? 'not pinned' : shortDigest(digest));

function lockMoved(
  { loaded, environment }: Measuring,
  kind: EvidenceKind,
  moved: readonly MovedPin[],
  what: string,
): PlimsollError {
  const several = Object.keys(loaded.contract.environments).length > 1;
  return new PlimsollError({
    code: 'lock-moved',
    category: 'conflict',
    message: `${what} while ${kind} evidence was measured; nothing was recorded`,
    next: renewCommand(kind, several ? environment : undefined),
    details: { environment, kind, moved },
  });
}
