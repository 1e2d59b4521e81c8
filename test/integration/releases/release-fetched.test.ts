/** A release whose model only a registry has: the client has a clone, the control plane never saw the model. */
import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ReleaseAsk } from '../../../src/core/rollout/release-ask.ts';
import { digestOfBytes } from '../../../src/core/units/digest.ts';
import { ownProgram } from '../../../src/testing/rigs/own-program.ts';
import { inferBody, rowOf, tinyModel } from '../../rigs/tiny-model.ts';
import { findSteadyPort } from '../../steady-port.ts';
import { missingPrograms, RealRegistry } from '../../peers/oci-registry.ts';
import { runProgram, userEnvironment, UserProject, type Ran } from '../../user-project.ts';

const contract = `apiVersion: plimsoll.dev/v1
service: tiny
code: { command: [plimsoll, serve-model] }
model: { name: tiny, version: candidate }
monitoring: { golden: tiny-golden }
`;
const inGit = ['plimsoll.yaml', 'plimsoll.lock', 'golden'];
const weightsBytes = 3 * 1024 * 1024;

if (missingPrograms.length > 0) console.warn(`skipped: ${missingPrograms.join(', ')} missing`);

/** Stands before a registry, and can hold one blob back in its middle. */
class HoldingProxy {
  readonly asked: string[] = [];
  held: string | null = null;
  readonly #server: Server;
  #waiting: (() => void)[] = [];

