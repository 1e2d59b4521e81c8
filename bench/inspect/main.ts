/**
 * An image inspected without cache, digests verified, against `gzip -dc | tar t` over the same layers:
 *
 *   npm run bench -- inspect [--size 10GB] [--rounds 2] [--folder FOLDER] [--json]
 *
 * Rounds are interleaved. Needs as much disk as the size says, in the folder for temporary files unless another is named.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { formatBytes, readBytes } from '../../src/core/units/quantity/quantity-bytes.ts';
import { median } from '../median.ts';
import { generateImage, type GeneratedImage } from './generated-image.ts';

const aims = { ratio: 1, residentBytes: 300e6 };
const root = path.dirname(path.dirname(import.meta.dirname));

export async function main(argv: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      json: { type: 'boolean', default: false },
      size: { type: 'string', default: '10GB' },
      rounds: { type: 'string', default: '2' },
      folder: { type: 'string', default: tmpdir() },
    },
  });
  const size = readBytes(values.size);
  if (!size.ok) {
    console.error(`bench inspect: ${values.size} is not ${size.expected}`);
    return 2;
  }
  if (spawnSync('sh', ['-c', 'command -v gzip && command -v tar'], { stdio: 'ignore' }).status !== 0) {
    console.error('bench inspect needs gzip and tar');
    return 3;
  }
  const folder = mkdtempSync(path.join(values.folder, 'plimsoll-bench-inspect-'));
  try {
    const image = await generateImage(folder, size.value);
    return report(image, await compare(image, Number(values.rounds)), values.json);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Comparison {
  readonly tarMs: readonly number[];
  readonly inspectMs: readonly number[];
  readonly residentBytes: number;
}

async function compare(image: GeneratedImage, rounds: number): Promise<Comparison> {
  const [tarMs, inspectMs, resident]: number[][] = [[], [], []];
  for (let round = 0; round < rounds; round += 1) {
    tarMs?.push(listByTar(image));
    const inspected = await inspect(image);
    inspectMs?.push(inspected.ms);
    resident?.push(inspected.residentBytes);
  }
  return { tarMs: tarMs ?? [], inspectMs: inspectMs ?? [], residentBytes: Math.max(...(resident ?? [])) };
}

function listByTar({ layerFiles }: GeneratedImage): number {
  const startedMs = performance.now();
  const script = 'for layer; do gzip -dc < "$layer" | tar t > /dev/null || exit 1; done';
  const run = spawnSync('sh', ['-c', script, 'sh', ...layerFiles], { stdio: ['ignore', 'ignore', 'inherit'] });
  if (run.status !== 0) throw new Error(`gzip -dc | tar t exited with ${run.status ?? run.signal}`);
  return performance.now() - startedMs;
}

/** The command as people run it, in a process of its own. */
async function inspect(image: GeneratedImage): Promise<{ readonly ms: number; readonly residentBytes: number }> {
  const startedMs = performance.now();
  const args = [path.join(root, 'src/bin/plimsoll.ts'), 'inspect', `oci:${image.folder}`, '--no-cache', '--json'];
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  let [output, residentBytes] = ['', 0];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  const timer = setInterval(() => (residentBytes = Math.max(residentBytes, peakOf(child.pid))), 50);
  const status = await new Promise((resolve) => child.once('close', resolve));
  clearInterval(timer);
  const ms = performance.now() - startedMs;
  if (status !== 0) throw new Error(`plimsoll inspect exited with ${String(status)}: ${output}`);
  checkAnswer(output, image);
  return { ms, residentBytes };
}

/** A fast answer that is wrong is worth nothing. */
function checkAnswer(output: string, image: GeneratedImage): void {
  const { facts } = JSON.parse(output) as {
    readonly facts: { readonly cuda: { readonly version: string } | null; readonly libraries: readonly unknown[] };
  };
  if (facts.cuda?.version !== '12.4.127') throw new Error('inspect did not find the CUDA runtime');
  if (facts.libraries.length !== image.librariesWithDeviceCode) {
    throw new Error(`inspect found ${facts.libraries.length} libraries of ${image.librariesWithDeviceCode}`);
  }
}

/** The kernel's own high-water mark, so that no peak between two looks is missed. */
function peakOf(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

function report(image: GeneratedImage, { tarMs, inspectMs, residentBytes }: Comparison, json: boolean): number {
  const ratio = median(inspectMs) / median(tarMs);
  const met = ratio <= aims.ratio && residentBytes > 0 && residentBytes < aims.residentBytes;
  const { plainBytes, compressedBytes, librariesWithDeviceCode } = image;
  if (json) {
    const sizes = { plainBytes, compressedBytes, librariesWithDeviceCode };
    console.log(
      JSON.stringify({ bench: 'inspect', ...sizes, tarMs, inspectMs, ratio, residentBytes, aims, met }, null, 2),
    );
    return met ? 0 : 1;
  }
  const seconds = (samples: readonly number[]): string =>
    `${(median(samples) / 1000).toFixed(1)} s (${samples.map((ms) => (ms / 1000).toFixed(1)).join(', ')})`;
  console.log(`image               ${formatBytes(plainBytes)}, ${formatBytes(compressedBytes)} as gzip, 10 layers`);
  console.log(`gzip -dc | tar t    ${seconds(tarMs)}`);
  console.log(`plimsoll inspect    ${seconds(inspectMs)}  ${ratio.toFixed(2)} x (aim: at most ${aims.ratio})`);
  console.log(
    `resident            ${(residentBytes / 1e6).toFixed(0)} MB at most (aim: under ${aims.residentBytes / 1e6} MB)`,
  );
  console.log(`device code         ${librariesWithDeviceCode} libraries, all found; every digest verified`);
  return met ? 0 : 1;
}
