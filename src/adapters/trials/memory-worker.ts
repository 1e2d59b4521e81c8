// A process of its own: it is bound to the CPUs of one NUMA node after the other, and its memory is gone with it.
import type { NumaNode } from './numa-nodes.ts';
import { openPinning } from './pin-to-cpus.ts';
import { sayLine } from './say-line.ts';
import { timeCopies } from './time-copies.ts';

const bytes = 64 * 1024 * 1024;
const copyMs = 200;

const nodes = JSON.parse(process.argv[2] ?? '[]') as readonly NumaNode[];
const pin = await openPinning();
const touchOn = (node: NumaNode): Buffer => {
  if (node.cpus !== null) pin(node.cpus);
  return Buffer.alloc(bytes, 1);
};
for (const from of nodes) {
  for (const to of nodes) {
    const of = from === to ? from.name : `${from.name} to ${to.name}`;
    sayLine({ begins: { kind: 'memory', of } });
    const source = touchOn(from);
    const target = touchOn(to);
    const rate = timeCopies(bytes, copyMs, () => {
      source.copy(target);
    });
    sayLine({ check: { kind: 'memory', of, verdict: 'pass', reason: null, ...rate } });
  }
}
