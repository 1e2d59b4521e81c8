import { expect, it } from 'vitest';
import { openNullReplica } from './null-replica.ts';
import { makeOpenAiClient } from './openai-client.ts';
import { makeOpenInferenceClient } from './open-inference-client.ts';

it('answers requests of both protocols', async () => {
  const { signal } = new AbortController();
  const replica = await openNullReplica();
  try {
    const inputs = [{ name: 'x', datatype: 'FP32', shape: [1], bytes: new Uint8Array(4) }];
    for (const binary of [false, true]) {
      const tensors = { inputs, binary };
      expect(await makeOpenInferenceClient().inferTensors(replica.endpoint, 'm', tensors, signal)).toEqual([]);
    }
    const chat = { model: 'm', messages: [{ role: 'user', content: 'ship' }], tokensAtMost: 1 };
    await expect(makeOpenAiClient().chat(replica.endpoint, chat, signal)).resolves.toBeUndefined();
  } finally {
    await replica.close();
  }
});
