import { controlPlaneSteps } from '../../core/units/next-steps/control-plane-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { findPolicyRefusal, type RequiredPolicies } from '../../core/fleet/environment/required-policy.ts';
import { findArtifactRefusals, type SeenArtifacts } from '../../core/trust/artifacts/judge-artifact.ts';
import type { ReleaseAsk } from '../../core/rollout/release-ask.ts';
import { shortDigest, type Digest } from '../../core/units/digest.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { Operations } from '../../ports/records/operations.ts';
import type { StoreReader } from '../../ports/records/store.ts';
import type { Refusal } from '../operations/release/admit-release.ts';
import { write, type OperationsSource } from '../operations/operations-source.ts';

/** An approval is of a bundle that is to come in soon; what was approved before these many others is asked again. */
const approvalsLookedAt = 1_000;

type ApprovalRequest = Parameters<Operations['approveRelease']>[0];
type Approval = Awaited<ReturnType<Operations['approveRelease']>>;

/**
 * Records that whoever asks approves a bundle.
 * @throws PlimsollError `not-an-approver` (refused) for somebody whom the policy does not name: an approval that counts for
 * nothing would look like one.
 */
export async function approveRelease(
  source: OperationsSource,
  { service, environment, bundle, reason }: ApprovalRequest,
): Promise<Approval> {
  return write(source, environment, async (tx) => {
    const { approvers = [] } = (await tx.environmentRecord(environment))?.policy ?? {};
    if (!approvers.includes(source.by)) throw notAnApprover(environment, source.by, approvers);
    const atMs = source.clock.nowMs();
    const summary = `Bundle ${shortDigest(bundle)} was approved: ${reason}`;
    const data = { bundle, reason };
    await tx.appendEvent({ service, environment, by: source.by, atMs, kind: 'release.approved', summary, data });
    return { bundle, by: source.by, atMs };
  });
}

/**
 * Returns what the policy of an environment has against a request, beside its evidence and its waivers. Rollbacks do not
 * come by here.
 * @param artifacts who signed the image and the model, as it was seen before the transaction.
 */
export async function findPolicyRefusals(
  reader: Pick<StoreReader, 'environmentRecord' | 'events'>,
  ask: ReleaseAsk,
  required: RequiredPolicies | undefined,
  artifacts: SeenArtifacts,
): Promise<readonly Refusal[]> {
  const { environment } = ask;
  const record = await reader.environmentRecord(environment);
  const refusal = findPolicyRefusal(record, environment, required);
  if (refusal !== null) return [refusal];
  const unsigned = findArtifactRefusals(record?.policy ?? {}, artifacts);
  const approvers = record?.policy?.approvers;
  if (approvers === undefined) return unsigned;
  const others = approvers.filter((name) => name !== ask.by);
  const approved = await readApprovers(reader, ask);
  if (others.some((name) => approved.has(name))) return unsigned;
  return [...unsigned, approvalMissing(environment, ask.bundle, ask.by, others)];
}

async function readApprovers(
  reader: Pick<StoreReader, 'events'>,
  { service, environment, bundle }: ReleaseAsk,
): Promise<ReadonlySet<string>> {
  const scope = { service, environment, kindPrefix: 'release.approved', last: approvalsLookedAt };
  const events = await reader.events(scope);
  return new Set(
    events.flatMap((event) => (event.kind === 'release.approved' && event.data.bundle === bundle ? [event.by] : [])),
  );
}

function approvalMissing(environment: string, bundle: Digest, by: string, others: readonly string[]): Refusal {
  const who = others.length === 0 ? 'nobody else is named there' : `one of ${others.join(', ')} can do it`;
  return {
    code: 'approval-missing',
    message: `policy.approvers of ${environment} asks somebody else than ${by} to approve bundle ${shortDigest(bundle)}: ${who}`,
    next: nextStep(controlPlaneSteps, 'approval-missing', { bundle }),
  };
}

function notAnApprover(environment: string, by: string, approvers: readonly string[]): PlimsollError {
  const named = approvers.length === 0 ? 'names nobody' : `names ${approvers.join(', ')}`;
  return new PlimsollError({
    code: 'not-an-approver',
    category: 'refused',
    message: `${by} cannot approve releases in ${environment}: policy.approvers there ${named}`,
    next: nextStep(controlPlaneSteps, 'not-an-approver', { environment }),
  });
}
