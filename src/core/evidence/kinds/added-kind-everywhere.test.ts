import { checkoutSubjects, judgeCheckout } from '../../../prove/judge/judge-checkout.ts';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { judgeProof, readShownProof } from '../../../control-plane/judging/release-proof.ts';
import type { Server } from '../../../control-plane/http/http-parts.ts';
import { minimalContract } from '../../../testing/builders/contract-texts.ts';
import {
  buildEvidence,
  buildLock,
  buildLockedEnvironment,
  digest,
} from '../../../testing/builders/evidence-builders.ts';
import { buildPowerEvidence } from '../../../testing/builders/power-evidence.ts';
import { aReleaseRequest, type BundleOver } from '../../../testing/builders/release-fixture.ts';
import { makeMemoryProject, type MemoryProject } from '../../../testing/fakes/memory/memory-project.ts';
import { runCommandLine } from '../../../testing/rigs/command-line.ts';
import { asOperator, openTestServer } from '../../../testing/rigs/control-plane-server.ts';
import { openStoreOperations, type StoreOperations } from '../../../testing/rigs/store-operations.ts';
import { testJudging } from '../../../testing/rigs/test-judging.ts';
import { controlPlaneLease } from '../../rollout/names.ts';
import { invalidationBy } from '../invalidation.ts';
import { bindSubjects } from '../subjects.ts';

// The whole program runs with one more row in its table: a second place that lists the kinds fails here.
vi.mock('./table.ts', async (importOriginal) => {
  const original = await importOriginal<Record<string, unknown> & { readonly kindTable: object }>();
  const { powerRow } = await import('../../../testing/builders/power-row.ts');
  const kindTable = { ...original.kindTable, power: powerRow };
  return { ...original, kindTable, evidenceKinds: Object.keys(kindTable) };
});

const contract = `${minimalContract}objective: { availability: 99% }\nmaxAge: { power: 30d }\n`;
let project: MemoryProject;
let operations: StoreOperations;
let server: Server;

beforeEach(async () => {
  project = makeMemoryProject({ contract });
  await lockEvidence(null);
  operations = await openStoreOperations(() => shownEvidence());
  const { store, operationsFor } = operations;
  server = await openTestServer({ store, operationsFor });
});
afterEach(() => server.close());

const states = () => judgeCheckout(project, 'default', 2_000_000);
const check = (...args: string[]) => runCommandLine(['check', ...args], { project, cwd: '/memory' });

/** Golden evidence is fresh; so is evidence of the added kind, unless `watts` is null. */
async function lockEvidence(watts: number | null): Promise<void> {
  const code = { digest: (await project.codeDigest('default')) ?? digest('code'), files: {} };
  const locked = buildLockedEnvironment({ code });
  await project.changeLock(() => buildLock({ default: locked }));
  const present = await checkoutSubjects(project, 'default');
  const golden = buildEvidence('golden', bindSubjects('golden', present));
  const evidence = { golden, ...(watts === null ? {} : buildPowerEvidence(present, watts)) };
  await project.changeLock(() => buildLock({ default: { ...locked, evidence } }));
}

const post = async (url: string, payload: object) =>
  server.inject({ method: 'POST', url, headers: { host: '127.0.0.1:7070', ...asOperator }, payload });
const read = async (url: string) =>
  (await server.inject({ url, headers: { host: '127.0.0.1:7070' } })).json<Record<string, unknown>>();

/** Releases a bundle whose lock holds golden evidence, and evidence of the added kind unless `watts` is null. */
async function release(watts: number | null) {
  const { blobs, clock } = operations;
  const lock: BundleOver['lock'] = (locked, present) => ({
    ...locked,
    evidence: { ...locked.evidence, ...(watts === null ? {} : buildPowerEvidence(present, watts, clock.nowMs())) },
  });
  const sections = { objective: { availability: '99%' }, maxAge: { power: '30d' } };
  return post('/v1/releases', await aReleaseRequest(blobs, 1, { contract: sections, lock }));
}

/** Of the release that is shown, as the control plane judges it. */
async function shownEvidence() {
  const { store, blobs, clock } = operations;
  const judging = testJudging(blobs);
  return judgeProof(judging, store, clock, await readShownProof(judging.shelf, store, 'digits', 'default'));
}

