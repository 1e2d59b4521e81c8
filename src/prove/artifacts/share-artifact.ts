import { proveSteps } from '../../core/units/next-steps/prove-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { requireArtifactName } from '../../core/registry/artifact.ts';
import type { ArtifactClaim, ShareRequest } from '../../core/fleet/artifact-claim.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { nameSchema } from '../../schemas/http/release/http-artifact.ts';
import type { ProvingPorts } from '../ports.ts';

/** Lets another service release a model or data of this one, or no more. Returns what services may do with it then. */
export async function shareArtifact(
  context: Pick<ProvingPorts, 'operations'>,
  request: ShareRequest,
): Promise<readonly ArtifactClaim[]> {
  requireArtifactName(request.kind, request.name);
  const { with: service, kind, name } = request;
  if (!nameSchema.safeParse(service).success) {
    throw new PlimsollError({
      code: 'service-name-invalid',
      category: 'input',
      message: `--with ${service.slice(0, 100)} is no name of a service`,
      next: nextStep(proveSteps, 'service-name-invalid', { kind, name }),
    });
  }
  return (await context.operations()).shareArtifact(request);
}
