import { createHash } from 'node:crypto';
import { createReadStream, type Stats } from 'node:fs';
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { adapterSteps } from '../../../core/units/next-steps/adapter-steps.ts';
import { nextStep } from '../../../core/units/next-steps/next-step.ts';
import type { ArtifactFile } from '../../../core/registry/model-version.ts';
import type { Digest } from '../../../core/units/digest.ts';
import { PlimsollError } from '../../../core/units/errors.ts';
import { requireRegular } from '../regular-file.ts';
import { storageError, systemCode } from '../storage-errors.ts';

const mostFiles = 10_000;

/** What a folder holds that is never code: the state of Plimsoll and git would change the digest by being used. */
const neverCode = new Set(['.plimsoll', '.git', 'plimsoll.yaml', 'plimsoll.lock']);

/** Files and folders of `code.files`, or of another key, with the digests of their content, sorted by path, none twice. */
export async function readCodeFiles(
  folder: string,
  names: readonly string[],
  key: 'code.files' | 'features' = 'code.files',
): Promise<readonly ArtifactFile[]> {
  try {
    const root = await realpath(folder);
    const found = new Map<string, string>();
    for (const name of names) await collect({ root, found, key, name }, path.join(folder, name), []);
    const files: ArtifactFile[] = [];
    for (const [relative, location] of [...found].sort(([a], [b]) => (a < b ? -1 : 1))) {
      files.push({ path: relative, ...(await digestOfFile(location)) });
    }
    return files;
  } catch (thrown) {
    throw await storageError(thrown, 'reading the files of the code', folder);
  }
}

interface Walk {
  readonly root: string;
  /** Path relative to the contract's folder, to the location of the bytes. */
  readonly found: Map<string, string>;
  /** The key of the contract that names it. */
  readonly key: string;
  /** As the contract writes it. */
  readonly name: string;
}

/** `above` holds the real folders being walked, so that a link to one of them does not go round for ever. */
async function collect(walk: Walk, location: string, above: readonly string[]): Promise<void> {
  const real = await resolved(walk, location);
  const facts = await stat(real);
  const relative = path.relative(walk.root, path.join(await parentOf(location), path.basename(location)));
  if (facts.isFile()) addFile(walk, relative, real);
  else if (facts.isDirectory() && !above.includes(real)) await collectFolder(walk, location, [...above, real]);
  else if (!facts.isDirectory()) throw notAFile(walk, relative, facts);
}

const parentOf = (location: string): Promise<string> => realpath(path.dirname(location));

async function collectFolder(walk: Walk, location: string, above: readonly string[]): Promise<void> {
  for (const entry of (await readdir(location)).sort()) {
    if (!neverCode.has(entry)) await collect(walk, path.join(location, entry), above);
  }
}

async function resolved({ root, key, name }: Walk, location: string): Promise<string> {
  const real = await realpath(location).catch((thrown: unknown) => {
    if (systemCode(thrown) === 'ENOENT') throw missing(key, name, location);
    throw thrown;
  });
  if (real === root || real.startsWith(root + path.sep)) return real;
  throw new PlimsollError({
    code: 'code-file-escapes',
    category: 'input',
    message: `${key} \`${name}\`: ${location} leads to ${real}, outside the folder of the contract`,
    next: `copy it below the folder of the contract, or take it out of ${key}`,
  });
}

function addFile({ found, key, name }: Walk, relative: string, real: string): void {
  found.set(relative.split(path.sep).join('/'), real);
  if (found.size <= mostFiles) return;
  throw new PlimsollError({
    code: 'code-files-too-many',
    category: 'input',
    message: `${key} \`${name}\` holds more than ${mostFiles} files`,
    next: `name what is meant one by one in ${key}`,
  });
}

function missing(key: string, name: string, location: string): PlimsollError {
  return new PlimsollError({
    code: 'code-file-missing',
    category: 'input',
    message: `${key} names \`${name}\`, and ${location} is not there`,
    next: nextStep(adapterSteps, 'code-file-missing', { key }),
  });
}

function notAFile({ key, name }: Walk, relative: string, facts: Stats): PlimsollError {
  const kind = facts.isSocket() ? 'a socket' : facts.isFIFO() ? 'a pipe' : 'a device';
  return new PlimsollError({
    code: 'code-file-missing',
    category: 'input',
    message: `${key} \`${name}\`: ${relative} is ${kind}, not a file`,
    next: `take it out of ${key}`,
  });
}

/** Read whole: streams and node:crypto take longer to load than `check` takes for the files of most projects. */
const mostBytesWhole = 1024 * 1024;

export async function digestOfFile(location: string): Promise<{ digest: Digest; bytes: number }> {
  const { size } = await requireRegular(location, location);
  if (size <= mostBytesWhole) {
    const content = await readFile(location);
    const found = await crypto.subtle.digest('SHA-256', content);
    return { digest: `sha256:${Buffer.from(found).toString('hex')}`, bytes: content.length };
  }
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(location) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { digest: `sha256:${hash.digest('hex')}`, bytes };
}
