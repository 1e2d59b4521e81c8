import { u32 } from '../byte-order.ts';

export interface ElfNote {
  readonly name: string;
  readonly type: number;
  readonly content: Uint8Array;
}

const notesAtMost = 1000;

/**
 * The notes of a section (System V ABI, "Note Section"): name, then content, each filled up to the section's alignment.
 * Reading ends at the first one that reaches beyond the section.
 */
export function readNotes(bytes: Uint8Array, alignBytes: number): readonly ElfNote[] {
  const align = alignBytes === 8 ? 8 : 4;
  const up = (size: number): number => Math.ceil(size / align) * align;
  const notes: ElfNote[] = [];
  for (let at = 0; at + 12 <= bytes.length && notes.length < notesAtMost;) {
    const nameStart = at + 12;
    const nameEnd = nameStart + u32(bytes, at);
    const contentStart = at + up(12 + u32(bytes, at));
    const contentEnd = contentStart + u32(bytes, at + 4);
    if (nameEnd > bytes.length || contentEnd > bytes.length) break;
    notes.push({
      name: decoder.decode(bytes.subarray(nameStart, nameEnd)).replace(/\0+$/, ''),
      type: u32(bytes, at + 8),
      content: bytes.subarray(contentStart, contentEnd),
    });
    at = contentStart + up(u32(bytes, at + 4));
  }
  return notes;
}

const decoder = new TextDecoder();
