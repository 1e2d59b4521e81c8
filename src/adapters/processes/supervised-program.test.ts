import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bundleProgram } from '../../testing/rigs/bundled-program.ts';
import type { ServerScript } from '../../testing/rigs/programs/scripted-server.ts';
import { systemClock } from '../system/clock.ts';
import { findFreePort } from './port/free-port.ts';
import { SupervisedProgram, type ProgramEvent, type ProgramSpec } from './supervised-program.ts';
import { makeProcessTable } from './process-table/this-machine.ts';

const scriptedServer = bundleProgram(
  path.resolve(import.meta.dirname, '../../testing/rigs/programs/scripted-server.ts'),
);
const table = makeProcessTable();
const notForced = new AbortController().signal;

describe('a supervised program', () => {
  let stateFolder: string;
  let port: number;
  let events: ProgramEvent[];
  beforeEach(async () => {
    stateFolder = await mkdtemp(path.join(tmpdir(), 'plimsoll-supervised-'));
    port = await findFreePort('127.0.0.1', new Set());
    events = [];
  });
  afterEach(async () => {
    for (const { pid } of table.marked({ PLIMSOLL_HOME: stateFolder })) process.kill(pid, 'SIGKILL');
    await rm(stateFolder, { recursive: true, maxRetries: 5, retryDelay: 50 });
  });

  const program = (script: ServerScript, more: Partial<ProgramSpec> = {}): SupervisedProgram =>
    new SupervisedProgram(
      {
        name: 'gateway',
        file: process.execPath,
        args: [scriptedServer, JSON.stringify(script)],
        version: '1',
        identityUrl: `http://127.0.0.1:${port}/identity`,
        drainTimeoutMs: 2_000,
        ...more,
      },
      {
        stateFolder,
        table,
        clock: systemClock,
        restart: { firstDelayMs: 50, maxDelayMs: 200, resetAfterReadyMs: 500 },
        environment: { ...process.env, PLIMSOLL_PORT: String(port) },
      },
      (event) => events.push(event),
    );
  const until = async (holds: () => boolean): Promise<void> => {
    for (let step = 0; step < 500 && !holds(); step += 1) await delay(20);
    if (!holds()) throw new Error(`did not come about: ${JSON.stringify(events)}`);
  };
  const kinds = (): readonly string[] => events.map((event) => event.kind);

  it('is started, answers, and leaves when it is asked to', async () => {
    const gateway = program({});
    gateway.begin();
    await until(() => gateway.answers);
    expect(kinds()).toEqual(['started', 'answers']);
    const pid = gateway.pid ?? 0;
    await gateway.stop(notForced);
    expect(table.identity(pid)).toBeNull();
  });

  it('is started again when it was killed, with a reason', async () => {
    const gateway = program({});
    gateway.begin();
    await until(() => gateway.answers);
    process.kill(gateway.pid ?? 0, 'SIGKILL');
    await until(() => kinds().filter((kind) => kind === 'answers').length === 2);
    expect(events.find((event) => event.kind === 'ended')).toMatchObject({ reason: /^signal SIGKILL after / });
    await gateway.stop(notForced);
  });

  it('is adopted by the next supervisor, and seen to end by it', async () => {
    const first = program({});
    first.begin();
    await until(() => first.answers);
    const pid = first.pid;
    events = [];
    const next = program({});
    next.begin();
    await until(() => next.answers);
    expect(kinds()).toEqual(['adopted', 'answers']);
    expect(next.pid).toBe(pid);
    await next.stop(notForced);
    expect(table.identity(pid ?? 0)).toBeNull();
    await first.stop(notForced);
  });

  it.each([
    ['another command line', {}, { readyAfterMs: 1 }],
    ['another version', { version: '2' }, {}],
  ])('is replaced when it was started by %s', async (_name, more, script) => {
    const first = program({});
    first.begin();
    await until(() => first.answers);
    const pid = first.pid;
    void first.stop(notForced);
    events = [];
    const next = program(script, more);
    next.begin();
    await until(() => next.answers);
    expect(next.pid).not.toBe(pid);
    await next.stop(notForced);
  });

  it('is not taken to answer when somebody else has its port', async () => {
    const other = program({}, { name: 'other' });
    other.begin();
    await until(() => other.answers);
    const gateway = program({ stderr: 'last words' });
    gateway.begin();
    await until(() => events.some((event) => event.kind === 'ended'));
    expect(gateway.answers).toBe(false);
    expect(events.find((event) => event.kind === 'ended')).toMatchObject({ reason: /EADDRINUSE/ });
    await gateway.stop(notForced);
    await other.stop(notForced);
  });

  it('is not started again when it says that its input is wrong', async () => {
    const gateway = program({ stderr: 'plimsoll: no such contract', exit: { afterMs: 0, status: 2 } });
    gateway.begin();
    await until(() => kinds().includes('gave-up'));
    expect(events.at(-1)).toMatchObject({
      kind: 'gave-up',
      reason: expect.stringMatching(/plimsoll: no such contract/) as string,
    });
    await delay(300);
    expect(kinds().filter((kind) => kind === 'started')).toHaveLength(1);
    await gateway.stop(notForced);
  });

  it('is killed when it does not leave in time, and at once when that is asked', async () => {
    const slow = program({ ignoreSigterm: true }, { drainTimeoutMs: 200 });
    slow.begin();
    await until(() => slow.answers);
    await slow.stop(notForced);
    const forced = program({ ignoreSigterm: true }, { drainTimeoutMs: 60_000 });
    forced.begin();
    await until(() => forced.answers);
    const askedMs = performance.now();
    await forced.stop(AbortSignal.abort());
    expect(performance.now() - askedMs).toBeLessThan(5_000);
  });

  it('writes to a log that is kept between runs', async () => {
    const file = path.join(stateFolder, 'logs/gateway.log');
    const gateway = program({ stdout: 'hello' });
    await writeFile(file, 'earlier\n');
    gateway.begin();
    await until(() => gateway.answers);
    await gateway.stop(notForced);
    expect(existsSync(file)).toBe(true);
    expect(await readFile(file, 'utf8')).toMatch(/^earlier\nhello\n/);
  });
});
