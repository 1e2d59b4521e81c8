import { readFileSync, statSync } from 'node:fs';
import { controlPlaneSteps } from '../../../core/units/next-steps/control-plane-steps.ts';
import { nextStep } from '../../../core/units/next-steps/next-step.ts';
import { parseTokenFile, type AccessToken } from '../../../core/access/access-token.ts';
import { PlimsollError } from '../../../core/units/errors.ts';

export interface TokenFileLog {
  readonly warn: (facts: object, text: string) => void;
  readonly info: (facts: object, text: string) => void;
}

/** How often the file's state is looked at, when requests come. */
export const lookEveryMs = 500;

/**
 * The tokens of a file, read again when the file changes. A line that became wrong gives no token, and a file that is gone
 * gives none at all: what was revoked stays revoked.
 */
export class WatchedTokenFile {
  readonly #file: string;
  readonly #log: TokenFileLog;
  readonly #monotonicMs: () => number;
  #tokens: readonly AccessToken[] = [];
  #version = '';
  #lookedMs = -Infinity;

  constructor(file: string, log: TokenFileLog, monotonicMs: () => number) {
    this.#file = file;
    this.#log = log;
    this.#monotonicMs = monotonicMs;
  }

  /** @param isMissed a token was asked for that is not among them: it may have been added a moment ago. */
  tokens(isMissed = false): readonly AccessToken[] {
    const nowMs = this.#monotonicMs();
    if (isMissed || nowMs - this.#lookedMs >= lookEveryMs) {
      this.#lookedMs = nowMs;
      this.#look();
    }
    return this.#tokens;
  }

  #look(): void {
    const version = versionOf(this.#file);
    if (version === this.#version) return;
    this.#version = version;
    const { tokens, problems } = parseTokenFile(version === 'missing' ? '' : readText(this.#file));
    this.#tokens = tokens;
    for (const { line, problem } of problems) {
      this.#log.warn({ file: this.#file, line }, `a line of the token file is wrong and gives no token: ${problem}`);
    }
    this.#log.info({ file: this.#file, tokens: tokens.length }, 'the token file was read');
  }
}

/** @throws PlimsollError `token-file-unreadable`, `token-file-invalid` (input), which names the first wrong line. */
export function requireTokenFile(file: string): void {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw new PlimsollError({
      code: 'token-file-unreadable',
      category: 'input',
      message: `cannot read the token file ${file} (${code})`,
      next: nextStep(controlPlaneSteps, 'token-file-unreadable', { file }),
      cause,
    });
  }
  const { tokens, problems } = parseTokenFile(text);
  const [first] = problems;
  if (first === undefined && tokens.length > 0) return;
  throw new PlimsollError({
    code: 'token-file-invalid',
    category: 'input',
    message: first === undefined ? `${file} holds no token` : `${file}:${first.line}: ${first.problem}`,
    next: nextStep(controlPlaneSteps, 'token-file-invalid', { file }),
  });
}

/** Another text whenever the file was written or replaced; `missing` where there is none. */
export function versionOf(file: string): string {
  try {
    const { mtimeNs, size, ino } = statSync(file, { bigint: true });
    return `${mtimeNs} ${size} ${ino}`;
  } catch {
    return 'missing';
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
