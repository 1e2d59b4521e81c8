import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { proveSteps } from '../../core/units/next-steps/prove-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { findLogAnchors } from '../../core/records/audit/anchor-lines.ts';
import type { ChainAnchor } from '../../core/records/audit/verify-chain.ts';
import { formatBytes } from '../../core/units/quantity/quantity-bytes.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { AnchorPlace, OpenAnchors } from '../../ports/records/anchors.ts';
import { appendAnchor, readAnchors } from './anchor-file.ts';

const logSocket = '/dev/log';
/** Larger logs are searched outside: `grep plimsoll-anchor`. */
const logBytesAtMost = 512 * 1024 * 1024;
const [everyMinuteMs, everyHourMs] = [60_000, 3_600_000];

/** A place for anchors as it is written. */
export interface NamedAnchorPlace {
  readonly written: string;
  /** How much an attacker can take back unseen: what was recorded since the last anchor. */
  readonly everyMs: number;
  open(ports: OpenAnchors): Promise<AnchorPlace>;
}

/**
 * | written | place | how often |
 * |---|---|---|
 * | a path | a file that is only appended to | each minute |
 * | `syslog:`, `syslog:/path/of/socket` | the log of this machine, /dev/log | each minute |
 * | `oci://HOST/REPOSITORY` | an artifact for each anchor | each hour |
 *
 * @param cwd what a path that is not whole is below.
 */
export function readAnchorPlace(written: string, cwd: string): NamedAnchorPlace {
  if (written.startsWith('oci://'))
    return { written, everyMs: everyHourMs, open: (ports) => ports.oci(repositoryOf(written)) };
  if (written.startsWith('syslog:')) {
    const socket = written.slice('syslog:'.length) || logSocket;
    return { written, everyMs: everyMinuteMs, open: (ports) => ports.syslog(socket) };
  }
  const file = path.resolve(cwd, written);
  const place: AnchorPlace = {
    append: (anchor) => appendAnchor(file, anchor),
    close: () => Promise.resolve(),
  };
  return { written, everyMs: everyMinuteMs, open: () => Promise.resolve(place) };
}

/** Anchors that were read, and what is to be known about them. */
export interface ReadAnchors {
  readonly anchors: readonly ChainAnchor[];
  readonly note: string | null;
}

/**
 * Reads the anchors of a place. `syslog:FILE` is a log of this machine, with lines of other programs.
 * @throws PlimsollError `anchor-missing`, `anchor-invalid` (input); as the registry says. A place without an anchor is an
 *   error: whoever can remove anchors could remove all.
 */
export async function readAnchorsAt(
  written: string,
  cwd: string,
  ports: OpenAnchors,
  signal: AbortSignal,
): Promise<ReadAnchors> {
  if (written.startsWith('oci://')) return readRepository(written, ports, signal);
  if (!written.startsWith('syslog:')) return { anchors: await readAnchors(path.resolve(cwd, written)), note: null };
  const file = written.slice('syslog:'.length);
  const anchors = findLogAnchors(await readLog(path.resolve(cwd, file), file));
  if (anchors.length === 0) throw anchorMissing(`${file === '' ? 'no log' : file} holds no anchor`);
  return { anchors, note: null };
}

async function readRepository(written: string, ports: OpenAnchors, signal: AbortSignal): Promise<ReadAnchors> {
  const place = await ports.oci(repositoryOf(written));
  try {
    const { anchors, count } = await place.read(signal);
    if (count === 0) throw anchorMissing(`${written} holds no anchor`);
    const note =
      count > anchors.length ? `of ${count} anchors in ${written} the newest ${anchors.length} were read` : null;
    return { anchors, note };
  } finally {
    await place.close();
  }
}

function repositoryOf(written: string): string {
  const repository = written.slice('oci://'.length);
  if (/^[^/@\s]+\/[a-z0-9][a-z0-9._/-]{0,254}$/.test(repository)) return repository;
  throw new PlimsollError({
    code: 'anchor-invalid',
    category: 'input',
    message: `${written.slice(0, 200)} names no repository`,
    next: 'write oci://registry.example/audit/plimsoll, without a tag',
  });
}

async function readLog(location: string, shown: string): Promise<string> {
  try {
    const found = await stat(location);
    if (!found.isFile()) throw new Error('it is no file');
    if (found.size > logBytesAtMost) throw new Error(`it is larger than ${formatBytes(logBytesAtMost)}`);
    return await readFile(location, 'utf8');
  } catch (cause) {
    throw anchorMissing(`the log ${shown} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}

function anchorMissing(message: string): PlimsollError {
  return new PlimsollError({
    code: 'anchor-missing',
    category: 'input',
    message,
    next: nextStep(proveSteps, 'anchor-missing+anchor-invalid'),
  });
}
