import { chooseScheme } from '../../../core/contract/replica-tls.ts';
import type { Workload } from '../../../ports/serving/platform.ts';
import type { JsonObject } from '../../../protocols/kubernetes-objects/json-object.ts';

/**
 * A probe asks one path, and a replica is ready when both of its probes pass:
 *
 * | protocol | startup probe | readiness probe |
 * |---|---|---|
 * | open-inference-v2 | `/v2/health/ready` | `/v2/models/MODEL/ready` |
 * | openai | `/health` | `/health` |
 * | any, with a certificate, of an image | its port takes connections | the same |
 *
 * A kubelet verifies no certificate and shows none, which other servers than the built-in one may refuse. So of a replica with a certificate the
 * control plane itself asks whether it is ready (platform/seen/certificate-checks.ts).
 *
 * The startup probe ends a start that takes longer than the start timeout. There is no liveness probe: a busy server is
 * not a dead one.
 */
export function makeProbes({ protocol, model, secrets, image }: Workload, startTimeoutMs: number): JsonObject {
  const [started, ready] =
    protocol === 'openai'
      ? ['/health', '/health']
      : ['/v2/health/ready', `/v2/models/${encodeURIComponent(model.name)}/ready`];
  const isTls = chooseScheme(secrets) === 'https';
  const scheme = isTls ? { scheme: 'HTTPS' } : {};
  const get = (path: string): JsonObject => ({
    ...(isTls && image !== undefined
      ? { tcpSocket: { port: 'http' } }
      : { httpGet: { path, port: 'http', ...scheme } }),
    ...{ periodSeconds: 1, timeoutSeconds: 2 },
  });
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
