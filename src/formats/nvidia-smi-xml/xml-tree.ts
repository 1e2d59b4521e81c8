import { SaxesParser } from 'saxes';
import { PlimsollError } from '../../core/units/errors.ts';

/** An element with its text; attributes only where a fact is one. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly text: string;
  readonly children: readonly XmlElement[];
}

/** Eight boards with all their clocks are 0.2 MB. */
const mostBytes = 16 * 1024 * 1024;
const mostElements = 200_000;
const mostDepth = 32;
const mostTextLength = 4096;

/** Long lists without a fact of the hardware in them. */
const skipped = new Set(['supported_clocks', 'processes', 'accounted_processes', 'encoder_stats', 'fbc_stats']);

/**
 * The tree of an XML document whose root is `root`. Bounded in bytes, elements and depth; a document type with declarations
 * inside is refused, because nvidia-smi writes none and entities are how small XML becomes large.
 * @throws PlimsollError `nvidia-smi-invalid` (input).
 */
export function readXmlTree(bytes: Uint8Array, root: string): XmlElement {
  if (bytes.length > mostBytes) throw invalidXml(`${bytes.length} bytes are more than nvidia-smi ever writes`);
  const builder = new TreeBuilder(root);
  const parser = new SaxesParser({ xmlns: false });
  parser.on('doctype', (doctype) => {
    if (doctype.includes('[')) throw invalidXml('the document type declares entities, which nvidia-smi never does');
  });
  parser.on('opentag', ({ name, attributes }) => {
    builder.open(name, attributes);
  });
  parser.on('text', (text) => {
    builder.text(text);
  });
  parser.on('cdata', (text) => {
    builder.text(text);
  });
  parser.on('closetag', () => {
    builder.close();
  });
  const text = decodeXml(bytes);
  if (!text.startsWith('<')) throw invalidXml(`it begins with ${JSON.stringify(text.slice(0, 100).split('\n')[0])}`);
  try {
    parser.write(text).close();
  } catch (thrown) {
    if (thrown instanceof PlimsollError) throw thrown;
    throw invalidXml(reasonOf(thrown), thrown);
  }
  return builder.root();
}

/** A file that PowerShell's `>` wrote is UTF-16 with a byte order mark. */
function decodeXml(bytes: Uint8Array): string {
  const encoding = bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : 'utf-8';
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes).trimStart();
  } catch (thrown) {
    throw invalidXml('the text is neither UTF-8 nor UTF-16', thrown);
  }
}

/** saxes says `12:7: unclosed tag: gpu`. */
function reasonOf(thrown: unknown): string {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const placed = /^(\d+):(\d+): (.*)$/s.exec(message);
  return placed === null ? message : `line ${placed[1]}, column ${placed[2]}: ${(placed[3] ?? '').slice(0, 200)}`;
}

export function invalidXml(what: string, cause?: unknown): PlimsollError {
  return new PlimsollError({
    code: 'nvidia-smi-invalid',
    category: 'input',
    message: `not the whole output of nvidia-smi -q -x: ${what}`,
    next: 'write it again on that node: nvidia-smi -q -x > FILE',
    cause,
  });
}

interface OpenElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  text: string;
  readonly children: XmlElement[];
}

class TreeBuilder {
  readonly #rootName: string;
  readonly #open: OpenElement[] = [];
  /** Depth at which a skipped element began; what is inside is read and dropped. */
  #skippedFrom: number | null = null;
  #depth = 0;
  #elements = 0;
  #root: XmlElement | null = null;

  constructor(rootName: string) {
    this.#rootName = rootName;
  }

  open(name: string, attributes: Readonly<Record<string, string>>): void {
    if (this.#depth === 0 && name !== this.#rootName) {
      throw invalidXml(`the root element is <${name.slice(0, 100)}> and not <${this.#rootName}>`);
    }
    this.#depth += 1;
    if (this.#depth > mostDepth) throw invalidXml(`elements are nested more than ${mostDepth} deep`);
    if (this.#skippedFrom !== null) return;
    if (skipped.has(name)) {
      this.#skippedFrom = this.#depth;
      return;
    }
    this.#elements += 1;
    if (this.#elements > mostElements) throw invalidXml(`more than ${mostElements} elements`);
    this.#open.push({ name, attributes, text: '', children: [] });
  }

  text(text: string): void {
    const current = this.#skippedFrom === null ? this.#open.at(-1) : undefined;
    if (current === undefined || current.text.length > mostTextLength) return;
    current.text += text.slice(0, mostTextLength + 1);
  }

  close(): void {
    const depth = this.#depth;
    this.#depth -= 1;
    if (this.#skippedFrom !== null) {
      if (this.#skippedFrom === depth) this.#skippedFrom = null;
      return;
    }
    const closed = this.#open.pop();
    if (closed === undefined) return;
    const element = { ...closed, text: closed.text.trim() };
    const parent = this.#open.at(-1);
    if (parent === undefined) this.#root = element;
    else parent.children.push(element);
  }

  root(): XmlElement {
    if (this.#root === null) throw invalidXml('there is no element in it');
    return this.#root;
  }
}
