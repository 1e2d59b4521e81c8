import { describe, expect, it } from 'vitest';
import { customMetricValues, externalMetricValues, metricResources } from './metrics-api.ts';

const answer = {
  scale: { service: 'chat', environment: 'prod', desired: 21, current: 20, decidedAtMs: 0 },
  total: 23,
  namespace: 'vision',
  nowMs: Date.UTC(2026, 10, 25, 1, 2, 3, 456),
};

describe('the metrics API of Kubernetes', () => {
  it('has external metrics in the form of k8s.io/metrics', () => {
    expect(externalMetricValues(answer)).toEqual({
      kind: 'ExternalMetricValueList',
      apiVersion: 'external.metrics.k8s.io/v1beta1',
      metadata: {},
      items: [
        {
          metricName: 'plimsoll-desired-replicas',
          metricLabels: { service: 'chat', environment: 'prod' },
          timestamp: '2026-11-25T01:02:03Z',
          value: '23',
        },
      ],
    });
  });

  it('has custom metrics of the service', () => {
    expect(customMetricValues(answer)).toMatchObject({
      kind: 'MetricValueList',
      items: [{ describedObject: { kind: 'Service', namespace: 'vision', name: 'chat' }, value: '23' }],
    });
  });

  it('lists what there is, with the version that it is asked by', () => {
    expect(metricResources('external')).toMatchObject({
      groupVersion: 'external.metrics.k8s.io/v1beta1',
      resources: [{ name: 'plimsoll-desired-replicas', namespaced: true }],
    });
    expect(metricResources('custom')).toMatchObject({
      groupVersion: 'custom.metrics.k8s.io/v1beta2',
      resources: [{ name: 'services/plimsoll-desired-replicas' }],
    });
  });
});
