import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeProcessTable } from '../../../src/adapters/processes/process-table/this-machine.ts';
import { spareVariable } from '../../../src/schemas/replica/spare-order.ts';
import type { FleetSpares, FleetView } from '../../../src/schemas/view/fleet-view.ts';
import { FleetWorld } from '../../rigs/fleet-world.ts';
import { killNow } from '../../rigs/running-up.ts';
import { report } from '../../rigs/seeded.ts';
import { tinyModel } from '../../rigs/tiny-model.ts';

/** kill -9 around the moment at which a replica takes a spare that two services share. */
const services = ['one', 'two'];
const environment = 'default';
const wanted = 2;
const table = makeProcessTable();
let world: FleetWorld;

beforeAll(async () => {
  world = await FleetWorld.open(services);
  await world.release(tinyModel(1));
  await world.post(`/v1/environments/${environment}`, { terms: { warmPool: wanted } }, 'PUT');
}, 300_000);
afterAll(() => world.close());

const spares = async (): Promise<FleetSpares | null> => {
  const fleet = await world.read<FleetView>('/v1/fleet').catch(() => null);
  return fleet?.spares?.find((group) => group.environment === environment) ?? null;
};
const untilFree = (what: string) =>
  world.until(what, async () => {
    const seen = await spares();
    return seen?.free === wanted && seen.starting === 0;
  });

interface Folder {
  readonly spareId: string;
  readonly pid: number;
}
async function recordsIn<Kept>(folder: string): Promise<readonly Kept[]> {
  const root = path.join(world.stateFolder, 'run', folder);
  const names = await readdir(root).catch(() => []);
  const texts = await Promise.all(
    names.map((name) => readFile(path.join(root, name, 'record.json'), 'utf8').catch(() => '')),
  );
  return texts.filter((text) => text !== '').map((text) => JSON.parse(text) as Kept);
}
const spareRecords = () => recordsIn<Folder>('spares');
const replicaRecords = () =>
  recordsIn<{ readonly endedAtMs: number | null; readonly spare?: { readonly orderedAtMs: number | null } }>(
    'replicas',
  );
/** Model servers of this world, those that wait included. */
const servers = (): readonly number[] =>
  table
    .marked({ PLIMSOLL_HOME: world.stateFolder })
    .filter(({ leader, marks }) => leader && (marks['PLIMSOLL_REPLICA_ID'] ?? marks[spareVariable]) !== undefined)
    .map(({ pid }) => pid);
const untilWhole = async (): Promise<void> => {
  await world.untilServing('both services serve');
  await untilFree('the spares are there');
  await world.until('no other process is left', () => servers().length === services.length + wanted);
};

it('a free spare: it is replaced, and no service notices', async () => {
  await untilWhole();
  const pids = await world.untilServing('both services serve');
  const [spare] = await spareRecords();
  await killNow(spare?.pid ?? 0);
  await world.until('another spare stands', async () => !(await spareRecords()).some(({ pid }) => pid === spare?.pid));
  await untilWhole();
  expect(await world.untilServing('both services serve')).toEqual(pids);
}, 300_000);

it('the control plane, between the claim of a spare and its order: the slot starts at once, and no process is left over', async () => {
  await untilWhole();
  const [before, other] = await world.untilServing('both services serve');
  // Spares that are stopped take no order: what is between claim and order lasts.
  const stopped = (await spareRecords()).filter(({ pid }) => ![before, other].includes(pid)).map(({ pid }) => pid);
  expect(stopped).toHaveLength(wanted);
  for (const pid of stopped) process.kill(pid, 'SIGSTOP');
  await killNow(before ?? 0);
  await world.until('a replica has claimed a spare', async () =>
    (await replicaRecords()).some(({ endedAtMs, spare }) => endedAtMs === null && spare?.orderedAtMs === null),
  );
  const controlPlane = world.programPid('control-plane');
  await killNow(controlPlane ?? 0);
  await world.until(
    'another control plane runs',
    () => ![null, 0, controlPlane].includes(world.programPid('control-plane')),
  );
  // One that nobody claimed is as free as before.
  for (const pid of stopped) if (table.identity(pid) !== null) process.kill(pid, 'SIGCONT');
  await untilWhole();
  const [after, sameOther] = await world.untilServing('both services serve');
  expect(after).not.toBe(before);
  expect(sameOther).toBe(other);
  expect((await replicaRecords()).filter(({ endedAtMs }) => endedAtMs === null)).toHaveLength(services.length);
}, 300_000);

it('the control plane, after a replica took a spare: it is adopted under its own name', async () => {
  await untilWhole();
  const [before] = await world.untilServing('both services serve');
  const known = (await spareRecords()).map(({ pid }) => pid);
  await killNow(before ?? 0);
  await world.until('another process serves', async () => {
    const [pid] = await world.untilServing('both services serve');
    return pid !== before;
  });
  const pids = await world.untilServing('both services serve');
  expect(known).toContain(pids[0]);
  const controlPlane = world.programPid('control-plane');
  await killNow(controlPlane ?? 0);
  await world.until(
    'another control plane runs',
    () => ![null, 0, controlPlane].includes(world.programPid('control-plane')),
  );
  await untilWhole();
  expect(await world.untilServing('both services serve')).toEqual(pids);
  report(`a replica made of a spare (process ${pids[0] ?? 0}) was adopted after the control plane was killed`);
}, 300_000);

it('`up` ends its spares with everything else', async () => {
  expect(await world.close()).toEqual({ status: 0, left: 0 });
}, 120_000);
