import type { ImageFacts } from '../../../image/image-facts.ts';
import { memoryTakers, type MemoryTaker } from '../../tables/host/memory-takers.ts';
import { valueOf, type Arguments } from '../arguments/arguments.ts';
import type { DeviceRule } from '../device-rules.ts';
import { found } from '../finding.ts';
import type { Plain } from '../outcome.ts';
import { isOnlyProgram } from '../packages/only-program.ts';
import { distribution } from '../service-facts.ts';
import type { UnitFacts } from '../unit-facts.ts';

interface Taken {
  readonly row: MemoryTaker;
  readonly share: number;
}

/** What is written of a share, of which only a number from 0 to 1 is one. */
function shareOf(row: MemoryTaker, image: ImageFacts, args: Arguments): number {
  const texts = [valueOf(args, row.arguments), ...row.shares.map((name) => image.env[name])];
  return texts.map(Number).find((share) => share > 0 && share <= 1) ?? row.share;
}

function takenBy(image: ImageFacts, args: Arguments): Taken | null {
  for (const row of memoryTakers) {
    if (distribution(image, [row.of]) === null) continue;
    if (row.beside !== undefined && !isOnlyProgram(image, row.beside)) continue;
    const grows = row.unless.some(({ name, values }) => values.includes((image.env[name] ?? '').toLowerCase()));
    return grows ? null : { row, share: shareOf(row, image, args) };
  }
  return null;
}

/**
 * A board that is handed out in turn, to a program that takes a share of its memory when it starts. Null where no program of the image is listed.
 *
 * | the board is handed out | answer |
 * |---|---|
 * | to one, or in another way | native |
 * | to as many as have room for that share | native |
 * | to more, or to a number that is not known | unknown: it starts where nobody else took the memory |
 */
export function memoryTakersRule(image: ImageFacts, args: Arguments): DeviceRule | null {
  const taken = takenBy(image, args);
  if (taken === null) return null;
  const { row, share } = taken;
  const decide = ({ sharing, replicas }: UnitFacts): Plain =>
    sharing !== 'time-slicing' || (replicas !== null && replicas * share <= 1) ? 'native' : 'unknown';
  return {
    facet: 'timeSlices',
    decide,
    explain: ({ sharing, replicas }, decided) =>
      found({
        rule: 'memory-takers',
        compatibility: decided,
        message:
          decided === 'native'
            ? `${row.of} takes ${percentOf(share)} of the memory of a board, and the board has room for it`
            : `${row.of} takes ${percentOf(share)} of the memory of a board when it starts, and the board is handed out in turn to ${replicas ?? 'a number that is not known'}: it starts where nobody else took it`,
        facts: { sharing, replicas: replicas === null ? null : String(replicas), [row.of]: percentOf(share) },
        source: row.source,
        fix: decided === 'native' ? undefined : row.fix,
      }),
  };
}

const percentOf = (share: number): string => `${Math.round(share * 100)}%`;
