/**
 * KEDA's `externalscaler.proto` (kedacore/keda v2.18.1, pkg/scalers/externalscaler) as protobuf.js describes it, with the
 * newer `StreamMetricSpec`, which servers may leave out. A client made of the published protocol is tried against it in
 * test/integration/serving/keda.test.ts.
 */
const field = (type: string, id: number, rule?: 'repeated') => ({ type, id, ...(rule === undefined ? {} : { rule }) });

export const externalScalerDescriptor = {
  nested: {
    externalscaler: {
      nested: {
        ExternalScaler: {
          methods: {
            IsActive: { requestType: 'ScaledObjectRef', responseType: 'IsActiveResponse' },
            StreamIsActive: {
              requestType: 'ScaledObjectRef',
              responseType: 'IsActiveResponse',
              responseStream: true,
            },
            GetMetricSpec: { requestType: 'ScaledObjectRef', responseType: 'GetMetricSpecResponse' },
            StreamMetricSpec: {
              requestType: 'ScaledObjectRef',
              responseType: 'GetMetricSpecResponse',
              responseStream: true,
            },
            GetMetrics: { requestType: 'GetMetricsRequest', responseType: 'GetMetricsResponse' },
          },
        },
        ScaledObjectRef: {
          fields: {
            name: field('string', 1),
            namespace: field('string', 2),
            scalerMetadata: { keyType: 'string', type: 'string', id: 3 },
          },
        },
        IsActiveResponse: { fields: { result: field('bool', 1) } },
        GetMetricSpecResponse: { fields: { metricSpecs: field('MetricSpec', 1, 'repeated') } },
        MetricSpec: {
          fields: {
            metricName: field('string', 1),
            targetSize: field('int64', 2),
            targetSizeFloat: field('double', 3),
          },
        },
        GetMetricsRequest: {
          fields: { scaledObjectRef: field('ScaledObjectRef', 1), metricName: field('string', 2) },
        },
        GetMetricsResponse: { fields: { metricValues: field('MetricValue', 1, 'repeated') } },
        MetricValue: {
          fields: {
            metricName: field('string', 1),
            metricValue: field('int64', 2),
            metricValueFloat: field('double', 3),
          },
        },
      },
    },
  },
} as const;
