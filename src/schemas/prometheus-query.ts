import * as z from 'zod';

/** A point of a Prometheus answer: seconds since 1970, and the value as text, which may be `NaN` or `+Inf`. */
const point = z.tuple([z.number(), z.string().max(64)]);
const metric = z.record(z.string(), z.string());

/** https://prometheus.io/docs/prometheus/latest/querying/api/: the envelope, and the two kinds of result that are asked for. */
export const prometheusAnswer = z.discriminatedUnion('status', [
  z.object({
    status: z.literal('success'),
    data: z.discriminatedUnion('resultType', [
      z.object({ resultType: z.literal('vector'), result: z.array(z.object({ metric, value: point })) }),
      z.object({
        resultType: z.literal('matrix'),
        result: z.array(z.object({ metric, values: z.array(point).min(1) })),
      }),
    ]),
    warnings: z.array(z.string()).optional(),
    infos: z.array(z.string()).optional(),
  }),
  z.object({ status: z.literal('error'), errorType: z.string(), error: z.string() }),
]);
