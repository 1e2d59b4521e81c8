import type { FatbinRange } from '../fatbin/walk-fatbins.ts';
import { sectionFlags, type ElfFile, type ElfSection } from './elf-file.ts';

const progBits = 1;
/** What the linker wrote: tables, no data of the library's own. */
const linkersOwn =
  /^\.(eh_frame|gcc_except_table|rela?|dyn|hash|gnu|plt|got|init|fini|ctors|dtors|interp|tm_clone_table|nvFatBinSegment)/;

/**
 * Where device code may lie in a library (measured on 84 libraries of PyPI, 2026-11):
 *
 * - `.nv_fatbin`: what the CUDA runtime registers. Nearly all.
 * - `__nv_relfatbin`: inputs of the device linker. They count only where it left no `.nv_fatbin`, as for cuobjdump.
 * - any other data: cuBLASLt, cuDNN and cuSPARSELt keep kernels in `.cask_resource`, cuFFT nearly all of its in `.ldata`.
 *   cuobjdump does not look there.
 *
 * A file whose section table is damaged or missing is searched from end to end.
 */
export function deviceRanges({ sections, damage }: ElfFile, fileBytes: number): readonly FatbinRange[] {
  if (damage !== undefined) return [{ start: 0, end: fileBytes, isDeclared: false }];
  const hasLinked = sections.some(({ name, bytes }) => name === '.nv_fatbin' && bytes > 0);
  const declared = sections.filter(({ name }) => name === (hasLinked ? '.nv_fatbin' : '__nv_relfatbin'));
  const others = sections.filter((section) => isOtherData(section));
  return disjoint([
    ...declared.map(({ offset, bytes }) => ({ start: offset, end: offset + bytes, isDeclared: true })),
    ...others.map(({ offset, bytes }) => ({ start: offset, end: offset + bytes, isDeclared: false })),
  ]);
}

function isOtherData({ name, type, flags }: ElfSection): boolean {
  const isData = type === progBits && (flags & sectionFlags.allocated) !== 0 && (flags & sectionFlags.executable) === 0;
  return isData && name !== '.nv_fatbin' && name !== '__nv_relfatbin' && !linkersOwn.test(name);
}

/** No byte twice: sections that claim the same bytes a thousand times are walked once. */
function disjoint(ranges: readonly FatbinRange[]): readonly FatbinRange[] {
  const sorted = [...ranges].sort((a, b) => a.start - b.start || b.end - a.end);
  let reached = 0;
  return sorted.flatMap((range) => {
    const start = Math.max(range.start, reached);
    reached = Math.max(reached, range.end);
    return start < range.end ? [{ ...range, start }] : [];
  });
}
