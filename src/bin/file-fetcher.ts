import path from 'node:path';
import { parseArgs } from 'node:util';
import { programSteps } from '../core/units/next-steps/program-steps.ts';
import { nextStep } from '../core/units/next-steps/next-step.ts';
import { makeReplicaFileSource } from '../adapters/http-control/replica-file-source.ts';
import { fetchFiles } from '../adapters/processes/replica/fetch-files.ts';
import { systemClock } from '../adapters/system/clock.ts';
import { fileFetcherOptions } from '../cli/program-options.ts';
import { asPlimsollError, PlimsollError } from '../core/units/errors.ts';

const patienceMs = 300_000;

/** Fetches the files of the replica that starts after it. Its last line says what went wrong: the kubelet shows it. */
export async function main(argv: readonly string[], signal: AbortSignal): Promise<number> {
  const { values } = parseArgs({ args: [...argv], options: fileFetcherOptions });
  const given = (name: keyof typeof fileFetcherOptions): string => {
    const value = values[name];
    if (value !== undefined) return value;
    throw new PlimsollError({
      code: 'option-missing',
      category: 'input',
      message: `--${name} is missing`,
      next: nextStep(programSteps, 'option-missing/fetch-files-help'),
    });
  };
  const say = (line: string): void => void process.stderr.write(`plimsoll fetch-files: ${line}\n`);
  const plan = {
    source: makeReplicaFileSource({ url: readUrl(given('from')), tokenFile: given('token-file') }),
    codeFolder: path.resolve(given('code-into')),
    modelFolder: path.resolve(given('model-into')),
    listDigest: given('list-digest'),
    clock: systemClock,
    patienceMs,
    say,
  };
  try {
    await fetchFiles(plan, signal);
    return 0;
  } catch (thrown) {
    if (signal.aborted) return 130;
    const { message, next, category } = asPlimsollError(thrown);
    if (category === 'bug') throw thrown;
    say(`${message}${next === undefined ? '' : ` (next: ${next})`}`);
    return 1;
  }
}

function readUrl(text: string): string {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text;
  throw new PlimsollError({
    code: 'option-invalid',
    category: 'input',
    message: `--from must be an http or https address; \`${text}\` is not`,
    next: nextStep(programSteps, 'option-invalid/fetch-files-help'),
  });
}
