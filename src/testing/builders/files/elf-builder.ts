/** One section of an ELF file that a test writes. */
export interface WrittenSection {
  readonly name: string;
  readonly type: number;
  readonly flags?: number;
  readonly content: Uint8Array;
  /** Name of the section that this one refers to. */
  readonly link?: string;
}

const headerBytes = 64;
const entryBytes = 64;

/** An ELF64 file of x86-64, little-endian, with these sections and the names that they need. */
export function makeElf(written: readonly WrittenSection[], machine = 62): Uint8Array {
  const names = stringTable(['', ...written.map(({ name }) => name), '.shstrtab']);
  const sections = [...written, { name: '.shstrtab', type: 3, content: names.bytes }];
  const contentBytes = sections.reduce((sum, { content }) => sum + content.length, 0);
  const tableOffset = headerBytes + contentBytes;
  const bytes = new Uint8Array(tableOffset + (sections.length + 1) * entryBytes);
  const view = new DataView(bytes.buffer);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setUint16(18, machine, true);
  view.setBigUint64(40, BigInt(tableOffset), true);
  view.setUint16(58, entryBytes, true);
  view.setUint16(60, sections.length + 1, true);
  view.setUint16(62, sections.length, true);
  let offset = headerBytes;
  sections.forEach((section, index) => {
    const at = tableOffset + (index + 1) * entryBytes;
    view.setUint32(at, names.offsets.get(section.name) ?? 0, true);
    view.setUint32(at + 4, section.type, true);
    view.setBigUint64(at + 8, BigInt('flags' in section ? (section.flags ?? 0) : 0), true);
    view.setBigUint64(at + 24, BigInt(offset), true);
    view.setBigUint64(at + 32, BigInt(section.content.length), true);
    const link = 'link' in section ? sections.findIndex(({ name }) => name === section.link) + 1 : 0;
    view.setUint32(at + 40, link, true);
    bytes.set(section.content, offset);
    offset += section.content.length;
  });
  return bytes;
}

/** Texts that end with zero, one behind the other, with the place of each. */
function stringTable(texts: readonly string[]): {
  readonly bytes: Uint8Array;
  readonly offsets: ReadonlyMap<string, number>;
} {
  const offsets = new Map<string, number>();
  const parts: number[] = [];
  for (const text of texts) {
    if (offsets.has(text)) continue;
    offsets.set(text, parts.length);
    parts.push(...new TextEncoder().encode(text), 0);
  }
  return { bytes: Uint8Array.from(parts), offsets };
}

/** `.dynamic` with its strings: tag and text, such as `[29, '$ORIGIN/../lib']` for DT_RUNPATH. */
export function dynamicSections(entries: readonly (readonly [tag: number, text: string])[]): readonly WrittenSection[] {
  const strings = stringTable(['', ...entries.map(([, text]) => text)]);
  const content = new Uint8Array((entries.length + 1) * 16);
  const view = new DataView(content.buffer);
  entries.forEach(([tag, text], index) => {
    view.setBigUint64(index * 16, BigInt(tag), true);
    view.setBigUint64(index * 16 + 8, BigInt(strings.offsets.get(text) ?? 0), true);
  });
  return [
    { name: '.dynstr', type: 3, content: strings.bytes },
    { name: '.dynamic', type: 6, content, link: '.dynstr' },
  ];
}

/** `.gnu.version_r` with its strings: one library that these versions are asked of. */
export function neededVersionSections(versions: readonly string[]): readonly WrittenSection[] {
  const strings = stringTable(['', 'libc.so.6', ...versions]);
  const content = new Uint8Array(16 + versions.length * 16);
  const view = new DataView(content.buffer);
  view.setUint16(0, 1, true);
  view.setUint16(2, versions.length, true);
  view.setUint32(4, strings.offsets.get('libc.so.6') ?? 0, true);
  view.setUint32(8, 16, true);
  versions.forEach((version, index) => {
    const at = 16 + index * 16;
    view.setUint32(at + 8, strings.offsets.get(version) ?? 0, true);
    view.setUint32(at + 12, index + 1 < versions.length ? 16 : 0, true);
  });
  return [
    { name: '.dynstr', type: 3, content: strings.bytes },
    { name: '.gnu.version_r', type: 0x6ffffffe, content, link: '.dynstr' },
  ];
}
