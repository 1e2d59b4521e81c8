import { spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeProcessTable } from '../../../src/adapters/processes/process-table/this-machine.ts';
import { ownProgram } from '../../../src/testing/rigs/own-program.ts';
import { rowOf, tinyModel } from '../../rigs/tiny-model.ts';
import { World } from '../../rigs/world.ts';

/** What one command leaves behind, and what the next ones make of it. */
let world: World;
beforeAll(async () => {
  world = await World.open({ replicas: 1 });
  await world.release(tinyModel(1));
});
afterAll(() => world.close());

it('a second `up` is refused with 1, whatever addresses it asks for', async () => {
  const same = await world.command('up', ...world.listenOptions());
  const other = await world.command('up', '--listen', '127.0.0.1:0', '--gateway-listen', '127.0.0.1:0');
  for (const { status, stderr } of [same, other]) {
    expect(status).toBe(1);
    expect(stderr).toContain(`runs already for ${world.stateFolder}: process ${world.upPid}, page ${world.pageUrl}/`);
    expect(stderr).toContain('plimsoll up --stop');
  }
});

it('a store whose file was moved away is told by the control plane, and no command makes a second one beside it', async () => {
  const file = path.join(world.stateFolder, 'store.sqlite');
  const health = async () => {
    const answer = await fetch(`${world.pageUrl}/v1/health`);
    return { status: answer.status, body: (await answer.json()) as { readonly problems: readonly string[] } };
  };
  expect(await health()).toMatchObject({ status: 200, body: { problems: [] } });
  await rename(file, `${file}.moved`);
  await world.until('the control plane sees it', async () => (await health()).status === 503);
  expect((await health()).body.problems).toEqual([
    `the store ${file} is not there any more: what is written now reaches nobody else`,
  ]);
  const { status, stderr } = await world.command('model', 'list');
  expect(status).toBe(3);
  expect(stderr).toContain(`the store ${file} is gone, and the control plane at ${world.pageUrl}`);
  expect(existsSync(file)).toBe(false);
  await rename(`${file}.moved`, file);
  await world.until('all is well again', async () => (await health()).status === 200);
  expect((await world.command('model', 'list')).status).toBe(0);
});

it('`up --stop` ends all that runs after somebody removed the state folder', async () => {
  const alone = await World.open({ replicas: 1 });
  const table = makeProcessTable();
  const [mark, up] = [{ PLIMSOLL_HOME: alone.stateFolder }, table.identity(alone.upPid)];
  try {
    await alone.release(tinyModel(1));
    rmSync(alone.stateFolder, { recursive: true });
    const { status, stderr } = await alone.command('up', '--stop');
    expect(stderr).toContain(`asking \`plimsoll up\` (process ${alone.upPid}) to stop`);
    expect(stderr).toMatch(/ 1 replica stopped\n$/);
    expect([status, table.identity(alone.upPid) === up, table.marked(mark)]).toEqual([0, false, []]);
    const again = await alone.command('up', '--stop');
    expect(again).toMatchObject({ status: 0, stderr: expect.stringContaining('nothing runs here any more') });
  } finally {
    await alone.close();
  }
});

/** A project without anything that runs: the command runs its own replica. */
const contract = `apiVersion: plimsoll.dev/v1
service: tiny
code: { command: [plimsoll, serve-model] }
model: { name: tiny, version: "1" }
monitoring: { golden: tiny-golden }
`;

it('a replica of `golden record` that was killed is stopped by the next one', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-left-behind-'));
  const table = makeProcessTable();
  const running = () => table.marked({ PLIMSOLL_HOME: path.join(folder, '.plimsoll') });
  const start = (...args: readonly string[]) => {
    const child = spawn(process.execPath, [ownProgram, ...args], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    const over = new Promise<number | null>((resolve) => child.once('close', resolve));
    return { child, over: over.then((status) => ({ status, stderr })) };
  };
  const run = (...args: readonly string[]) => start(...args).over;
  try {
    await writeFile(path.join(folder, 'plimsoll.yaml'), contract);
    await writeFile(path.join(folder, 'model.onnx'), tinyModel(1).bytes);
    await writeFile(path.join(folder, 'rows.jsonl'), `${JSON.stringify({ x: rowOf(0) })}\n`);
    expect(await run('model', 'add', 'model.onnx', '--name', 'tiny')).toMatchObject({ status: 0 });
    expect(await run('data', 'add', 'rows.jsonl', '--name', 'tiny-golden')).toMatchObject({ status: 0 });
    expect(await run('pin')).toMatchObject({ status: 0 });

    const killed = start('golden', 'record');
    while (running().length === 0) await delay(10);
    killed.child.kill('SIGKILL');
    await killed.over;
    const [abandoned] = running();
    expect(abandoned).toBeDefined();

    const { status, stderr } = await run('golden', 'record');
    expect(stderr).toContain('stopped 1 left behind by a command that was killed');
    expect(status).toBe(0);
    expect(running()).toEqual([]);
  } finally {
    for (const { pid } of running()) process.kill(pid, 'SIGKILL');
    await rm(folder, { recursive: true, force: true });
  }
});
