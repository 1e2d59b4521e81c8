import { expect, it } from 'vitest';
import { listCheckRefusals } from '../../core/contract-keys/check-refusals.ts';
import { loadContract, minimalContract } from '../../testing/builders/contract-texts.ts';
import { findContractReads } from '../../testing/suggestions/contract-reads.ts';

/** Parts of the contract that are handed on as another type with the same members. */
const handedOver = {
  'code.signature': { file: 'src/core/registry/signature-compatibility.ts', type: 'Signature' },
  'scaling.sleep': { file: 'src/core/scaling/policy.ts', type: 'SleepTerms' },
  monitoring: { file: 'src/core/contract/defaults.ts', type: 'EffectiveCapture' },
  'monitoring.falseAlarms': { file: 'src/core/monitoring/alarms/alarm-budget.ts', type: 'FalseAlarmRate' },
  'monitoring.tolerance': { file: 'src/core/monitoring/distance/distance-measures.ts', type: 'DistanceTolerance' },
  'monitoring.features[]': { file: 'src/core/contract/contract.ts', type: 'UserMetric' },
  rollout: { file: 'src/core/rollout/release.ts', type: 'ReleaseCanary' },
  'rollout.judge': { file: 'src/core/rollout/judge/canary.ts', type: 'CanaryPolicy' },
};

/** Keys with one value, so that there is nothing to choose. */
const single = ['apiVersion', 'monitoring.labels.from'];

/** Contracts in which a key has a value that nothing acts on; what `check` refuses in them. */
const refused = ['coldStart: { p90: 45s, prePull: true }', 'scaling: { signal: batch-fill }'].flatMap((section) =>
  listCheckRefusals(loadContract(`${minimalContract}${section}\n`).contract).map(({ path }) => path.join('.')),
);

it('every key of the contract is read where the product acts, or check refuses it', { timeout: 120_000 }, () => {
  const reads = findContractReads(handedOver);
  const unread = [...reads].filter(([, file]) => file === null).map(([path]) => path);
  expect(unread.sort()).toEqual([...single, ...refused].sort());
  expect(reads.size).toBeGreaterThan(150);
});
