import type { CompatNote } from '../../core/hardware/image-facts.ts';
import type { ElfNote } from './elf-notes.ts';

const decoder = new TextDecoder();

/**
 * `.note.cuda.fwd_compatibility` of `libcuda.so`: a note by `NVIDIA Corporation` whose content is JSON such as
 * `{"CUDA version":"12.9","driver":[535,550],"device":[1,2,7]}`, as nvidia-container-toolkit reads it
 * (cmd/nvidia-cdi-hook/cudacompat, 2026-11). A text says why it cannot be read.
 */
export function readCompatNote(notes: readonly ElfNote[]): CompatNote | string {
  const note = notes.find(({ name }) => name === 'NVIDIA Corporation');
  if (note === undefined) return 'it has no note by NVIDIA Corporation';
  const fields = fieldsOf(note.content);
  if (fields === null) return 'its note is not a JSON object';
  const cudaVersion = fields.get('cuda version');
  const drivers = numbersOf(fields.get('driver'));
  const brands = numbersOf(fields.get('device'));
  if (typeof cudaVersion !== 'string' || !/^\d{1,4}\.\d{1,4}$/.test(cudaVersion))
    return 'its note names no CUDA version';
  if (drivers === null || brands === null) return 'its note does not list drivers and devices as numbers';
  return { cudaVersion, drivers, brands };
}

/** By lower-case name: Go, whose program reads the note, does not tell cases apart either. */
function fieldsOf(content: Uint8Array): ReadonlyMap<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(decoder.decode(content).replace(/\0+$/, ''));
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
    return new Map(Object.entries(value).map(([name, field]) => [name.toLowerCase(), field as unknown]));
  } catch {
    return null;
  }
}

function numbersOf(value: unknown): readonly number[] | null {
  if (!Array.isArray(value) || value.length > 1000) return null;
  const numbers = value.filter((each): each is number => Number.isSafeInteger(each) && each >= 0);
  return numbers.length === value.length ? numbers : null;
}
