import type { FuzzTarget } from './target.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The contract, with every problem that it is told of. */
export const contractTarget: FuzzTarget = {
  parser: 'contract',
  bytesAtMost: 64 * 1024,
  dictionary: [
    ...[
      '[',
      ']',
      '{',
      '}',
      '{a: ',
      '[[[[[[[[',
      '- ',
      '- - - - ',
      '? ',
      ': ',
      ',',
      '\n',
      '\n  ',
      '\t',
      '# x\n',
      '---\n',
      '...\n',
    ],
    ...[
      '&a ',
      '*a',
      '*a, *a, *a, *a',
      '<<: ',
      '!!str ',
      '!x ',
      '%YAML 1.2\n',
      '|\n',
      '>-\n',
      '"',
      "'",
      '\\u0041',
      '\\x',
    ],
    ...['apiVersion: plimsoll.dev/v1\n', 'service: a\n', 'code:\n', 'model:\n', 'hardware:\n', 'environments:\n'],
    ...[
      '__proto__: 1\n',
      'constructor: 1\n',
      'null',
      '.inf',
      '.nan',
      '0x10',
      '1e999',
      '\u{1f600}',
      [0xff, 0xfe],
      [0xc0],
    ],
  ],
  async seeds() {
    const { minimalContract, wholeContract } = await import('../../src/testing/builders/contract-texts.ts');
    const aliases = 'a: &a [1, 2]\nb: [*a, *a]\nc: &c { d: *a }\ne: [*c, *c]\n';
    return [minimalContract, wholeContract, aliases, '? [a]\n: |\n  b\n', 'a: "b\n  c"\n'].map(bytesOf);
  },
  async run(bytes) {
    const { readContract } = await import('../../src/schemas/contract/contract.ts');
    const reading = readContract(bytes, 'plimsoll.yaml');
    if (reading.ok) return reading.loaded;
    if (reading.problems.length === 0 || reading.problems.length > 50)
      throw new RangeError(`${reading.problems.length} problems`);
    for (const { line, column, length } of reading.problems)
      if (!(line >= 1 && column >= 1 && length >= 1)) throw new RangeError(`a problem at ${line}:${column}`);
    return reading.problems;
  },
};

const digest = `sha256:${'0a'.repeat(32)}`;
const lock = {
  lockVersion: 1,
  service: 'digits',
  environments: {
    prod: {
      code: { digest, files: { 'a.py': digest } },
      model: { name: 'digits', version: 1, digest, format: 'onnx', signature: { inputs: [], outputs: [] } },
      data: { golden: { version: 1, digest } },
      deviceClasses: [digest],
      runtime: { onnxruntime: '1.30.0' },
      evidence: {
        golden: {
          kind: 'golden',
          subjects: { code: digest },
          measurements: { cases: [1, { a: null }] },
          measuredAtMs: 1,
          by: 'ann',
          plimsollVersion: '1',
        },
      },
    },
  },
};

/** The lock; what is read writes as text that reads as the same. */
export const lockTarget: FuzzTarget = {
  parser: 'lock',
  bytesAtMost: 64 * 1024,
  dictionary: [
    ...[
      '[',
      ']',
      '{',
      '}',
      '[[[[[[[[[[[[[[[[',
      '{"a":',
      ',',
      ':',
      '"',
      '\\"',
      '\\u0000',
      '\n',
      'null',
      'true',
      '-1',
      '1e999',
    ],
    ...[
      '"__proto__":{}',
      '"lockVersion":1',
      '"evidence":{}',
      '"golden":',
      '"measurements":{}',
      digest,
      '<<<<<<< a\n',
      '=======\n',
    ],
    ...['\u{1f600}', [0xff, 0xfe], [0xef, 0xbb, 0xbf]],
  ],
  seeds: () => Promise.resolve([JSON.stringify(lock), JSON.stringify(lock, null, 2), '{"lockVersion":2}'].map(bytesOf)),
  async run(bytes) {
    const { lockText, readLock } = await import('../../src/schemas/lock/lock.ts');
    const read = readLock(bytes, 'plimsoll.lock');
    const text = lockText(read);
    if (lockText(readLock(bytesOf(text), 'plimsoll.lock')) !== text) throw new RangeError('it reads back as another');
    return text;
  },
};
