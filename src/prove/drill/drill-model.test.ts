import { describe, expect, it } from 'vitest';
import type { Deployment, Release } from '../../core/rollout/release.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { Operations } from '../../ports/records/operations.ts';
import type { ServiceView } from '../../schemas/view/view.ts';
import { minimalContract } from '../../testing/builders/contract-texts.ts';
import { buildEvidence, buildLock, buildLockedEnvironment } from '../../testing/builders/evidence-builders.ts';
import { aDeployment, aRelease } from '../../testing/builders/rollout-builders.ts';
import { selfAdvancingClock } from '../../testing/fakes/self-advancing-clock.ts';
import { makeMemoryProject, type MemoryProject } from '../../testing/fakes/memory/memory-project.ts';
import { contextOf } from '../../testing/rigs/command-line.ts';
import { drillModel } from './drill-model.ts';

type RollbackRequest = Parameters<Operations['rollback']>[0];

/** A control plane in which a rollback is live at once, and two releases of which the newer one is live. */
class DrillWorld {
  readonly releases: Release[] = [aRelease(1, { golden: null }), aRelease(2, { golden: null })];
  readonly asked: RollbackRequest[] = [];
  readonly project: MemoryProject = makeMemoryProject({ contract: minimalContract });
  readonly interrupt = new AbortController();
  readonly clock = selfAdvancingClock(5_000_000);
  deployment: Deployment = aDeployment({ live: 2, incoming: null });
  readonly notes: string[] = [];
  /** Called before each view. */
  looks: () => void = () => undefined;
  /** Called before a rollback is done. */
  meanwhile: (request: RollbackRequest) => void = () => undefined;

  drill() {
    const operations = {
      view: async () => this.#view(),
      releases: async () => this.releases,
      rollback: async (request: RollbackRequest) => this.#rollback(request),
    } as unknown as Operations;
    const { clock, notes } = this;
    const context = contextOf({ operations, clock, notes, signal: this.interrupt.signal });
    return drillModel(context, { project: this.project, environment: 'default', reason: 'drill' });
  }

  #view(): ServiceView {
    this.looks();
    // Nobody answers there, so that nothing is counted.
    const gateways = [{ address: 'http://127.0.0.1:1', acknowledgedGeneration: 7 }];
    const service = { service: 'digits', environment: 'default', gatewayUrl: null, replicas: [] };
    return { ...service, deployment: this.deployment, gateways, routingGeneration: 7 } as unknown as ServiceView;
  }

  #rollback(request: RollbackRequest): Release {
    this.meanwhile(request);
    this.asked.push(request);
    const to = request.to ?? 1;
    const { model } = this.releases.find(({ number }) => number === to)!;
    const from = this.deployment.live ?? 0;
    const cause = { kind: 'rollback', axis: 'model', from, to, reason: request.reason, drill: true } as const;
    const made = aRelease(this.releases.length + 1, { model, cause, golden: null });
    this.releases.push(made);
    this.deployment = { ...this.deployment, live: made.number };
    return made;
  }
}

describe('a drill of the way back', () => {
  it('goes there and back, bars nothing, and records it beside what was recorded meanwhile', async () => {
    const world = new DrillWorld();
    const golden = buildEvidence('golden', {});
    world.project.edit({ lock: buildLock({ default: buildLockedEnvironment({ evidence: { golden } }) }) });
    const { measurements, recorded } = await world.drill();
    expect(world.asked.map(({ to, drill }) => [to, drill])).toEqual([
      [undefined, true],
      [2, true],
    ]);
    expect(measurements).toMatchObject({ from: { version: 2 }, to: { version: 1 }, answered: null, failed: null });
    expect([measurements.thereMs, measurements.backMs]).toEqual([0, 0]);
    const evidence = (await world.project.lock())?.environments['default']?.evidence;
    expect([recorded, evidence?.golden]).toEqual([true, golden]);
    expect(evidence?.rollback?.subjects).toEqual({ 'previous-model': measurements.to.digest });
  });

  it('records nothing where the lock does not pin the environment', async () => {
    const world = new DrillWorld();
    expect((await world.drill()).recorded).toBe(false);
    expect(await world.project.lock()).toBeNull();
  });

  it('brings the model back also when it is interrupted, and then records nothing', async () => {
    const world = new DrillWorld();
    world.project.edit({ lock: buildLock({ default: buildLockedEnvironment() }) });
    world.meanwhile = () => world.interrupt.abort(new Error('Ctrl-C'));
    await expect(world.drill()).rejects.toThrow('Ctrl-C');
    expect(world.asked.map(({ to }) => to)).toEqual([undefined, 2]);
    expect((await world.project.lock())?.environments['default']?.evidence).toEqual({});
  });

  it('asks again while the control plane is away', async () => {
    const world = new DrillWorld();
    let refused = 0;
    world.meanwhile = ({ to }) => {
      if (to !== 2 || refused > 0) return;
      refused += 1;
      throw new PlimsollError({ code: 'control-plane-away', category: 'unavailable', message: 'it is away' });
    };
    await world.drill();
    expect([refused, world.asked.map(({ to }) => to)]).toEqual([1, [undefined, 2]]);
  });

  it('says every 5 s what it waits for, and how long at most', async () => {
    const world = new DrillWorld();
    const away = new PlimsollError({ code: 'control-plane-away', category: 'unavailable', message: 'ECONNREFUSED' });
    const sinceMs = world.clock.monotonicMs();
    const isAway = (): boolean => world.asked.length > 0 && world.clock.monotonicMs() - sinceMs < 8_000;
    world.looks = () => {
      if (isAway()) throw away;
    };
    await world.drill();
    expect(world.notes.filter((note) => note.includes('awaited'))).toEqual([
      '  drill: release 3 is awaited: ECONNREFUSED; waited 2s, at most 14m 58s more',
      '  drill: release 3 is awaited: ECONNREFUSED; waited 7s, at most 14m 53s more',
    ]);
  });

  it('says while it waits with the way back that the control plane is away', async () => {
    const world = new DrillWorld();
    let refusedSinceMs: number | null = null;
    world.meanwhile = ({ to }) => {
      if (to !== 2) return;
      refusedSinceMs ??= world.clock.monotonicMs();
      if (world.clock.monotonicMs() - refusedSinceMs > 1_000_000) return;
      throw new PlimsollError({ code: 'control-plane-away', category: 'unavailable', message: 'ECONNREFUSED' });
    };
    await expect(world.drill()).rejects.toMatchObject({
      code: 'drill-not-back',
      message: expect.stringContaining('does not answer (ECONNREFUSED)'),
    });
    const waits = world.notes.filter((note) => note.includes('the way back'));
    expect(waits[0]).toBe(
      '  drill: the way back waits for the control plane: ECONNREFUSED; waited 2s, at most 14m 58s more',
    );
    expect(waits).toHaveLength(180);
  });

  it('leaves what somebody else released meanwhile', async () => {
    const world = new DrillWorld();
    world.meanwhile = ({ to }) => {
      if (to === undefined) return;
      world.releases.push(aRelease(4, { createdBy: 'bob' }));
      world.deployment = { ...world.deployment, live: 4 };
      throw new PlimsollError({ code: 'control-plane-away', category: 'unavailable', message: 'it is away' });
    };
    await expect(world.drill()).rejects.toMatchObject({ code: 'drill-overtaken' });
  });

  it('does not begin while a release is under way', async () => {
    const world = new DrillWorld();
    world.deployment = aDeployment({ live: 1, incoming: 2 });
    await expect(world.drill()).rejects.toMatchObject({ code: 'release-under-way' });
    expect(world.asked).toEqual([]);
  });
});
