import type { ImageFacts } from '../../../image/image-facts.ts';
import { driverCallFloors } from '../../tables/host/memory-services.ts';
import type { DeviceRule } from '../device-rules.ts';
import { rowOf } from '../engines/published-runtimes.ts';
import { found, notKnown } from '../finding.ts';
import { cudaNumber, cudaText, versionOf } from '../numbers.ts';
import type { Plain } from '../outcome.ts';
import { distribution } from '../service-facts.ts';

/**
 * Whether the driver knows the calls of a program, or is as new as the program asks. Null where the image holds none
 * that is listed, or a `cuda-compat` package that may stand in for the driver.
 *
 * | CUDA of the driver | answer |
 * |---|---|
 * | at least the oldest that was told to run | native |
 * | at most the newest that was told to fail | incompatible |
 * | between them, or not known | unknown |
 */
export function driverCallRule(image: ImageFacts): DeviceRule | null {
  if (image.compat !== null) return null;
  const [use] = driverCallFloors.flatMap((row) => {
    const text = distribution(image, [row.of]);
    const version = versionOf(text);
    const { variable } = row;
    const counts = variable === undefined || ((image.env[variable.name] ?? '') !== '') === variable.isSet;
    return version === null || rowOf([row], version) === null || !counts ? [] : [{ row, text }];
  });
  if (use === undefined) return null;
  const { row, text } = use;
  const runsFrom = cudaNumber(row.runsFrom) ?? 0;
  const failsTo = cudaNumber(row.failsTo) ?? 0;
  const decide = (driverCuda: number | null): Plain =>
    driverCuda === null
      ? 'unknown'
      : driverCuda >= runsFrom
        ? 'native'
        : driverCuda <= failsTo
          ? 'incompatible'
          : 'unknown';
  return {
    facet: 'driverCuda',
    decide: ({ driverCuda }) => decide(driverCuda),
    explain: ({ driverCuda }, decided) =>
      driverCuda === null
        ? notKnown('driver-calls', 'driverCuda', `${row.of} ${text} calls what older drivers lack`)
        : found({
            rule: 'driver-calls',
            compatibility: decided,
            message: `${row.of} ${text} runs with drivers of CUDA ${row.runsFrom} and fails up to ${row.failsTo}; the driver speaks ${cudaText(driverCuda)}`,
            facts: { [row.of]: text, driverCuda: cudaText(driverCuda) },
            source: row.source,
            fix:
              decided === 'native'
                ? undefined
                : `a driver of CUDA ${row.runsFrom} or newer${row.variable?.isSet === false ? `, or ${row.variable.name} with a ptxas of the driver` : ''}`,
          }),
  };
}
