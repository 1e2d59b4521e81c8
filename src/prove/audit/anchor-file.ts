import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { formatAnchor, parseAnchors } from '../../core/records/audit/anchor-lines.ts';
import type { ChainAnchor } from '../../core/records/audit/verify-chain.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { proveSteps } from '../../core/units/next-steps/prove-steps.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { ownerOnly } from '../../ports/process/write-durably.ts';

/** A line has 120 bytes: one a minute for two years. */
const mostBytes = 128 * 1024 * 1024;

/**
 * Appends an anchor; what is there is not touched, so that a file that only takes appends will do. Durable once it resolves.
 * @throws PlimsollError `anchor-unwritable` (unavailable).
 */
export async function appendAnchor(file: string, anchor: ChainAnchor): Promise<void> {
  try {
    const handle = await open(file, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT, ownerOnly);
    try {
      await handle.appendFile(`${(await endsInLine(file)) ? '' : '\n'}${formatAnchor(anchor)}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw new PlimsollError({
      code: 'anchor-unwritable',
      category: 'unavailable',
      message: `the anchor ${file} cannot be written: ${cause instanceof Error ? cause.message : String(cause)}`,
      next: 'name a file in a folder that this user may write to, on a disk with space',
      cause,
    });
  }
}

/** A line that a full disk or a crash cut off is ended first. A file that cannot be read begins on a line of its own too. */
async function endsInLine(file: string): Promise<boolean> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK).catch(() => null);
  if (handle === null) return false;
  try {
    const { size } = await handle.stat();
    const { buffer, bytesRead } = await handle.read(new Uint8Array(1), 0, 1, Math.max(0, size - 1));
    return bytesRead === 0 || buffer[0] === 0x0a;
  } finally {
    await handle.close();
  }
}

/**
 * Reads the anchors of a file.
 * @throws PlimsollError `anchor-missing`, `anchor-invalid` (input): without its anchors a chain is not verified.
 */
export async function readAnchors(file: string): Promise<readonly ChainAnchor[]> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK).catch((cause: unknown) => {
    throw anchorProblem('anchor-missing', `the anchor ${file} cannot be read`, cause);
  });
  try {
    const found = await handle.stat();
    if (!found.isFile()) throw anchorProblem('anchor-invalid', `the anchor ${file} is no file`);
    if (found.size > mostBytes)
      throw anchorProblem('anchor-invalid', `the anchor ${file} has ${found.size} bytes, of at most ${mostBytes}`);
    const { anchors, wrong } = parseAnchors(await handle.readFile('utf8'));
    if (wrong.length === 0) return anchors;
    throw anchorProblem('anchor-invalid', `${file}:${wrong[0]}: this line is no anchor (${wrong.length} such lines)`);
  } finally {
    await handle.close();
  }
}

function anchorProblem(code: string, message: string, cause?: unknown): PlimsollError {
  const next = nextStep(proveSteps, 'anchor-missing+anchor-invalid');
  return new PlimsollError({ code, category: 'input', message, next, cause });
}
