import type { Workload } from '../../../ports/serving/platform.ts';
import type { JsonObject } from '../../../protocols/kubernetes-objects/json-object.ts';

/**
 * A probe asks one path, and a replica is ready when both of its probes pass:
 *
 * | protocol | startup probe | readiness probe |
 * |---|---|---|
 * | open-inference-v2 | `/v2/health/ready` | `/v2/models/MODEL/ready` |
 * | openai | `/health` | `/health` |
 *
 * The startup probe ends a start that takes longer than the start timeout. There is no liveness probe: a busy server is
 * not a dead one.
 */
export function makeProbes({ protocol, model }: Workload, startTimeoutMs: number): JsonObject {
  const [started, ready] =
    protocol === 'openai'
      ? ['/health', '/health']
      : ['/v2/health/ready', `/v2/models/${encodeURIComponent(model.name)}/ready`];
  const get = (path: string): JsonObject => ({ httpGet: { path, port: 'http' }, periodSeconds: 1, timeoutSeconds: 2 });
  return {
    startupProbe: {
      ...get(started),
      failureThreshold: Math.max(1, Math.ceil(startTimeoutMs / 1_000)),
      // A start that is given up has nothing in flight.
      terminationGracePeriodSeconds: 1,
    },
    readinessProbe: { ...get(ready), failureThreshold: 3 },
  };
}
