import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LedgerFact } from '../../core/cost/ledger/fact.ts';
import { hourOf } from '../../core/cost/ledger/row.ts';
import { buildNode } from '../../testing/builders/pools/pool-builders.ts';
import { aGatewayReport } from '../../testing/builders/gateway-reports.ts';
import { aReleaseRequest } from '../../testing/builders/release-fixture.ts';
import { ControlPlaneRig } from '../../testing/rigs/control-plane-rig.ts';
import { deriveHour } from './hours/close-hours.ts';
import { readFacts } from './hours/read-facts.ts';

const minute = 60_000;
const cpu = { architecture: 'x64', model: 'EPYC 9454', cores: 4, features: null };

let rig: ControlPlaneRig;
beforeEach(() => {
  rig = new ControlPlaneRig();
  rig.node = buildNode('fake', { cpu, devices: [] });
});
afterEach(() => rig.stop());

const release = async (model: number): Promise<unknown> =>
  rig.operations().release(await aReleaseRequest(rig.blobs, model));
const facts = (): Promise<readonly LedgerFact[]> => readFacts(rig.store, 0, Number.MAX_SAFE_INTEGER / 2);
const factsOf = async <Kind extends LedgerFact['kind']>(kind: Kind) => {
  const found = (await facts()).filter((fact): fact is Extract<LedgerFact, { kind: Kind }> => fact.kind === kind);
  return [...new Map(found.map((fact) => [fact.id, fact])).values()];
};
/** Time by state and reason, in seconds, of the hour that a time is in. */
async function secondsOf(atMs: number): Promise<Readonly<Record<string, number>>> {
  const { rows } = await deriveHour(rig.store, hourOf(atMs));
  const sums: Record<string, number> = {};
  for (const { state, reason, computeMs } of rows) {
    const key = reason === null ? state : `${state}: ${reason}`;
    sums[key] = Math.round((sums[key] ?? 0) + computeMs / 1_000);
  }
  return sums;
}

describe('the ledger of a control plane', () => {
  it('records the devices, and what the replica of a release holds and does', async () => {
    await rig.start();
    await release(1);
    await rig.pass(10_000);
    expect(await factsOf('device-appeared')).toMatchObject([
      { device: 'fake/cores', pool: 'local', deviceClass: 'EPYC 9454', layout: { kind: 'cores', cores: 4 } },
    ]);
    const [began, ...others] = await factsOf('claim-began');
    expect(others).toEqual([]);
    expect(began).toMatchObject({
      holds: [{ device: 'fake/cores', milliCores: 1_000 }],
      owner: { service: 'digits', environment: 'default', release: '1', team: 'vision' },
    });
    expect((await factsOf('claim-changed')).map(({ state }) => state)).toEqual(['ready']);
    expect(await factsOf('scaling-decided')).toMatchObject([{ terms: { demand: 0, minReplicas: 1, ahead: 1 } }]);
  });

  it('accounts a replica each minute by the reports of gateways', async () => {
    await rig.start();
    await release(1);
    await rig.pass(5_000);
    const [replicaId = ''] =
      rig.service.routing()?.splits.flatMap(({ replicas }) => replicas.map((r) => r.replicaId)) ?? [];
    for (let second = 0; second < 125; second += 1) {
      const replicas = [{ replicaId, inFlight: 0, requests: 0, work: { answers: second * 2, busyMs: second * 250 } }];
      rig.service.gatewayReported(aGatewayReport(rig.clock.nowMs(), {}, { replicas }));
      await rig.pass(1_000);
    }
    const accounts = await factsOf('work-account');
    // Once after 10 s, then each minute.
    expect(accounts).toHaveLength(3);
    const busy = accounts.reduce((sum, { busyMs }) => sum + (busyMs.answers ?? 0), 0);
    const covered = accounts.reduce((sum, { at, fromMonotonicMs }) => sum + at.monotonicMs - fromMonotonicMs, 0);
    expect(busy / covered).toBeCloseTo(0.25, 1);
    const ends = accounts.map(({ at }) => at.monotonicMs);
    expect(accounts.slice(1).map(({ fromMonotonicMs }) => fromMonotonicMs)).toEqual(ends.slice(0, 2));
  });

  it('says that a control plane was down, from its last heartbeat to the next start', async () => {
    await rig.start();
    await release(1);
    await rig.pass(3 * minute);
    await rig.crash();
    const crashedAtMs = rig.clock.nowMs();
    await rig.clock.advance(10 * minute);
    await rig.start('host:boot:2:2');
    await rig.pass(2 * minute);
    const [began] = await factsOf('gap-began');
    const [ended] = await factsOf('gap-ended');
    expect(began).toMatchObject({ cause: 'control-plane-down', scope: { of: 'all' } });
    expect(crashedAtMs - (began?.at.wallMs ?? 0)).toBeLessThanOrEqual(minute);
    expect((ended?.at.wallMs ?? 0) - (began?.at.wallMs ?? 0)).toBeGreaterThanOrEqual(10 * minute);
    expect(await factsOf('claim-began')).toHaveLength(1);
    const seconds = await secondsOf(crashedAtMs);
    expect(seconds['unattributable: control-plane-down']).toBeGreaterThanOrEqual(4 * 600);
    expect(seconds['unattributable: control-plane-down']).toBeLessThanOrEqual(4 * 661);
  });

  it('gives nobody the time after a stop of all, and what was before to who had it', async () => {
    await rig.start();
    await release(1);
    await rig.pass(3 * minute);
    const stoppedAtMs = rig.clock.nowMs();
    await rig.stop();
    for (const { replicaId } of rig.machine.replicas()) rig.machine.kill(replicaId);
    await rig.clock.advance(100 * minute);
    await rig.start('host:boot:2:2');
    await rig.pass(2 * minute);
    const [ended] = (await factsOf('claim-changed')).filter(({ state }) => state === 'ended');
    expect(Math.abs((ended?.at.wallMs ?? 0) - stoppedAtMs)).toBeLessThanOrEqual(minute);
    for (const hour of [stoppedAtMs, stoppedAtMs + 60 * minute, rig.clock.nowMs()]) {
      const { rows } = await deriveHour(rig.store, hourOf(hour));
      const down = rows.filter(({ reason }) => reason === 'control-plane-down');
      expect(down.map(({ owner }) => owner)).toEqual(down.map(() => null));
    }
    const { rows } = await deriveHour(rig.store, hourOf(rig.clock.nowMs()));
    const held = rows.filter(({ owner }) => owner !== null).map(({ claim }) => claim);
    expect(new Set(held).size).toBe(1);
    expect(held).not.toContain(ended?.claim);
  });

  it('is silent of a stop in order, and of what it saw already', async () => {
    await rig.start();
    await release(1);
    await rig.pass(minute);
    await rig.stop();
    const before = new Set((await facts()).map(({ id }) => id));
    await rig.start('host:boot:2:2');
    await rig.pass(5_000);
    expect(new Set((await facts()).map(({ id }) => id))).toEqual(before);
  });
});