describe('a kind of evidence that is in the table', () => {
  it('is missing in a check until it is measured, with its command', async () => {
    const missing = await check();
    expect(missing.exit).toBe(3);
    expect(missing.out).toContain('  power     missing  unknown  never        nothing was measured');
    expect(missing.out).toContain('  renew power: plimsoll power');
    await lockEvidence(380);
    const measured = await check();
    expect([measured.exit, measured.err]).toEqual([0, '']);
    expect(measured.out).toContain('  power     fresh  pass     16m 40s ago  380 W of 400 W');
  });

  it('is in every form of a check', async () => {
    await lockEvidence(401);
    expect((await check()).exit).toBe(1);
    const json = JSON.parse((await check('--json')).out) as { environments: { evidence: object[] }[] };
    const row = { kind: 'power', freshness: 'fresh', verdict: 'fail', reasons: ['401 W of 400 W'] };
    expect(json.environments[0]?.evidence.at(-1)).toMatchObject(row);
    expect((await check('--format', 'markdown')).out).toContain('| power | **fail** | fresh |');
    expect((await check('--format', 'sarif')).out).toContain('"evidence-power"');
    expect((await check('--format', 'junit')).out).toContain('power evidence in default');
    expect((await check('--format', 'github')).out).toContain('401 W of 400 W');
  });

  it('is stale when its section of the contract moves, and when it is older than its maxAge', async () => {
    await lockEvidence(380);
    project.edit({ contract: contract.replace('99%', '99.9%') });
    expect((await states()).at(-1)).toMatchObject({ kind: 'power', freshness: 'stale', renew: 'plimsoll power' });
    project.edit({ contract: contract.replace('30d', '1m') });
    expect((await states()).at(-1)?.reasons).toEqual(['measured 16m 40s ago, and maxAge is 1m']);
  });

  it('is stale after its event of the watch', async () => {
    await lockEvidence(380);
    const found = {
      environment: 'default',
      reason: 'node a throttled',
      remedy: 'plimsoll power --node a',
      atMs: 1.5e6,
    };
    project.edit({ invalidations: [invalidationBy('node.throttled', found)] });
    const { exit, out } = await check();
    expect(exit).toBe(3);
    expect(out).toContain('invalidated by the watch: node a throttled');
    expect(out).toContain('  renew power: plimsoll power --node a');
  });

  it('is explained among the keys of maxAge, and misspelt there it is suggested', async () => {
    expect((await runCommandLine(['explain', 'maxAge.power'], { project })).exit).toBe(0);
    project.edit({ contract: contract.replace('maxAge: { power', 'maxAge: { powr') });
    expect((await check()).out).toContain('did you mean `power`?');
  });

  it('refuses a release over HTTP while it is missing or fails, and lets it through when it passes', async () => {
    const missing = await release(null);
    expect(missing.json()).toMatchObject({ error: { code: 'evidence-refused', next: 'plimsoll power' } });
    expect((await release(401)).json()).toMatchObject({
      error: { code: 'evidence-refused', message: expect.stringContaining('power evidence is fail: 401 W of 400 W') },
    });
    expect((await release(380)).statusCode).toBe(201);
  });

  it('is waived over HTTP, and a release goes out on the waiver', async () => {
    const waiver = { service: 'digits', environment: 'default', kind: 'power', reason: 'no meter yet', untilMs: 1e15 };
    expect((await post('/v1/waivers', waiver)).statusCode).toBeLessThan(300);
    expect((await release(null)).json()).toMatchObject({
      outcome: 'released',
      release: { waivers: [{ kind: 'power', reason: 'no meter yet' }] },
    });
  });

  it('is in the view and in the table of evidence that HTTP answers, and stale there after its event', async () => {
    await release(380);
    const row = { kind: 'power', freshness: 'fresh', verdict: 'pass', reasons: ['380 W of 400 W'] };
    const shown = async () => ((await read('/v1/view'))['evidence'] as readonly object[]).at(-1);
    expect(await shown()).toMatchObject(row);
    expect(Object.values(await read('/v1/evidence')).at(-1)).toMatchObject(row);
    const { store, clock } = operations;
    const lease = await store.leases.current(controlPlaneLease);
    if (lease === null) throw new Error('no lease');
    const found = { environment: 'default', reason: 'node a throttled', remedy: 'plimsoll power --node a' };
    const invalidation = invalidationBy('node.throttled', { ...found, atMs: clock.nowMs() });
    await store.transaction(lease, (tx) => tx.addInvalidation('digits', invalidation));
    expect(await shown()).toMatchObject({ kind: 'power', freshness: 'stale', renew: found.remedy });
  });
});
