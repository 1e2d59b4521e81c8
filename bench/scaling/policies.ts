import { baselinePolicies } from '../../src/core/scaling/policies/baselines.ts';
import { makeLlmdWva } from '../../src/core/scaling/policies/llmd-wva.ts';
import { plimsollPolicy } from '../../src/core/scaling/own/plimsoll.ts';
import { makeRayServe } from '../../src/core/scaling/policies/ray-serve.ts';
import { makeStatic } from '../../src/core/scaling/policies/static.ts';
import type { Policy } from '../../src/core/scaling/policy.ts';

/** By name, so that it can be sent to a worker: `choice` is an index into the policy's tuned combinations, null for its defaults. */
export interface PolicyReference {
  readonly family: string;
  readonly choice: number | null;
}

export interface PolicyFamily {
  readonly family: string;
  readonly hasDefaults: boolean;
  readonly choices: readonly { readonly label: string; make(): Policy }[];
  make(): Policy;
}

/** Ray decides ten times a second; once is as good and lets a trace of hours end. */
const rayLoop = { controlLoopMs: 1_000 };
/** An engine of slots has no cache to look at: its share of slots that are taken stands for it. */
const wvaMemory = { memoryFrom: 'in-flight-share' } as const;
export const staticAtMost = 40;

export const families: readonly PolicyFamily[] = [
  { family: 'plimsoll', hasDefaults: true, choices: [], make: () => plimsollPolicy },
  ...baselinePolicies.map(({ name, make, makeTuned }): PolicyFamily => ({
    family: name,
    hasDefaults: true,
    choices: makeTuned().map(({ options }, index) => ({
      label: JSON.stringify(options),
      make: () => adapted(name, options) ?? makeTuned()[index]?.policy ?? make(),
    })),
    make: () => adapted(name, {}) ?? make(),
  })),
  {
    family: 'static',
    hasDefaults: false,
    choices: Array.from({ length: staticAtMost }, (_, index) => ({
      label: `${index + 1}`,
      make: () => makeStatic(index + 1),
    })),
    make: () => makeStatic(1),
  },
];

function adapted(name: string, options: Readonly<Record<string, unknown>>): Policy | null {
  if (/ray/i.test(name)) return makeRayServe({ ...options, ...rayLoop });
  if (/wva/i.test(name)) return makeLlmdWva({ ...options, ...wvaMemory });
  return null;
}

export function policyOf({ family, choice }: PolicyReference): Policy {
  const found = families.find((each) => each.family === family);
  if (found === undefined) throw new Error(`no policy ${family}`);
  return choice === null ? found.make() : (found.choices[choice]?.make() ?? found.make());
}
