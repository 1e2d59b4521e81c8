import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { adapterSteps } from '../../core/units/next-steps/adapter-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { formatTokenLine, parseTokenFile, tokensAtMost } from '../../core/access/access-token.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { AccessTokens } from '../../ports/access/access-tokens.ts';
import { withFileLock } from './file-lock.ts';
import { storageError, systemCode } from './storage-errors.ts';
import { ownerOnly } from '../../ports/process/write-durably.ts';
import { writeDurably } from './write-durably.ts';

const heading =
  '# Tokens of a control plane: NAME ROLE SHA256|service-account [service=NAME] [environment=NAME] [expires=TIME]\n';

/** Tokens in a file that people may edit too: comments and lines that are no tokens stay as they are. */
export function makeFileAccessTokens(file: string): AccessTokens {
  const change = async (update: (text: string) => string): Promise<void> => {
    await mkdir(path.dirname(file), { recursive: true });
    await withFileLock(`${file}.lock`, async () => {
      const before = await readText(file);
      const after = update(before);
      if (after === before) return;
      // Digests give nobody a token, but names and roles are nobody else's business either.
      await writeDurably(file, after, { doing: 'writing the tokens', mode: ownerOnly });
    });
  };
  return {
    place: file,
    read: async () => parseTokenFile(await readText(file)),
    add: (token) =>
      change((text) => {
        const { tokens } = parseTokenFile(text);
        if (tokens.some(({ name, sha256 }) => name === token.name && sha256 !== null))
          throw nameTaken(token.name, file);
        if (tokens.length >= tokensAtMost) throw tooMany(file);
        const start = text === '' ? heading : text.endsWith('\n') ? text : `${text}\n`;
        return `${start}${formatTokenLine(token)}\n`;
      }),
    revoke: async (name) => {
      let count = 0;
      await change((text) => {
        const isOne = (line: string): boolean => parseTokenFile(line).tokens.some((token) => token.name === name);
        const lines = text.split('\n');
        const kept = lines.filter((line) => !isOne(line));
        count = lines.length - kept.length;
        return kept.join('\n');
      });
      return count;
    },
  };
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') return '';
    throw await storageError(thrown, 'reading the tokens', file);
  }
}

function nameTaken(name: string, file: string): PlimsollError {
  return new PlimsollError({
    code: 'token-name-taken',
    category: 'conflict',
    message: `a token with the name ${name} is in ${file} already`,
    next: nextStep(adapterSteps, 'token-name-taken', { name }),
  });
}

function tooMany(file: string): PlimsollError {
  return new PlimsollError({
    code: 'too-many-tokens',
    category: 'input',
    message: `${file} holds ${tokensAtMost} tokens, which is the most`,
    next: nextStep(adapterSteps, 'too-many-tokens'),
  });
}
