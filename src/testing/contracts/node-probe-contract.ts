import { describe, expect, test } from 'vitest';
import type { NodeProbe } from '../../ports/nodes/node-probe.ts';
import { nodeFactsFormat, readNodeFacts } from '../../schemas/pool/node-facts.ts';
import { factsWithoutReason } from './node-facts-contract.ts';

/** Every probe must pass it, on a machine with devices and on one without. */
export function nodeProbeContract(name: string, makeProbe: () => NodeProbe | Promise<NodeProbe>): void {
  const probe = async (signal = new AbortController().signal) => (await makeProbe()).probe(signal);

  describe(`${name}: node probe contract`, () => {
    test('says of every fact that is missing why it is', async () => {
      expect(factsWithoutReason((await probe()).facts)).toEqual([]);
    });

    test('gives facts that its JSON keeps', async () => {
      const { facts, withPrivilege } = await probe();
      const json = JSON.stringify({ format: nodeFactsFormat, node: facts, withPrivilege });
      expect(readNodeFacts(new TextEncoder().encode(json), 'node.json')).toEqual(facts);
    });

    test('tells when, and gives the same facts again', async () => {
      const [first, second] = [(await probe()).facts, (await probe()).facts];
      expect(first.takenAtMs).not.toBeNull();
      expect({ ...second, takenAtMs: null }).toEqual({ ...first, takenAtMs: null });
    });

    test('says no more of privilege than a sentence each', async () => {
      for (const line of (await probe()).withPrivilege) expect(line).toMatch(/^\S.*: \S/);
    });

    test('ends when it is interrupted', async () => {
      const controller = new AbortController();
      controller.abort(new Error('interrupted'));
      await expect(probe(controller.signal)).rejects.toThrow('interrupted');
    });
  });
}
