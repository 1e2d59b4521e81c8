import type { ServiceDemands } from '../../compatibility.ts';
import { memoryShare } from '../../tables/arguments/memory-share.ts';
import { found, notKnown, type Found } from '../finding.ts';
import { rowOf } from '../engines/published-runtimes.ts';
import { versionOf } from '../numbers.ts';
import { distribution } from '../service-facts.ts';
import { valueOf } from './arguments.ts';

/**
 * Whether the contract asks vLLM for a share of the memory that no device has left.
 *
 * | share | version | answer |
 * |---|---|---|
 * | less than all, or not written | any | null |
 * | all | looks at what is free before it starts | incompatible: the driver and its context take some |
 * | all | older, or not known | unknown: what is allocated later finds nothing |
 * | more | any | incompatible |
 */
export function memoryShareFinding({ image, args = [] }: ServiceDemands): Found | null {
  const text = image === null ? null : distribution(image, [memoryShare.engine]);
  const written = valueOf(args, [memoryShare.argument]);
  const share = written === undefined ? Number.NaN : Number(written);
  if (text === null || !(share >= 1)) return null;
  const version = versionOf(text);
  const looks = version !== null && rowOf([{ from: memoryShare.looksFrom, to: null }], version) !== null;
  const says = `${memoryShare.argument} ${written} leaves vLLM ${text} no room beside what the driver takes of each device`;
  if (share === 1 && !looks) return notKnown('memory-share', 'image.python', says);
  return found({
    rule: 'memory-share',
    compatibility: 'incompatible',
    message: says,
    facts: { [memoryShare.argument]: String(share), [memoryShare.engine]: text },
    source: memoryShare.source,
    fix: `${memoryShare.argument} 0.95 or less in code.args`,
  });
}
