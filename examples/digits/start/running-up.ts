import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { shellPath } from '../../../src/core/units/shell-word.ts';
import { inOwnWords } from './own-command.ts';
import { commandLineFile } from './command-line-file.ts';

/** A `plimsoll up` of ours: its own process, so that neither training nor traffic here can make it wait. */
export interface RunningUp {
  readonly gatewayUrl: string;
  readonly pageUrl: string;
  /** Signs one browser in to the page, once. */
  readonly pageLink: string;
  /** Aborted when it ends before `stop` was called; the reason says how. */
  readonly endedByItself: AbortSignal;
  /** Drains and stops everything; resolves with the exit status when nothing of it is left. `force` ends it at once. */
  stop(force: AbortSignal): Promise<number>;
}

export class UpFailed extends Error {
  readonly exit: number;
  constructor(exit: number, complaint: string) {
    super(complaint);
    this.name = 'UpFailed';
    this.exit = exit;
  }
}

/** Resolves once gateway and control plane answer. @throws UpFailed with what `up` said when it ended before that. */
export async function startUp(
  words: readonly string[],
  argv: readonly string[],
  stateFolder: string,
  signal: AbortSignal,
  variables: Readonly<Record<string, string>> = {},
): Promise<RunningUp> {
  const log = path.join(stateFolder, 'logs', 'up.log');
  mkdirSync(path.dirname(log), { recursive: true });
  const logFile = openSync(log, 'w');
  const child = spawn(process.execPath, [...nodeFlags, commandLineFile, 'up', ...words], {
    // Its stdin ends with this process (follow-parent.ts). Its own group: Ctrl-C reaches it once, from here.
    stdio: ['pipe', 'pipe', logFile],
    detached: true,
    env: { ...process.env, ...variables },
  });
  closeSync(logFile);
  const ended = exitOf(child);
  const complaint = (): string => inOwnWords(complaintOf(log), argv, shellPath(stateFolder));
  const endedByItself = new AbortController();
  let stopping = false;
  void ended.then((exit) => {
    // It ends with 0 only when it was asked to, and then stopped everything that it had started.
    const text = exit === 0 ? stoppedText : endedText(exit, complaint(), stateFolder);
    if (!stopping) endedByItself.abort(new UpFailed(exit === 0 ? 0 : 3, text));
  });
  const stop = (force?: AbortSignal): Promise<number> => {
    stopping = true;
    child.kill('SIGTERM');
    force?.addEventListener('abort', () => child.kill('SIGTERM'), { once: true });
    return ended;
  };
  const stopEarly = (): void => void stop();
  signal.addEventListener('abort', stopEarly, { once: true });
  try {
    const addresses = await Promise.race([readAddresses(child), ended]);
    if (typeof addresses === 'number') throw new UpFailed(addresses, complaint());
    return { ...addresses, endedByItself: endedByItself.signal, stop };
  } finally {
    signal.removeEventListener('abort', stopEarly);
  }
}

const stoppedText = '`plimsoll up` was stopped, and everything that it had started with it; next: npm start';

function endedText(exit: number, complaint: string, stateFolder: string): string {
  return [
    `\`plimsoll up\` ended by itself with status ${exit}:`,
    complaint,
    `what it started runs on; next: npm start adopts it, \`./plimsoll up --stop --state ${shellPath(stateFolder)}\` stops it`,
  ].join('\n');
}

const nodeFlags = [
  '--disable-warning=ExperimentalWarning',
  `--import=${new URL('./follow-parent.ts', import.meta.url).href}`,
];

function exitOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (status, signal) => {
      resolve(status ?? (signal === 'SIGINT' ? 130 : 143));
    });
  });
}

/** `up` says on stdout where it answers, once it does: `gateway`, `page` and `sign in`, each with its address. */
function readAddresses(child: ChildProcess): Promise<Pick<RunningUp, 'gatewayUrl' | 'pageUrl' | 'pageLink'>> {
  let said = '';
  return new Promise((resolve) => {
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      const gatewayUrl = /^gateway\s+(\S+)$/m.exec(said)?.[1];
      const pageUrl = /^page\s+(\S+)$/m.exec(said)?.[1];
      const pageLink = /^sign in\s+(\S+)$/m.exec(said)?.[1];
      if (gatewayUrl === undefined || pageUrl === undefined || !said.endsWith('\n')) return;
      resolve({ gatewayUrl, pageUrl, pageLink: pageLink ?? pageUrl });
    });
  });
}

/** What `up` said from its complaint on; all of its last lines when it made none. */
function complaintOf(log: string): string {
  const lines = readFileSync(log, 'utf8').trimEnd().split('\n');
  const complaint = lines.findIndex((line) => line.startsWith('plimsoll: '));
  return lines.slice(complaint === -1 ? -20 : complaint).join('\n');
}