  constructor(registryHost: string) {
    this.#server = createServer((incoming, outgoing) => {
      this.asked.push(`${incoming.method} ${incoming.url}`);
      const options = { method: incoming.method, headers: incoming.headers };
      const forward = request(`http://${registryHost}${incoming.url}`, options, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        const isHeld = this.held !== null && incoming.url?.includes(this.held) === true && incoming.method === 'GET';
        if (!isHeld) return void answer.pipe(outgoing);
        answer.once('data', (piece: Uint8Array) => {
          answer.pause();
          outgoing.write(piece);
          this.#waiting.push(() => void answer.pipe(outgoing));
        });
      });
      forward.on('error', () => outgoing.destroy());
      outgoing.on('close', () => forward.destroy());
      incoming.pipe(forward);
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  go(): void {
    this.held = null;
    for (const wake of this.#waiting.splice(0)) wake();
  }

  readsOf(digest: string): number {
    return this.asked.filter((line) => line.startsWith('GET') && line.includes(digest)).length;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

describe.skipIf(missingPrograms.length > 0)(
  'a release of a model that only a registry has',
  { timeout: 240_000 },
  () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-fetched-'));
    let registry: RealRegistry;
    let proxy: HoldingProxy;
    let host: string;
    let server: UserProject;
    let tokenFile: string;
    const projects: UserProject[] = [];

    const projectOf = (files: Readonly<Record<string, string | Uint8Array>>, env = {}): UserProject => {
      const project = new UserProject({ files: { 'plimsoll.yaml': contract, ...files }, env });
      projects.push(project);
      return project;
    };
    /** A clone of a project that pinned a model of the registry, where nothing of the model is. */
    const cloneOf = async (
      seed: number,
    ): Promise<{ readonly folder: string; readonly weights: string; readonly model: string }> => {
      const [weights, model] = [randomBytes(weightsBytes), tinyModel(seed).bytes];
      const maker = projectOf({ 'model/model.onnx': model, 'model/weights.bin': weights });
      await maker.passing('model', 'add', 'model', '--name', 'tiny', '--alias', 'candidate');
      await maker.passing('model', 'push', 'tiny:candidate', `oci://${registry.host}/team/tiny:${seed}`);
      const dev = projectOf({ 'golden.jsonl': `${JSON.stringify({ x: rowOf(1) })}\n` });
      await dev.passing('model', 'add', `oci://${host}/team/tiny:${seed}`, '--name', 'tiny', '--alias', 'candidate');
      await dev.passing('data', 'add', 'golden.jsonl', '--name', 'tiny-golden');
      await dev.passing('pin');
      await dev.passing('golden', 'record');
      const clone = path.join(folder, `clone-${seed}`);
      for (const name of inGit) cpSync(path.join(dev.folder, name), path.join(clone, name), { recursive: true });
      return { folder: clone, weights: digestOfBytes(weights), model: digestOfBytes(model) };
    };
    const plimsoll = (cwd: string, ...words: readonly string[]): Promise<Ran> => {
      const env = { ...userEnvironment(), PLIMSOLL_TOKEN_FILE: tokenFile };
      return runProgram(process.execPath, [ownProgram, ...words, '--server', server.pageUrl], cwd, env);
    };
    const newestAsk = async (): Promise<ReleaseAsk | null> => {
      const id = (await server.events('release.fetching')).at(-1)?.data['ask'];
      if (typeof id !== 'string') return null;
      return (await (await fetch(`${server.pageUrl}/v1/asks/${id}`)).json()) as ReleaseAsk;
    };
    const until = async <T>(what: string, look: () => Promise<T | null | false>): Promise<T> => {
      for (let tries = 0; tries < 240; tries += 1) {
        const found = await look().catch(() => null);
        if (found !== null && found !== false) return found;
        await new Promise((resolve) => setTimeout(resolve, 250));
      }
      throw new Error(`no ${what} within a minute`);
    };
    const askWith = (bytes: number): Promise<ReleaseAsk> =>
      until(`ask with ${bytes} bytes`, async () => {
        const ask = await newestAsk();
        return ask !== null && (ask.progress?.doneBytes ?? 0) >= bytes && ask;
      });

    beforeAll(async () => {
      registry = await RealRegistry.start(path.join(folder, 'oci'), { auth: false });
      proxy = new HoldingProxy(registry.host);
      host = await proxy.listen();
      server = projectOf({}, { PLIMSOLL_REGISTRIES: `oci://${host}/team` });
      await server.up('--listen', `127.0.0.1:${await findSteadyPort()}`);
      const token =
        (await server.passing('token', 'add', 'ci', '--role', 'release')).match(/plm_[0-9a-f]{64}/)?.[0] ?? '';
      tokenFile = path.join(folder, 'token');
      writeFileSync(tokenFile, `${token}\n`, { mode: 0o600 });
    });
    afterAll(async () => {
      expect(await server.stop()).toEqual({ status: 0, left: 0 });
      for (const project of projects) project.remove();
      await proxy.close();
      await registry.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    it('goes live, and goes on where it was after the control plane was killed in the middle', async () => {
      const clone = await cloneOf(1);
      const readsBefore = proxy.readsOf(clone.model);
      proxy.held = clone.weights;
      const releasing = plimsoll(clone.folder, 'release');
      const ask = await askWith(tinyModel(1).bytes.length + 1);
      expect(ask).toMatchObject({ state: 'fetching', by: 'ci', release: null });
      expect((await server.view()).releases).toEqual([]);
      const { pid } = (await (await fetch(`${server.pageUrl}/v1/identity`)).json()) as { pid: number };
      process.kill(pid, 'SIGKILL');
      proxy.go();
      const released = await releasing;
      expect([released.status, released.stdout]).toEqual([0, expect.stringContaining('release 1 is live')]);
      expect(proxy.readsOf(clone.model) - readsBefore).toBe(1);
      const infer = async (): Promise<number> => {
        const answer = await fetch(`${server.gatewayUrl}/v2/models/tiny/infer`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: inferBody(rowOf(1)),
        });
        await answer.arrayBuffer();
        return answer.status;
      };
      // A release is live a moment before the gateway has its table, all the more after its control plane was killed.
      await expect.poll(infer, { timeout: 60_000, interval: 100 }).toBe(200);
      const versions = await server.passing('model', 'show', 'tiny', '--json');
      expect(versions).toContain(`oci://${host}/team/tiny@sha256:`);
    });

    it('is cancelled by whoever asked for it, and then nothing is fetched any more', async () => {
      const clone = await cloneOf(2);
      proxy.held = clone.weights;
      const asked = await plimsoll(clone.folder, 'release', '--no-wait');
      expect([asked.status, asked.stdout]).toEqual([0, expect.stringContaining('release fetching')]);
      await askWith(tinyModel(2).bytes.length + 1);
      const cancelled = await plimsoll(clone.folder, 'release', '--cancel', '--reason', 'not today');
      expect([cancelled.status, cancelled.stdout]).toEqual([0, expect.stringContaining('is cancelled')]);
      proxy.go();
      expect(await newestAsk()).toMatchObject({ state: 'cancelled', reason: 'not today' });
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      expect((await server.view()).releases).toHaveLength(1);
    });

    it('is refused from a place that nobody allowed, which is never asked', async () => {
      const clone = await cloneOf(3);
      const lock = path.join(clone.folder, 'plimsoll.lock');
      const elsewhere = `oci://${host}/team-2/tiny@`;
      writeFileSync(lock, readFileSync(lock, 'utf8').replace(`oci://${host}/team/tiny@`, elsewhere));
      const refused = await plimsoll(clone.folder, 'release');
      expect([refused.status, refused.stderr]).toEqual([
        1,
        expect.stringContaining(`is not fetched from ${elsewhere}`),
      ]);
      expect(refused.stderr).toContain('PLIMSOLL_REGISTRIES');
      expect(proxy.asked.filter((line) => line.includes('/team-2/'))).toEqual([]);
    });
  },
);
