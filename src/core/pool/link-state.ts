import type { DeviceState } from './device-state.ts';
import type { LinkFacts } from './node-facts.ts';

/**
 * What is abnormal of a PCIe link; undefined where nothing is, or where it cannot be told.
 *
 * | lanes | generation | the device | |
 * |---|---|---|---|
 * | fewer than it has | any | any | narrow: an idle link keeps its lanes |
 * | all | older than its own | busy: no reason for reduced clocks is `gpu_idle` | slow |
 * | all | older than its own | idle, or not known | undefined: an idle link lowers its generation |
 */
export function linkStateOf(link: LinkFacts | null, throttleReasons: readonly string[] | null): DeviceState['link'] {
  if (link === null) return undefined;
  const { width, maxWidth, generation, maxGeneration } = link;
  if (width !== null && maxWidth !== null && width < maxWidth) return 'narrow';
  const busy = throttleReasons !== null && !throttleReasons.includes('gpu_idle');
  return busy && generation !== null && maxGeneration !== null && generation < maxGeneration ? 'slow' : undefined;
}
