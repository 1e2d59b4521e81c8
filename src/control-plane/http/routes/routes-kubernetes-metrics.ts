import type { FastifyRequest } from 'fastify';
import * as z from 'zod';
import { externalMetricTotal } from '../../../core/scaling/hpa-metric.ts';
import { publishedMetric } from '../../../core/scaling/published-scale.ts';
import { PlimsollError } from '../../../core/units/errors.ts';
import {
  customMetricValues,
  externalMetricValues,
  metricResources,
} from '../../../protocols/kubernetes-metrics/metrics-api.ts';
import { requireRole } from '../access/authorize.ts';
import { requesterOf } from '../asked.ts';
import type { HttpParts, Server } from '../http-parts.ts';

const external = '/apis/external.metrics.k8s.io/v1beta1';
const custom = '/apis/custom.metrics.k8s.io/v1beta2';
const name = z.string().min(1).max(253);

/**
 * The metrics APIs of Kubernetes, for an aggregation layer in front of it. Their form is Kubernetes' own, so that they are no part
 * of this program's reference.
 */
export function kubernetesMetricsRoutes(server: Server, parts: HttpParts): void {
  const config = { access: 'view', scope: 'request' } as const;
  const hidden = { config, schema: { hide: true } } as const;
  server.get(external, hidden, () => metricResources('external'));
  server.get(custom, hidden, () => metricResources('custom'));
  server.get(
    `${external}/namespaces/:namespace/:metric`,
    {
      config,
      schema: {
        hide: true,
        params: z.object({ namespace: name, metric: name }),
        querystring: z.object({ labelSelector: z.string().max(1_000).exactOptional() }),
      },
    },
    (request) => {
      const asked = labelsOf(request.query.labelSelector ?? '');
      return externalMetricValues(answerTo(parts, request, request.params, asked));
    },
  );
  server.get(
    `${custom}/namespaces/:namespace/services/:service/:metric`,
    { config, schema: { hide: true, params: z.object({ namespace: name, service: name, metric: name }) } },
    (request) => customMetricValues(answerTo(parts, request, request.params, { service: request.params.service })),
  );
}

/** The service is the one that is answered, found by a path or labels; what else the address names is not looked at. */
function answerTo(
  parts: HttpParts,
  request: FastifyRequest,
  { metric, namespace }: { readonly metric: string; readonly namespace: string },
  asked: { readonly service?: string; readonly environment?: string },
) {
  if (metric !== publishedMetric) {
    throw new PlimsollError({
      code: 'metric-unknown',
      category: 'not-found',
      message: `there is no metric ${JSON.stringify(metric)}; the only one is ${publishedMetric}`,
      next: `ask for ${publishedMetric}`,
    });
  }
  const found = parts.find(asked);
  requireRole(requesterOf(request), 'view', found);
  const scale = found.publishedScale(asked);
  return { scale, total: externalMetricTotal(scale.desired, scale.current), namespace, nowMs: scale.decidedAtMs };
}

/** `service=chat,environment=prod`; requirements of other forms and of other labels are none of the two names. */
function labelsOf(selector: string): { readonly service?: string; readonly environment?: string } {
  const labels = new Map(
    selector.split(',').flatMap((requirement) => {
      const match = /^\s*([\w./-]+)\s*==?\s*([\w.-]+)\s*$/.exec(requirement);
      return match === null ? [] : [[match[1] ?? '', match[2] ?? ''] as const];
    }),
  );
  const [service, environment] = [labels.get('service'), labels.get('environment')];
  return { ...(service === undefined ? {} : { service }), ...(environment === undefined ? {} : { environment }) };
}
