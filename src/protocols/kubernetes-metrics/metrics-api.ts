import { publishedMetric, type PublishedScale } from '../../core/scaling/published-scale.ts';

/**
 * The answers of Kubernetes' external and custom metrics APIs (k8s.io/metrics pkg/apis/external_metrics/v1beta1 and
 * custom_metrics/v1beta2) for the one metric that is published, so that a HorizontalPodAutoscaler without KEDA can follow it.
 * `total` is already what survives the autoscaler's tolerance (core/scaling/hpa-metric.ts).
 */
export interface MetricAnswer {
  readonly scale: PublishedScale;
  readonly total: number;
  readonly namespace: string;
  readonly nowMs: number;
}

/** Kubernetes writes times in whole seconds (metav1.Time). */
const timeOf = (ms: number): string => new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z');

/** `GET /apis/external.metrics.k8s.io/v1beta1/namespaces/{namespace}/{metric}` */
export function externalMetricValues({ scale, total, nowMs }: MetricAnswer): object {
  return {
    kind: 'ExternalMetricValueList',
    apiVersion: 'external.metrics.k8s.io/v1beta1',
    metadata: {},
    items: [
      {
        metricName: publishedMetric,
        metricLabels: { service: scale.service, environment: scale.environment },
        timestamp: timeOf(nowMs),
        value: String(total),
      },
    ],
  };
}

/** `GET /apis/custom.metrics.k8s.io/v1beta2/namespaces/{namespace}/services/{name}/{metric}` */
export function customMetricValues({ scale, total, namespace, nowMs }: MetricAnswer): object {
  return {
    kind: 'MetricValueList',
    apiVersion: 'custom.metrics.k8s.io/v1beta2',
    metadata: {},
    items: [
      {
        describedObject: { kind: 'Service', namespace, name: scale.service, apiVersion: '/v1' },
        metric: { name: publishedMetric, selector: null },
        timestamp: timeOf(nowMs),
        value: String(total),
      },
    ],
  };
}

/** What `GET /apis/{group}/{version}` answers: the autoscaler and kubectl look there first. */
export function metricResources(group: 'external' | 'custom'): object {
  const external = group === 'external';
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: external ? 'external.metrics.k8s.io/v1beta1' : 'custom.metrics.k8s.io/v1beta2',
    resources: [
      {
        name: external ? publishedMetric : `services/${publishedMetric}`,
        singularName: '',
        namespaced: true,
        kind: external ? 'ExternalMetricValueList' : 'MetricValueList',
        verbs: ['get'],
      },
    ],
  };
}
