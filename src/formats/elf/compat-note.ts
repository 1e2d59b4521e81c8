import type { CompatNote } from '../../core/image/image-facts.ts';
import { u32 } from '../byte-order.ts';

const decoder = new TextDecoder();
const owner = 'NVIDIA Corporation';
const headerBytes = 12;

/**
 * `.note.cuda.fwd_compatibility` of `libcuda.so`: a note by `NVIDIA Corporation` whose content is JSON such as
 * `{"CUDA version":"12.9","driver":[535,550],"device":[1,2,7]}`, as nvidia-container-toolkit reads it
 * (cmd/nvidia-cdi-hook/cudacompat, 2026-11). How far the name is filled up differs between libraries (that program had to
 * learn it for Orin), so that the content is taken from its first brace on. A text says why it cannot be read.
 */
export function readCompatNote(section: Uint8Array): CompatNote | string {
  const nameEnd = headerBytes + u32(section, 0);
  const name = decoder.decode(section.subarray(headerBytes, Math.min(nameEnd, headerBytes + 64)));
  if (name.replace(/\0+$/, '') !== owner) return `it has no note by ${owner}`;
  const start = section.indexOf(openingBrace, nameEnd);
  const content = start < 0 ? new Uint8Array() : section.subarray(start, start + u32(section, 4));
  const fields = fieldsOf(content);
  if (fields === null) return 'its note is not a JSON object';
  const cudaVersion = fields.get('cuda version');
  const drivers = numbersOf(fields.get('driver'));
  const brands = numbersOf(fields.get('device'));
  if (typeof cudaVersion !== 'string' || !/^\d{1,4}\.\d{1,4}$/.test(cudaVersion))
    return 'its note names no CUDA version';
  if (drivers === null || brands === null) return 'its note does not list drivers and devices as numbers';
  return { cudaVersion, drivers, brands };
}

const openingBrace = 0x7b;

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
