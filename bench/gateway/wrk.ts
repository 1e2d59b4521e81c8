import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface Load {
  readonly url: string;
  readonly path: string;
  /** Asked in turn, where there are several. */
  readonly paths?: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface WrkResult {
  readonly requestsPerSecond: number;
  readonly requests: number;
  /** Answers that were not 2xx or 3xx, and socket errors. */
  readonly errors: number;
}

export function haveWrk(): boolean {
  return spawnSync('wrk', ['--version']).error === undefined;
}

/** One thread, 16 connections, POST. */
export async function runWrk(load: Load, durationS: number): Promise<WrkResult> {
  const folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-wrk-'));
  const script = path.join(folder, 'post.lua');
  writeFileSync(script, luaOf(load));
  const child = spawn('wrk', ['-t1', '-c16', `-d${durationS}s`, '--timeout', '10s', '-s', script, load.url]);
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  let complaints = '';
  child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve));
  rmSync(folder, { recursive: true });
  // With a script that it cannot read wrk sends GET / instead, and ends with 0.
  if (status !== 0 || complaints !== '') throw new Error(`wrk ended with ${status}: ${complaints}`);
  return {
    requestsPerSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(text)?.[1] ?? 0),
    requests: Number(/(\d+) requests in/.exec(text)?.[1] ?? 0),
    errors: errorsOf(text),
  };
}

function errorsOf(text: string): number {
  const refused = Number(/Non-2xx or 3xx responses: (\d+)/.exec(text)?.[1] ?? 0);
  const socket = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(text) ?? [];
  return socket.slice(1).reduce((sum, count) => sum + Number(count), refused);
}

function luaOf(load: Load): string {
  // JSON's escapes for printable text are Lua's too.
  const headers = Object.entries(load.headers);
  return [
    'wrk.method = "POST"',
    `wrk.path = ${JSON.stringify(load.path)}`,
    `wrk.body = ${JSON.stringify(load.body)}`,
    ...headers.map(([name, value]) => `wrk.headers[${JSON.stringify(name)}] = ${JSON.stringify(value)}`),
    ...(load.paths === undefined ? [] : luaOfPaths(load.paths)),
    '',
  ].join('\n');
}

/** Requests are made before the first one is sent, so that choosing among them costs wrk nothing. */
function luaOfPaths(paths: readonly string[]): readonly string[] {
  return [
    `local paths = {${paths.map((each) => JSON.stringify(each)).join(', ')}}`,
    'local requests, turn = {}, 0',
    'init = function() for at, path in ipairs(paths) do requests[at] = wrk.format(nil, path) end end',
    'request = function() turn = turn % #requests + 1; return requests[turn] end',
  ];
}
