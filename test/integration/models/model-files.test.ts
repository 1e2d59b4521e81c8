import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { sourceOf } from '../../../src/formats/byte-source.ts';
import { parseGguf } from '../../../src/formats/gguf/parse-gguf.ts';
import { ggmlType } from '../../../src/formats/gguf/tensor-types.ts';
import { parseOnnx } from '../../../src/formats/onnx/parse-onnx.ts';
import { parseSafetensors } from '../../../src/formats/safetensors/parse-safetensors.ts';
import { findPeerLibraries } from '../../peers/peer-libraries.ts';

const fixtures = path.join(import.meta.dirname, '../../../src/formats/model-file/fixtures');
const scripts = path.join(import.meta.dirname, 'model-files');
const libraries = findPeerLibraries();
if (libraries.kind === 'missing') {
  console.error(
    `model-files.test.ts is skipped: ${libraries.why}; next: node scripts/bootstrap.mjs test/peers/install/libraries.ts`,
  );
}

const python = (script: string, ...args: readonly string[]): string => {
  if (libraries.kind === 'missing') throw new Error(libraries.why);
  return execFileSync(libraries.python, [path.join(scripts, script), ...args], { encoding: 'utf8', timeout: 60_000 });
};
const filesOf = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => !name.endsWith('.md'))
    .sort();
const counts = (types: Readonly<Record<string, { readonly tensors: number }>>): Record<string, number> =>
  Object.fromEntries(Object.entries(types).map(([name, { tensors }]) => [name, tensors]));

describe.skipIf(libraries.kind === 'missing')('against the libraries of the formats', () => {
  const files = filesOf(fixtures).filter((name) => /\.(?:gguf|onnx|safetensors)$/.test(name));
  const theirs = (): Record<string, object> =>
    JSON.parse(python('read_models.py', ...files.map((name) => path.join(fixtures, name)))) as Record<string, object>;

  it('every fixture reads the same', async () => {
    const expected = theirs();
    expect(files.length).toBeGreaterThanOrEqual(9);
    for (const name of files) {
      const file = path.join(fixtures, name);
      const source = sourceOf(readFileSync(file));
      expect(await readOurs(name, source), name).toEqual(expected[file]);
    }
  });

  async function readOurs(name: string, source: ReturnType<typeof sourceOf>): Promise<object> {
    if (name.endsWith('.gguf')) {
      const file = await parseGguf(source);
      const { version, metadataEntries: entries, architecture, tensors, parameters, weightsBytes, types } = file;
      return { version, entries, architecture, tensors, parameters, weightsBytes, types: counts(types) };
    }
    if (name.endsWith('.onnx')) {
      const { irVersion, opsets, inputs, outputs, weightsBytes } = await parseOnnx(source);
      const names = (values: typeof inputs): readonly string[] => values.map((value) => value.name);
      return { irVersion, opsets, inputs: names(inputs), outputs: names(outputs), weightsBytes };
    }
    const { tensors, parameters, dtypes } = await parseSafetensors(source);
    return { tensors, parameters, dtypes: counts(dtypes) };
  }

  it('the block sizes are theirs, but for Q8_1, which occurs in no file', () => {
    const sizes = JSON.parse(python('read_models.py', '--block-sizes')) as Record<string, [string, number, number]>;
    expect(Object.keys(sizes).length).toBeGreaterThan(30);
    for (const [number, [name, elements, bytes]] of Object.entries(sizes)) {
      expect(ggmlType(Number(number)), name).toEqual({ name, elements, bytes: name === 'Q8_1' ? 36 : bytes });
    }
  });

  it('the fixtures are what they write', () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'plimsoll-model-files-'));
    try {
      python('write_fixtures.py', folder);
      expect(filesOf(folder)).toEqual(filesOf(fixtures));
      for (const name of filesOf(folder).filter((file) => /\.\w+$/.test(file) && !file.endsWith('.json'))) {
        expect(contentOf(path.join(folder, name)), name).toEqual(contentOf(path.join(fixtures, name)));
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

/** The safetensors library writes the keys of its header in another order each time; their order means nothing. */
function contentOf(file: string): unknown {
  const bytes = readFileSync(file);
  if (!file.endsWith('.safetensors')) return bytes;
  const headerEnd = 8 + Number(bytes.readBigUInt64LE(0));
  return { header: JSON.parse(bytes.toString('utf8', 8, headerEnd)) as unknown, data: bytes.subarray(headerEnd) };
}
