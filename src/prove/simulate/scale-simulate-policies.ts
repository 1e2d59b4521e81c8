import { baselinePolicies } from '../../core/scaling/policies/baselines.ts';
import { makeLlmdWva } from '../../core/scaling/policies/llmd-wva.ts';
import { plimsollPolicy } from '../../core/scaling/own/plimsoll.ts';
import { makeStatic } from '../../core/scaling/policies/static.ts';
import type { Policy } from '../../core/scaling/policy.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { nearest } from '../../core/units/nearest.ts';

/** The smallest count that attains, which has to be found first. */
export const staticName = 'static';
const names = [plimsollPolicy.name, ...baselinePolicies.map(({ name }) => name), staticName];

/** A name of `--policies`, as it is known; `static-4` is a count of one's own. @throws PlimsollError `policy-unknown` (input). */
export function readPolicyName(name: string): string {
  if (names.includes(name) || /^static-[1-9]\d{0,3}$/.test(name)) return name;
  const meant = nearest(name, names);
  throw new PlimsollError({
    code: 'policy-unknown',
    category: 'input',
    message: `no policy is named \`${name}\`${meant === null ? '' : `; did you mean \`${meant}\`?`}`,
    next: `--policies takes some of ${names.join(', ')}, and static-4 for four replicas`,
  });
}

/** Whether it always keeps one count, whatever it is told. */
export const isFixed = (name: string): boolean => name === staticName || /^static-/.test(name);

/** With its defaults. Not for `static`, whose count is found by trying. */
export function policyOf(name: string): Policy {
  if (name === plimsollPolicy.name) return plimsollPolicy;
  const fixed = /^static-(\d+)$/.exec(name);
  if (fixed !== null) return makeStatic(Number(fixed[1]));
  const baseline = baselinePolicies.find((each) => each.name === name);
  if (baseline === undefined) throw new Error(`${name} is no policy`);
  return adapted(name, {}) ?? baseline.make();
}

export interface PolicyChoice {
  readonly label: string;
  readonly policy: Policy;
}

/** Some of the combinations of its own knobs, spread over all of them; its defaults first. Plimsoll's own has no knobs. */
export function choicesOf(name: string, atMost: number): readonly PolicyChoice[] {
  const defaults = name === staticName ? [] : [{ label: '', policy: policyOf(name) }];
  const tuned = baselinePolicies.find((each) => each.name === name)?.makeTuned() ?? [];
  const spread = tuned.filter((_, index) => index % Math.max(1, Math.ceil(tuned.length / atMost)) === 0);
  return [
    ...defaults,
    ...spread.map(({ options, policy }) => ({
      label: JSON.stringify(options),
      policy: adapted(name, options) ?? policy,
    })),
  ];
}

/** The simulated replicas tell no cache: for the one that looks at it the share of slots that are taken stands for it. */
function adapted(name: string, options: Readonly<Record<string, unknown>>): Policy | null {
  return name === 'llm-d-wva' ? makeLlmdWva({ ...options, memoryFrom: 'in-flight-share' }) : null;
}
