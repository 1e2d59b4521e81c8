import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { DeviceLibrary } from '../../../src/core/image/image-facts.ts';
import { smOf } from '../../../src/core/image/kernel-target.ts';
import { sourceOf } from '../../../src/formats/byte-source.ts';
import { readElf } from '../../../src/formats/elf/elf-file.ts';
import { readLibrary } from '../../../src/formats/elf/read-library.ts';
import { decompressZstd } from '../../../src/testing/builders/files/decompress-zstd.ts';
import { fetchedWheels, filesOf } from '../../peers/cuda-wheels.ts';

/** The second source: NVIDIA's own reader, which shares no code with ours. */
const fetched = fetchedWheels();
const tools = fetched.filter(({ libraries }) => libraries === 0).flatMap((wheel) => filesOf(wheel, /^cuobjdump$/));
const wheels = fetched.filter(({ libraries }) => libraries > 0);
if (tools.length === 0 || wheels.length === 0) {
  console.error(
    'kernel-lists.test.ts is skipped: the wheels with CUDA libraries are not there; next: node scripts/bootstrap.mjs test/peers/install/cuda-wheels.ts',
  );
}

const folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-kernel-lists-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Lists {
  readonly cubins: readonly string[];
  readonly ptx: readonly string[];
}

describe.skipIf(tools.length === 0 || wheels.length === 0)(
  'the kernels of a library are those that cuobjdump lists',
  () => {
    it.each(wheels)('in $name $version', { timeout: 600_000 }, async (wheel) => {
      const compared: string[] = [];
      const refused: string[] = [];
      for (const file of filesOf(wheel, /\.so(\.[\d.]+)?$/)) {
        const [device, theirs] = [await ours(file), await listedByCuobjdump(file)];
        expect(device?.unknown, file).toBeUndefined();
        if (typeof theirs === 'string') {
          refused.push(`${path.basename(file)}: ${theirs}`);
          continue;
        }
        expect(listsOf(device), file).toEqual(theirs);
        if (theirs.cubins.length + theirs.ptx.length > 0) compared.push(path.basename(file));
      }
      expect(refused).toEqual(tools.length === 1 ? (wheel.refused ?? []) : []);
      expect(compared).toHaveLength(wheel.libraries - refused.length);
    });
  },
);

/** Reads the file in pieces, as the inspection of an image does. */
async function ours(file: string): Promise<DeviceLibrary | null> {
  const handle = await open(file);
  const { size } = await handle.stat();
  const read = async (offset: number, length: number): Promise<Uint8Array> => {
    const bytes = Buffer.alloc(Math.max(0, Math.min(length, size - offset)));
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, offset);
    return bytes.subarray(0, bytesRead);
  };
  try {
    return (await readLibrary({ bytes: size, read }, file, { decompressZstd }))?.device ?? null;
  } finally {
    await handle.close();
  }
}

const listsOf = (device: DeviceLibrary | null): Lists => ({
  cubins: (device?.cubins ?? []).map(smOf).sort(),
  ptx: (device?.ptx ?? []).map(smOf).sort(),
});

/**
 * What cuobjdump lists of the library, and of the fat binaries that stand where it does not look, put into a file of their
 * own. Left out are those that go with code for the linker at run time (cuSPARSE): no runtime loads them.
 */
async function listedByCuobjdump(file: string): Promise<Lists | string> {
  const lines = await cuobjdump(file);
  if (lines.failure !== null) return lines.failure;
  const elsewhere = path.join(folder, 'elsewhere.fatbin');
  const fatbins = await fatbinsElsewhere(file);
  if (fatbins.length > 0) writeFileSync(elsewhere, Buffer.concat(fatbins));
  const more = fatbins.length > 0 ? await cuobjdump(elsewhere) : { output: '', failure: null };
  if (more.failure !== null) return more.failure;
  const targets = (ending: string): readonly string[] => {
    const found = `${lines.output}\n${more.output}`.matchAll(new RegExp(`\\.(sm_\\w+)\\.${ending}$`, 'gm'));
    return [...new Set([...found].map((match) => match[1] ?? ''))].sort();
  };
  return { cubins: targets('cubin'), ptx: targets('ptx') };
}

interface Answer {
  readonly output: string;
  /** Its own words; null when it read the file. */
  readonly failure: string | null;
}

/** By the first that does not refuse the file: cuobjdump 13.5 reads not all of what CUDA 12.1 wrote, and 12.8 does. */
async function cuobjdump(file: string): Promise<Answer> {
  let answer: Answer = { output: '', failure: 'no tool' };
  for (const tool of tools) {
    answer = await run(tool, file);
    if (answer.failure === null) break;
  }
  return answer;
}

function run(tool: string, file: string): Promise<Answer> {
  return new Promise((resolve) => {
    execFile(tool, ['-lelf', '-lptx', file], { maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      const isEmpty = /does not contain device code/.test(stderr);
      const fatal = /cuobjdump fatal\s*: (.*?)( in '|$)/m.exec(stderr)?.[1];
      const failure = fatal ?? (error === null || isEmpty ? null : error.message);
      resolve({ output: stdout, failure });
    });
  });
}

async function fatbinsElsewhere(file: string): Promise<readonly Buffer[]> {
  const bytes = readFileSync(file);
  const elf = await readElf(sourceOf(bytes));
  if ('notOurs' in elf) return [];
  const read = elf.sections.filter(({ name }) => name === '.nv_fatbin' || name === '__nv_relfatbin');
  const found: Buffer[] = [];
  const magic = Buffer.from([0x50, 0xed, 0x55, 0xba, 1, 0, 16, 0]);
  for (let at = bytes.indexOf(magic); at >= 0; at = bytes.indexOf(magic, at + 8)) {
    const fatbin = bytes.subarray(at, at + 16 + Number(bytes.readBigUInt64LE(at + 8)));
    const isRead = read.some(({ offset, bytes: size }) => at >= offset && at < offset + size);
    if (!isRead && at % 8 === 0 && !kindsOf(fatbin).includes(8))
      found.push(fatbin, Buffer.alloc((8 - (fatbin.length % 8)) % 8));
  }
  return found;
}

function kindsOf(fatbin: Buffer): readonly number[] {
  const kinds: number[] = [];
  for (let at = 16; at + 64 <= fatbin.length;) {
    kinds.push(fatbin.readUInt16LE(at));
    at += fatbin.readUInt32LE(at + 4) + Number(fatbin.readBigUInt64LE(at + 8));
  }
  return kinds;
}
