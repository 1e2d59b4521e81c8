import { proveSteps } from '../../core/units/next-steps/prove-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { judgeCheckout } from '../judge/judge-checkout.ts';
import type { EvidenceKind } from '../../core/evidence/lock/lock.ts';
import { renewCommand } from '../../core/evidence/renewal.ts';
import { aliasEvidence } from '../../core/registry/alias-evidence.ts';
import { requireAlias } from '../../core/registry/artifact.ts';
import type { AliasEvidence, ModelVersion } from '../../core/registry/model-version.ts';
import { signatureCompatibility } from '../../core/registry/signature-compatibility.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { Judgement } from '../../core/units/verdict.ts';
import type { ProvingPorts } from '../ports.ts';

type AliasPorts = Pick<ProvingPorts, 'clock' | 'operations' | 'project' | 'store'>;

export interface AliasChange {
  readonly alias: string;
  readonly from: number | null;
  readonly to: number | null;
  /** False when the alias was there already. */
  readonly moved: boolean;
  /** Whether callers of the version that it leaves could go on; null where it leaves or reaches none. */
  readonly compatibility: Judgement | null;
  /** What the lock proves of the version that it reaches. */
  readonly evidence: readonly AliasEvidence[];
}

/** Moves an alias from wherever it is. @throws PlimsollError `alias-moved` (conflict) when somebody else moved it meanwhile. */
export async function moveAlias(
  context: AliasPorts,
  environment: string,
  request: {
    readonly name: string;
    readonly alias: string;
    readonly to: number | null;
    readonly reason: string;
    readonly kinds?: readonly EvidenceKind[];
  },
): Promise<AliasChange> {
  const { name, alias, to, reason, kinds } = request;
  requireAlias(alias);
  const store = await context.store();
  const from = (await store.aliases(environment, name))[alias] ?? null;
  if (from === to) return { alias, from, to, moved: false, compatibility: null, evidence: [] };
  const [before, after] = await Promise.all(
    [from, to].map((version) => (version === null ? null : store.modelVersion(environment, name, version))),
  );
  const evidence = after ? await evidenceOf(context, environment, after, kinds ?? null) : [];
  await (
    await context.operations()
  ).moveAlias({ environment, name, alias, from, to, reason, ...(evidence.length === 0 ? {} : { evidence }) });
  const compatibility = before && after ? signatureCompatibility(before.signature, after.signature) : null;
  return { alias, from, to, moved: true, compatibility, evidence };
}

/** @throws PlimsollError `alias-evidence-missing` (input) for a kind that was asked for and is not in the lock. */
async function evidenceOf(
  context: AliasPorts,
  environment: string,
  version: ModelVersion,
  kinds: readonly EvidenceKind[] | null,
): Promise<readonly AliasEvidence[]> {
  const project = await context.project();
  const locked = (await project.lock())?.environments[environment];
  // Evidence speaks of the pinned model alone; for any other nothing needs to be judged.
  const pinned = locked?.model?.digest === version.digest;
  const states = pinned ? await judgeCheckout(project, environment, context.clock.nowMs()) : [];
  const found = aliasEvidence(version, locked, states, kinds);
  const missing = kinds?.find((kind) => !found.some((one) => one.kind === kind));
  if (missing === undefined) return found;
  throw new PlimsollError({
    code: 'alias-evidence-missing',
    category: 'input',
    message: `plimsoll.lock holds no ${missing} evidence of ${version.name} version ${version.version}`,
    next: pinned ? renewCommand(missing) : nextStep(proveSteps, 'alias-evidence-missing'),
    details: { kind: missing },
  });
}
