import { compareGoldenCase } from '../../core/monitoring/golden-comparison.ts';
import type { Release } from '../../core/rollout/release.ts';
import type { Operations } from '../../ports/records/operations.ts';
import { goldenSetSchema } from '../../schemas/artifact/golden-set.ts';
import type { ProvingPorts } from '../ports.ts';

export interface ReplayCount {
  readonly cases: number;
  readonly reproduced: number;
}

/**
 * Asks the golden set of a release through the gateway, as clients ask: so that it is seen that this version answers, and
 * not that it could. No cases where the release has no golden set.
 */
export async function replayThroughGateway(
  context: Pick<ProvingPorts, 'blobs' | 'replicaClient' | 'signal'>,
  operations: Operations,
  release: Release,
  model: string,
): Promise<ReplayCount> {
  if (release.golden === null) return { cases: 0, reproduced: 0 };
  const { gatewayUrl } = await operations.view(release.service, release.environment);
  const bytes = await (await context.blobs()).read(release.golden.blob, context.signal);
  const { cases, tolerance } = goldenSetSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  const client = await context.replicaClient();
  let reproduced = 0;
  for (const pinned of cases) {
    const answer = await client.infer(gatewayUrl ?? '', model, pinned.inputs, context.signal).catch(() => null);
    if (answer !== null && compareGoldenCase(pinned, answer, tolerance).verdict === 'pass') reproduced += 1;
  }
  return { cases: cases.length, reproduced };
}
