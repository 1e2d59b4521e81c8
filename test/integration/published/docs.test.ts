import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ownProgram } from '../../../src/testing/rigs/own-program.ts';
import { consoleSteps, firstDifference } from './console-blocks.ts';
import { type DocsGround, makeDocsGround } from './docs-ground.ts';

const root = path.resolve(import.meta.dirname, '../../..');

const bin = mkdtempSync(path.join(tmpdir(), 'plimsoll-docs-bin-'));
symlinkSync(ownProgram, path.join(bin, 'plimsoll'));
const environment: NodeJS.ProcessEnv = {
  ...process.env,
  PATH: `${bin}:${path.join(root, 'node_modules', '.bin')}:${process.env['PATH'] ?? ''}`,
  REPOSITORY: root,
  NO_COLOR: '1',
  PS1: '',
};

/** One bash for a whole page, so that `cd`, variables and background programs carry over. */
class PageShell {
  readonly #bash: ChildProcessWithoutNullStreams;
  readonly folder: string;
  #output = '';
  #wake: () => void = () => undefined;

  constructor(variables: NodeJS.ProcessEnv) {
    this.folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-docs-'));
    this.#bash = spawn('bash', ['--noprofile', '--norc'], {
      cwd: this.folder,
      detached: true,
      env: { ...environment, ...variables },
    });
    for (const stream of [this.#bash.stdout, this.#bash.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text;
        this.#wake();
      });
    }
  }

  /** Runs one command and returns the lines it printed on both streams. */
  async run(command: string, timeoutMs: number): Promise<readonly string[]> {
    const end = `--end-${Math.random().toString(36).slice(2)}--`;
    this.#output = '';
    this.#bash.stdin.write(`${command}\nprintf '\\n%s\\n' '${end}'\n`);
    const giveUpAtMs = Date.now() + timeoutMs;
    while (!this.#output.includes(end)) {
      const leftMs = giveUpAtMs - Date.now();
      if (leftMs <= 0) throw new Error(`no end of \`${command}\` in ${timeoutMs} ms; so far:\n${this.#output}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.min(leftMs, 1000));
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return this.#output.slice(0, this.#output.indexOf(end)).split('\n').slice(0, -1);
  }

  async close(): Promise<void> {
    await this.run(
      // A page may end in another folder than it began in. Where nothing was started, no folder holds what runs.
      `cd '${this.folder}'; ` +
        'for run in $(find . -path "*/.plimsoll/run" -not -path "*/node_modules/*"); do ' +
        'plimsoll up --stop --contract "${run%/.plimsoll/run}/plimsoll.yaml" >/dev/null 2>&1; done',
      60_000,
    ).catch(() => undefined);
    this.#bash.stdin.end('exit\n');
    await new Promise((resolve) => this.#bash.once('exit', resolve));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const pages = ['README.md', ...globSync('docs/*.md', { cwd: root }).sort()]
  .map((file) => ({ file, steps: consoleSteps(readFileSync(path.join(root, file), 'utf8')) }))
  .filter(({ steps }) => steps.length > 0);

describe('every command that the documentation shows prints what it shows', () => {
  let ground: DocsGround;
  let shell: PageShell | null = null;
  // Trains both models where that was never done on this machine.
  beforeAll(async () => {
    ground = await makeDocsGround(environment);
  }, 900_000);
  afterEach(async () => {
    await shell?.close();
    shell = null;
  });
  afterAll(() => {
    ground?.remove();
    rmSync(bin, { recursive: true, force: true });
  });

  it('finds pages with commands', () => {
    expect(pages.length).toBeGreaterThan(3);
  });

  it.each(pages)('$file', { timeout: 600_000 }, async ({ file, steps }) => {
    shell = new PageShell(ground.variables);
    for (const step of steps) {
      const actual = await shell.run(step.command, step.expected === null ? 240_000 : 180_000);
      const difference = firstDifference(step, actual);
      if (difference !== null) {
        expect.fail(`${file}:${step.line}: $ ${step.command}\n  ${difference}\n--- printed:\n${actual.join('\n')}`);
      }
    }
  });
});
