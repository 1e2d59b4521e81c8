import { PlimsollError } from '../../core/units/errors.ts';
import { visibleLines } from '../../core/units/visible-text.ts';
import type { Terminal } from '../../ports/process/terminal.ts';

/** Node leaves `isTTY` undefined on what is no terminal, whatever its types say; colours take undefined as leave to guess. */
const isTerminal = (stream: { readonly isTTY?: boolean }): boolean => stream.isTTY === true;
const isInteractive = (): boolean => isTerminal(process.stdin) && isTerminal(process.stderr);

/** Node opens each stream when it is first looked at, which takes milliseconds: one that a command does not use stays shut. */
export const processTerminal: Terminal = {
  get colour() {
    return isTerminal(process.stdout) && (process.env['NO_COLOR'] ?? '') === '';
  },
  get interactive() {
    return isInteractive();
  },
  get columns() {
    return process.stdout.columns ?? 100;
  },
  note: (line) => void process.stderr.write(`${visibleLines(line)}\n`),
  print: (line) => void process.stdout.write(`${visibleLines(line)}\n`),
  async ask(question, fallback) {
    if (!isInteractive()) {
      throw new PlimsollError({
        code: 'not-interactive',
        category: 'input',
        message: `no terminal to ask "${question}" on`,
        next: 'give the answer as an option; --help lists them',
      });
    }
    const { createInterface } = await import('node:readline/promises');
    const reader = createInterface({ input: process.stdin, output: process.stderr });
    // Ctrl-C reaches the reader instead of the process: it stops the command as it stops every other.
    const interrupted = new Promise<never>((_, reject) => {
      reader.once('SIGINT', () => {
        reject(new PlimsollError({ code: 'interrupted', category: 'unavailable', message: 'interrupted' }));
      });
    });
    try {
      const answer = await Promise.race([
        interrupted,
        reader.question(`${question}${fallback === undefined ? '' : ` [${fallback}]`} `),
      ]);
      return answer.trim() === '' ? (fallback ?? '') : answer.trim();
    } finally {
      reader.close();
    }
  },
  async readStdin() {
    const { text } = await import('node:stream/consumers');
    return text(process.stdin);
  },
  async *stdinChunks(signal) {
    const { addAbortSignal } = await import('node:stream');
    yield* addAbortSignal(signal, process.stdin) as AsyncIterable<Uint8Array>;
  },
};
