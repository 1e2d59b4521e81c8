import { exchangeLine, type CustomValues } from '../../core/monitoring/features/custom-features.ts';
import { redactExchange } from '../../core/monitoring/samples/redact.ts';
import type { CapturedSample } from '../../core/monitoring/samples/sample.ts';
import type { MonitoringTerms } from '../../core/monitoring/watch/monitoring-terms.ts';
import type { FeatureSource } from '../../ports/monitoring/feature-source.ts';
import { decodeSample } from './decode-sample.ts';
import { redactPaths } from './redact-sample.ts';

export interface SampleFeatures {
  /** One for each sample; what is not known is absent. */
  readonly rows: readonly CustomValues[];
  /** Left out where no program was asked. */
  readonly failures?: Readonly<Record<string, string>>;
}

/** What the programs of the live release say of captured requests, which they see redacted. */
export async function computeFeatures(
  source: FeatureSource | undefined,
  samples: readonly CapturedSample[],
  { custom, redaction, protocol }: MonitoringTerms,
): Promise<SampleFeatures> {
  if (custom === undefined) return { rows: [] };
  if (source === undefined) return { rows: [], failures: { 'the programs of features': 'nobody runs them here' } };
  const rows: CustomValues[] = samples.map(() => ({}));
  const asked = samples.flatMap((sample, at) => {
    const decoded = decodeSample(redactPaths(sample, redaction), protocol);
    return 'unreadable' in decoded ? [] : [{ at, line: exchangeLine(redactExchange(decoded, redaction)) }];
  });
  if (asked.length === 0) return { rows };
  const computed = await source.compute(
    custom,
    asked.map(({ line }) => line),
  );
  asked.forEach(({ at }, index) => {
    rows[at] = computed.rows[index] ?? {};
  });
  return { rows, failures: computed.failures };
}
