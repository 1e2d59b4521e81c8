import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { proveSteps } from '../../core/units/next-steps/prove-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import type { Lock } from '../../core/evidence/lock/lock.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { readLock } from '../../schemas/lock/lock.ts';

const gitBounds = { timeout: 30_000, maxBuffer: 8 * 1024 * 1024 } as const;

/**
 * The lock to compare with: of a git revision (`origin/main`), or a file. Null where there was none at that revision.
 * @param folder of the contract. @param given as typed. @param cwd what a file is relative to.
 * @throws PlimsollError `base-unknown` (input): neither a file nor a revision that this repository has; `lock-invalid`.
 */
export async function readBaseLock(
  given: string,
  folder: string,
  cwd: string,
  signal: AbortSignal,
): Promise<Lock | null> {
  const file = await readFile(path.resolve(cwd, given)).catch(() => null);
  if (file !== null) return baseLock(file, given);
  // `--end-of-options` keeps a revision that begins with a dash from being an option.
  const commit = await git(
    ['rev-parse', '--verify', '--quiet', '--end-of-options', `${given}^{commit}`],
    folder,
    signal,
  );
  if (commit.status !== 0) throw unknownBase(given, commit.said);
  const tree = await git(
    ['ls-tree', '--name-only', commit.out.toString('utf8').trim(), './plimsoll.lock'],
    folder,
    signal,
  );
  if (tree.status !== 0) throw unknownBase(given, tree.said);
  if (tree.out.byteLength === 0) return null;
  const show = await git(['show', `${commit.out.toString('utf8').trim()}:./plimsoll.lock`], folder, signal);
  if (show.status !== 0) throw unknownBase(given, show.said);
  return baseLock(show.out, `plimsoll.lock at ${given}`);
}

/** What is wrong with a lock to compare with is not mended by writing the own one anew. */
function baseLock(bytes: Uint8Array, file: string): Lock {
  try {
    return readLock(bytes, file);
  } catch (thrown) {
    if (!(thrown instanceof PlimsollError) || thrown.code !== 'lock-invalid') throw thrown;
    const { code, category, message, details } = thrown;
    const next = 'give --against a git revision or a file whose lock can be read';
    throw new PlimsollError({ code, category, message, next, details, cause: thrown });
  }
}

interface GitAnswer {
  readonly status: number;
  readonly out: Buffer;
  readonly said: string;
}

function git(args: readonly string[], cwd: string, signal: AbortSignal): Promise<GitAnswer> {
  return new Promise((resolve) => {
    execFile('git', args, { cwd, signal, encoding: 'buffer', ...gitBounds }, (failure, out, err) => {
      const said = err.toString('utf8').trim().split('\n')[0] ?? '';
      resolve({ status: failure === null ? 0 : 1, out, said });
    });
  });
}

function unknownBase(given: string, said: string): PlimsollError {
  return new PlimsollError({
    code: 'base-unknown',
    category: 'input',
    message: `${given} is neither a file nor a revision of this git repository${said === '' ? '' : ` (${said})`}`,
    next: nextStep(proveSteps, 'base-unknown'),
  });
}
