import { createInterface } from 'node:readline/promises';
import { text } from 'node:stream/consumers';
import { PlimsollError } from '../../core/units/errors.ts';
import type { Terminal } from '../../ports/terminal.ts';

const interactive = process.stdin.isTTY && process.stderr.isTTY;

export const processTerminal: Terminal = {
  colour: process.stdout.isTTY && (process.env['NO_COLOR'] ?? '') === '',
  interactive,
  columns: process.stdout.columns ?? 100,
  note: (line) => void process.stderr.write(`${line}\n`),
  print: (line) => void process.stdout.write(`${line}\n`),
  async ask(question, fallback) {
    if (!interactive) {
      throw new PlimsollError({
        code: 'not-interactive',
        category: 'input',
        message: `no terminal to ask "${question}" on`,
        next: 'give the answer as an option; --help lists them',
      });
    }
    const reader = createInterface({ input: process.stdin, output: process.stderr });
    try {
      const answer = await reader.question(`${question}${fallback === undefined ? '' : ` [${fallback}]`} `);
      return answer.trim() === '' ? (fallback ?? '') : answer.trim();
    } finally {
      reader.close();
    }
  },
  readStdin: () => text(process.stdin),
};
