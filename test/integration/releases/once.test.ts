import { spawn } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeProcessTable } from '../../../src/adapters/processes/process-table/this-machine.ts';
import { repositoryFolder } from '../../user-project.ts';

const state = mkdtempSync(path.join(tmpdir(), 'plimsoll-once-'));
const table = makeProcessTable();

/** Programs and replicas by what their records in the state folder say while they run: identity to pid. */
const seen = new Map<string, { readonly pid: number; readonly record: string }>();
let ran: { readonly status: number | null; readonly stdout: string; readonly stderr: string };

/** What a user types, npm included. Trains both models where that was never done on this machine: about a minute. */
beforeAll(async () => {
  const child = spawn(
    'npm',
    ['-s', 'start', '--', '--once', '--json', '--state', state]
      .concat(['--listen', '127.0.0.1:0'])
      .concat(['--gateway-listen', '127.0.0.1:0']),
    { cwd: repositoryFolder, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => (said[name] += text));
  }
  const looking = setInterval(noteProcesses, 50);
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve));
  clearInterval(looking);
  ran = { status, ...said };
}, 300_000);
afterAll(() => rmSync(state, { recursive: true, force: true }));

it('passes, with one JSON object on stdout and all else on stderr', () => {
  expect(ran.status, ran.stderr).toBe(0);
  expect(ran.stdout).toMatch(/^\{\n[^]*\n\}\n$/);
  const report = JSON.parse(ran.stdout) as Readonly<Record<string, number>>;
  expect(report).toMatchObject({ verdict: 'pass', digits: 1000, errors: 0, release: 2 });
  expect(report['accuracy']).toBeGreaterThan(0.96);
  expect(report['latencyP50Ms']).toBeGreaterThan(0);
  expect(report['latencyP99Ms']).toBeGreaterThanOrEqual(report['latencyP50Ms'] ?? Infinity);
  expect(report['phases']).not.toEqual([]);
  expect(ran.stderr).toContain('gateway ready');
});

it('leaves no process behind, and no record of one', () => {
  const records = new Set([...seen.values()].map(({ record }) => record));
  expect([...records]).toEqual(
    expect.arrayContaining(['control-plane.json', 'gateway.json', 'up.json', 'record.json']),
  );
  expect(seen.size).toBeGreaterThanOrEqual(5); // up, gateway, control plane, a replica of each of the two releases
  const running = [...seen].filter(([identity, { pid }]) => table.identity(pid) === identity);
  expect(running.map(([, found]) => found)).toEqual([]);
  expect(table.marked({ PLIMSOLL_HOME: state })).toEqual([]);
  expect(globSync('run/*.json', { cwd: state }).filter((file) => records.has(path.basename(file)))).toEqual([]);
});

function noteProcesses(): void {
  for (const file of globSync(['run/*.json', 'run/replicas/*/record.json'], { cwd: state })) {
    const { pid, identity } = readRecord(path.join(state, file));
    if (typeof pid === 'number' && typeof identity === 'string') {
      seen.set(identity, { pid, record: path.basename(file) });
    }
  }
}

/** Records are replaced whole, but one may be gone again. */
function readRecord(file: string): { readonly pid?: unknown; readonly identity?: unknown } {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as object;
  } catch {
    return {};
  }
}
