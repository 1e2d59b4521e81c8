import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { openFileJournal } from '../../../src/adapters/files/journal.ts';
import { ControlPlaneRig } from '../../../src/testing/rigs/control-plane-rig.ts';
import { failingPorts, type Faults } from '../../../src/testing/fakes/failing-ports.ts';
import { memoryStore } from '../../../src/testing/fakes/memory/memory-store.ts';
import { aReleaseRequest } from '../../../src/testing/builders/release-fixture.ts';
import {
  testEnvironment as environment,
  testService as service,
} from '../../../src/testing/builders/rollout-builders.ts';
import { report, rounds, seed, seededRandom } from '../../rigs/seeded.ts';

const keptWarm = { contract: { rollout: { keepPrevious: '1h' } } };

/**
 * In process, so that every moment can be hit: the control plane dies before or after one of its calls to the store or to
 * the journal (a file on disk), drawn at random over the whole way from the outage to the carry-over.
 */
it('a control plane that dies at any moment of a journaled rollback loses nothing and does nothing twice', async () => {
  const random = seededRandom(seed);
  const kills = Math.max(100, rounds * 6);
  const seen = { answered: 0, applied: 0, unanswered: 0, diedInOutage: 0, diedLater: 0 };
  for (let round = 0; round < kills; round += 1) {
    const folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-journal-kills-'));
    try {
      await oneKill(path.join(folder, 'journal'), random, seen);
    } finally {
      await rm(folder, { recursive: true });
    }
  }
  report(
    `journal: ${kills} kills (${seen.diedInOutage} in the outage, ${seen.diedLater} after it); ${seen.answered} rollbacks answered, ${seen.applied} recorded once, 0 lost, 0 twice; ${seen.unanswered} were not answered`,
  );
  expect(Math.min(seen.answered, seen.unanswered, seen.diedInOutage, seen.diedLater)).toBeGreaterThan(5);
});

async function oneKill(
  file: string,
  random: () => number,
  seen: { answered: number; applied: number; unanswered: number; diedInOutage: number; diedLater: number },
): Promise<void> {
  const real = memoryStore();
  const faults: Faults = { store: null, callsLeft: null };
  const ports = failingPorts(real, await openFileJournal(file), faults);
  const rig = new ControlPlaneRig(ports.store);
  rig.journal = ports.journal;
  await rig.start('host:boot:1:1');
  for (const model of [1, 2]) {
    await rig.operations().release(await aReleaseRequest(rig.blobs, model, keptWarm));
    await rig.pass(3_000);
  }
  faults.store = random() < 0.5 ? 'unreachable' : 'full';
  await rig.pass(Math.floor(random() * 4_000));
  faults.callsLeft = Math.floor(random() * (random() < 0.5 ? 8 : 60));
  const answered = await rig
    .operations()
    .rollback({ service, environment, axis: 'model', reason: 'worse' })
    .then(
      ({ journaled }) => journaled !== undefined,
      () => false,
    );
  await rig.pass(Math.floor(random() * 1_000));
  const isDead = (): boolean => (faults.callsLeft ?? 1) <= 0;
  const diedInOutage = isDead();
  seen[diedInOutage ? 'diedInOutage' : 'diedLater'] += 1;
  faults.store = null;
  // Where it lives it carries over now, and dies in the midst of that or of what follows.
  for (let waited = 0; !isDead() && waited < 20; waited += 1) await rig.pass(250);
  const before = rig.service.routing();
  await rig.crash('host:boot:1:1');
  faults.callsLeft = null;
  await rig.start('host:boot:2:2');
  await rig.pass(3_000);

  const rollbacks = (await real.releases(service, environment)).filter(({ cause }) => cause.kind === 'rollback');
  const events = await real.events({ service, environment });
  const carried = events.filter(({ kind }) => kind === 'rollback.carried-over');
  const kept = await (await openFileJournal(file)).read();
  expect(kept).toEqual({ entries: [], damaged: [] });
  expect(rollbacks.length).toBeLessThanOrEqual(1);
  expect(carried).toHaveLength(rollbacks.length);
  expect(await real.bars(service, environment)).toHaveLength(rollbacks.length);
  expect(events.filter(({ kind }) => kind === 'rollback.not-carried-over')).toEqual([]);
  if (answered) expect(rollbacks).toHaveLength(1);
  const live = (await real.deployment(service, environment))?.live;
  expect(live).toBe(rollbacks.length === 1 ? 3 : 2);
  const after = rig.service.routing();
  expect(after).toEqual(await real.routing(service, environment));
  expect(after?.splits.map(({ modelVersion }) => modelVersion)).toEqual([rollbacks.length === 1 ? 1 : 2]);
  // What gateways were told is never contradicted under the same number.
  if (before?.generation === after?.generation) expect(before?.splits).toEqual(after?.splits);
  expect(after?.generation ?? 0).toBeGreaterThanOrEqual(before?.generation ?? 0);
  seen[answered ? 'answered' : 'unanswered'] += 1;
  seen.applied += rollbacks.length;
  await rig.stop();
}
