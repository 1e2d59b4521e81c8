import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Folder of this example; `.cache` in it holds what was computed once and can be computed again. */
export const exampleFolder = import.meta.dirname;
export const cacheFolder = path.join(exampleFolder, '.cache');

export interface CachedFile {
  readonly path: string;
  /** 64 hexadecimal digits, as `sha256sum` prints them. */
  readonly sha256: string;
  readonly bytes: number;
}

export interface CacheEntry {
  /** `split`, `models`: the first part of the folder's name. */
  readonly kind: string;
  /** Digest of everything that the content depends on. */
  readonly key: string;
  readonly names: readonly string[];
  /** Called when there is no entry, or when one of its files is not what it was when it was written. */
  readonly note: (text: string) => void;
  readonly make: () => Promise<ReadonlyMap<string, Uint8Array>>;
  /** Ends the wait for another process that makes the same entry. */
  readonly signal?: AbortSignal;
}

export interface Cached {
  readonly files: ReadonlyMap<string, CachedFile>;
  readonly made: boolean;
}

/**
 * Files that were made once under a key, each verified by its digest before it is used. They are written under a
 * temporary name and renamed together, so that a killed run leaves nothing half-written and two runs do not collide.
 */
export async function cached(entry: CacheEntry, root = cacheFolder): Promise<Cached> {
  const folder = path.join(root, `${entry.kind}-${entry.key.slice(0, 16)}`);
  const kept = readVerified(folder, entry);
  if (kept !== null) return { files: kept, made: false };
  const isClaimed = await claimMaking(folder, entry);
  try {
    const others = readVerified(folder, entry);
    if (others !== null) return { files: others, made: false };
    return { files: await makeEntry(folder, entry), made: true };
  } finally {
    if (isClaimed) rmSync(claimOf(folder), { force: true });
  }
}

async function makeEntry(folder: string, entry: CacheEntry): Promise<ReadonlyMap<string, CachedFile>> {
  const contents = await entry.make();
  // Another run may have made the same meanwhile, and hand out its paths: its files stay.
  const others = readVerified(folder, entry);
  if (others !== null) return others;
  writeEntry(folder, contents);
  const written = readVerified(folder, entry);
  if (written === null) throw new Error(`${folder} does not read back as it was written; is its disk sound?`);
  return written;
}

const claimOf = (folder: string): string => `${folder}.making`;

/**
 * Waits while another living process makes the same entry: two trainings at once take twice as long as one. False where
 * this process makes the entry already, or where nothing can be written: then nobody is waited for.
 */
async function claimMaking(folder: string, { signal }: CacheEntry): Promise<boolean> {
  const file = claimOf(folder);
  mkdirSync(path.dirname(folder), { recursive: true });
  for (;;) {
    signal?.throwIfAborted();
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      return true;
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST') return false;
    }
    const holder = readHolder(file);
    if (holder === process.pid) return false;
    if (holder === null) rmSync(file, { force: true });
    else await sleep(200);
  }
}

/** Null where whoever claimed it has ended. A claim of a second ago may not have its process written yet. */
function readHolder(file: string): number | null {
  try {
    const text = readFileSync(file, 'utf8');
    if (text === '') return Date.now() - statSync(file).mtimeMs < 1_000 ? 0 : null;
    process.kill(Number(text), 0);
    return Number(text);
  } catch {
    return null;
  }
}

function readVerified(folder: string, entry: CacheEntry): ReadonlyMap<string, CachedFile> | null {
  if (!existsSync(folder)) return null;
  const digests = readDigests(path.join(folder, 'sha256sums'));
  const files = new Map<string, CachedFile>();
  for (const name of entry.names) {
    const file = path.join(folder, name);
    const bytes = existsSync(file) ? readFileSync(file) : new Uint8Array();
    const sha256 = sha256Of(bytes);
    if (digests.get(name) !== sha256) {
      entry.note(
        `${path.relative(process.cwd(), file)} is not what was cached (sha256 ${sha256.slice(0, 12)}); made anew`,
      );
      return null;
    }
    files.set(name, { path: file, sha256, bytes: bytes.byteLength });
  }
  return files;
}

function readDigests(file: string): ReadonlyMap<string, string> {
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  return new Map(lines.filter((line) => line.length > 66).map((line) => [line.slice(66), line.slice(0, 64)]));
}

function writeEntry(folder: string, contents: ReadonlyMap<string, Uint8Array>): void {
  const temporary = `${folder}.${process.pid}.tmp`;
  rmSync(temporary, { recursive: true, force: true });
  mkdirSync(temporary, { recursive: true });
  const sums = [...contents].map(([name, bytes]) => {
    writeFileSync(path.join(temporary, name), bytes);
    return `${sha256Of(bytes)}  ${name}\n`;
  });
  writeFileSync(path.join(temporary, 'sha256sums'), sums.join(''));
  rmSync(folder, { recursive: true, force: true });
  try {
    renameSync(temporary, folder);
  } catch (thrown) {
    // Another run put its own there after this one looked; the caller verifies it.
    if (!existsSync(folder)) throw thrown;
    rmSync(temporary, { recursive: true, force: true });
  }
}

export function sha256Of(...parts: readonly (Uint8Array | string)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}

/** Digest of the sources (tests left out) of the given files and folders of this example, names included. */
export function digestOfSources(...names: readonly string[]): string {
  const hash = createHash('sha256');
  for (const name of names.flatMap(sourcesUnder)) {
    hash
      .update(`${name}\0`)
      .update(readFileSync(path.join(exampleFolder, name)))
      .update('\0');
  }
  return hash.digest('hex');
}

function sourcesUnder(name: string): readonly string[] {
  if (name.endsWith('.ts')) return [name];
  return readdirSync(path.join(exampleFolder, name))
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .sort()
    .map((file) => `${name}/${file}`);
}
