import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SleepTarget } from '../../core/rollout/sleep/sleep-stage.ts';
import { FakeInferenceEngine, fakeModelBytes } from '../../testing/fakes/fake-inference-engine.ts';
import { memoryModels, startModelServer } from '../../testing/rigs/model-server-rig.ts';
import { openReplicaSleeper } from './replica-sleeper.ts';

const { signal } = new AbortController();
const sleeper = openReplicaSleeper();
const targetAt = (endpoint: string, protocol: SleepTarget['protocol']): SleepTarget => ({
  ...{ replicaId: 'r', endpoint, protocol, model: 'm', release: 1 },
});

const models = memoryModels('m', new Map([[1, () => fakeModelBytes()]]));

describe('with the repository protocol of the built-in server', () => {
  it('unloads the model and loads it again, each as often as it is asked', async () => {
    const server = await startModelServer(new FakeInferenceEngine(), models);
    try {
      const target = targetAt(server.url, 'open-inference-v2');
      const ready = async () => (await server.get('/v2/models/m/ready')).status;
      expect(await sleeper.isAsleep(target, signal)).toBe(false);
      await sleeper.sleep(target, signal);
      await sleeper.sleep(target, signal);
      expect([await sleeper.isAsleep(target, signal), await ready()]).toEqual([true, 503]);
      await sleeper.wake(target, signal);
      expect([await sleeper.isAsleep(target, signal), await ready()]).toEqual([false, 200]);
    } finally {
      await server.stop();
    }
  });

  it('shows the token of the replica, without which the server takes no order', async () => {
    const ordersToken = 'a'.repeat(64);
    const server = await startModelServer(new FakeInferenceEngine(), models, { ordersToken });
    try {
      const target = targetAt(server.url, 'open-inference-v2');
      await expect(sleeper.sleep(target, signal)).rejects.toMatchObject({ code: 'sleep-refused' });
      const knowing = openReplicaSleeper({ tokenOf: (id) => Promise.resolve(id === 'r' ? ordersToken : null) });
      await knowing.sleep(target, signal);
      expect(await knowing.isAsleep(target, signal)).toBe(true);
      await knowing.wake(target, signal);
      expect(await knowing.isAsleep(target, signal)).toBe(false);
    } finally {
      await server.stop();
    }
  });

  it('says what the server said where the model is another one', async () => {
    const server = await startModelServer(new FakeInferenceEngine(), models);
    try {
      const target = { ...targetAt(server.url, 'open-inference-v2'), model: 'other' };
      expect(await sleeper.isAsleep(target, signal)).toBe(false);
      await expect(sleeper.sleep(target, signal)).rejects.toMatchObject({ code: 'sleep-refused', category: 'refused' });
    } finally {
      await server.stop();
    }
  });
});

/** A stub with the sleep endpoints of vLLM (vllm/entrypoints/serve/sleep/api_router.py of 0.14); no vLLM runs here. */
class VllmStub {
  isSleeping = false;
  hasSleepMode = true;
  /** Answers the order, and does not carry it out. */
  ignores = false;
  readonly asked: string[] = [];
  #server!: Server;

  async start(): Promise<string> {
    this.#server = createServer((request, response) => {
      const asked = `${request.method} ${request.url}`;
      this.asked.push(asked);
      if (!this.hasSleepMode) response.writeHead(404).end('{"detail":"Not Found"}');
      else if (asked === 'GET /is_sleeping') response.end(JSON.stringify({ is_sleeping: this.isSleeping }));
      else {
        if (!this.ignores) this.isSleeping = asked.startsWith('POST /sleep');
        response.writeHead(200).end();
      }
    });
    await new Promise<void>((listening) => this.#server.listen(0, '127.0.0.1', listening));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

describe('with the sleep endpoints of vLLM', () => {
  let stub: VllmStub;
  let target: SleepTarget;
  beforeEach(async () => {
    stub = new VllmStub();
    target = targetAt(await stub.start(), 'openai');
  });
  afterEach(() => stub.stop());

  it('asks for level 1, so that the weights stay in the memory of the host, and looks whether it holds', async () => {
    await sleeper.sleep(target, signal);
    expect(await sleeper.isAsleep(target, signal)).toBe(true);
    await sleeper.wake(target, signal);
    expect(await sleeper.isAsleep(target, signal)).toBe(false);
    expect(stub.asked.filter((asked) => asked.startsWith('POST'))).toEqual(['POST /sleep?level=1', 'POST /wake_up']);
  });

  it('refuses where the server has no sleep mode, with what turns it on', async () => {
    stub.hasSleepMode = false;
    expect(await sleeper.isAsleep(target, signal)).toBe(false);
    await expect(sleeper.sleep(target, signal)).rejects.toMatchObject({
      code: 'sleep-refused',
      next: expect.stringContaining('--enable-sleep-mode') as string,
    });
  });

  it('does not believe an order that was answered and not carried out', async () => {
    stub.ignores = true;
    await expect(sleeper.sleep(target, signal)).rejects.toThrow('the replica does not sleep');
  });

  it('tells a server that is away', async () => {
    stub.stop();
    await expect(sleeper.wake(target, signal)).rejects.toMatchObject({ code: 'replica-unreachable' });
  });
});
