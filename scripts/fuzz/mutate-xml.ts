import type { SeededRandom } from './random.ts';

/** Values that elements of nvidia-smi have, and some that they should not. */
const values = [
  ...[
    'N/A',
    '[N/A]',
    'None',
    '',
    ' ',
    '0',
    '-1',
    '1',
    '7',
    '8.0',
    '12.8',
    '570.124.06',
    'Enabled',
    'Disabled',
    'Yes',
    'No',
  ],
  ...[
    '15360 MiB',
    '0 MiB',
    '99999999999999999999 MiB',
    '81559 GiB',
    '70.00 W',
    'x16',
    '16x',
    '4',
    'Active',
    'Not Active',
  ],
  ...[
    '0x20B010DE',
    '00000000:00:04.0',
    'GPU-00000000-0000-0000-0000-000000000000',
    'Tesla',
    'NVIDIA',
    '&lt;',
    '\u{1f600}',
  ],
  ...[
    'Function Not Found',
    'Insufficient Permissions',
    '[Unknown Error]',
    'ERR!',
    'Requested functionality has been deprecated',
  ],
];

interface Element {
  readonly name: string;
  /** Of the whole element, and of what is between its tags. */
  readonly start: number;
  readonly end: number;
  readonly innerStart: number;
  readonly innerEnd: number;
}

/** A change that leaves the XML well-formed: without it nearly every input ends at the first broken tag. */
export function mutateXml(bytes: Uint8Array, random: SeededRandom): Uint8Array {
  let text = Buffer.from(bytes).toString('latin1');
  for (let left = 1 + random.below(4); left > 0; left -= 1) text = change(text, random);
  return Uint8Array.from(Buffer.from(text, 'latin1'));
}

function change(text: string, random: SeededRandom): string {
  const element = pickElement(text, random);
  if (element === null) return text;
  const { name, start, end, innerStart, innerEnd } = element;
  const [before, inner, after] = [text.slice(0, innerStart), text.slice(innerStart, innerEnd), text.slice(innerEnd)];
  switch (random.below(6)) {
    case 0:
      return text.slice(0, start) + text.slice(end);
    case 1:
      return text.slice(0, end) + text.slice(start, end) + text.slice(end);
    case 2: {
      const other = pickElement(text, random);
      return other === null ? text : before + text.slice(other.innerStart, other.innerEnd) + after;
    }
    case 3: {
      const other = pickElement(text, random);
      if (other === null) return text;
      return `${text.slice(0, start)}<${other.name}>${inner}</${other.name}>${text.slice(end)}`;
    }
    default:
      return before + (random.chance(4) ? `<${name}>${random.pick(values)}</${name}>` : random.pick(values)) + after;
  }
}

/** An element without attributes, from a random place on. */
function pickElement(text: string, random: SeededRandom): Element | null {
  const from = random.below(text.length + 1);
  const open = /<([a-z_][a-z_0-9]*)>/g;
  open.lastIndex = from;
  const match = open.exec(text);
  if (match === null) return null;
  const [tag, name = ''] = match;
  const innerStart = match.index + tag.length;
  const innerEnd = text.indexOf(`</${name}>`, innerStart);
  if (innerEnd < 0) return null;
  return { name, start: match.index, end: innerEnd + name.length + 3, innerStart, innerEnd };
}
