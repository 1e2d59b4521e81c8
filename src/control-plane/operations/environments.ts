import { controlPlaneSteps } from '../../core/units/next-steps/control-plane-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import {
  policyProblem,
  termChanges,
  termKeys,
  termsOf,
  type EnvironmentRecord,
  type EnvironmentTerms,
  type TermChange,
} from '../../core/fleet/environment/environment-record.ts';
import type { EventNews } from '../../core/records/event.ts';
import { digestOf } from '../../core/units/digest.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { Operations } from '../../ports/records/operations.ts';
import type { StoreReader, StoreWriter } from '../../ports/records/store.ts';
import { write, type OperationsSource } from './operations-source.ts';

type Parts = Pick<OperationsSource, 'by' | 'clock' | 'store' | 'withFence' | 'changed'> & {
  /** Of the folder that is asked in; null for a control plane of many. */
  readonly service: string | null;
  /** Whether the platform of this control plane keeps spares; left out where no control plane runs that could know. */
  readonly keepsSpares?: boolean;
};

export type EnvironmentOperations = Pick<
  Operations,
  'environmentRecords' | 'setEnvironmentRecord' | 'clearEnvironmentRecord'
>;

/** The record of an environment, its event in each service there, and its version are one transaction. */
export function environmentOperations(source: Parts): EnvironmentOperations {
  return {
    environmentRecords: () => source.store.environmentRecords(),
    setEnvironmentRecord: async ({ environment, terms, version }) => {
      if ((terms.warmPool ?? 0) > 0 && source.keepsSpares === false) throw noWarmPool(environment);
      return await write(source, environment, (tx) =>
        change(source, tx, environment, (before) => requireNewerPolicy(environment, before, terms), version),
      );
    },
    clearEnvironmentRecord: ({ environment, keys }) =>
      write(source, environment, (tx) =>
        change(source, tx, environment, (before) => {
          const cleared = keys.length === 0 ? termKeys : keys;
          if (cleared.every((key) => before[key] === undefined)) throw nothingRecorded(environment, keys);
          return Object.fromEntries(Object.entries(before).filter(([key]) => !cleared.some((each) => each === key)));
        }),
      ),
  };
}

/**
 * The terms, where their policy may take the place of the one that stands. A policy with a serial gives way to a greater one
 * alone: an old file of the same serial would take a revocation back. `clear` takes it away, on the record.
 */
function requireNewerPolicy(environment: string, before: EnvironmentTerms, terms: EnvironmentTerms): EnvironmentTerms {
  const problem = policyProblem(terms, environment);
  if (problem !== null) throw policyRefused('policy-invalid', 'input', problem, 'mend the policy, and set it again');
  const standing = before.policy?.serial;
  if (standing === undefined || (terms.policy?.serial ?? -1) > standing) return terms;
  if (digestOf(terms.policy) === digestOf(before.policy)) return terms;
  const what = terms.policy === undefined ? 'no policy' : `a policy of serial ${terms.policy.serial ?? 'none'}`;
  throw policyRefused(
    'policy-older',
    'conflict',
    `the policy of ${environment} has the serial ${standing}, and ${what} is to take its place`,
    `set one with the serial ${standing + 1}, or take it away: plimsoll environment clear ${environment} policy`,
  );
}

function policyRefused(code: string, category: 'input' | 'conflict', message: string, next: string): PlimsollError {
  return new PlimsollError({ code, category, message, next });
}

/** A record that says the same already stays as it is, with its version. */
async function change(
  { by, clock, service: own }: Parts,
  tx: StoreWriter,
  environment: string,
  makeTerms: (before: EnvironmentTerms) => EnvironmentTerms,
  expected?: number,
): Promise<EnvironmentRecord> {
  const standing = await tx.environmentRecord(environment);
  const before = termsOf(standing ?? {});
  const terms = termsOf(makeTerms(before));
  const changes = termChanges(before, terms);
  if (standing !== null && changes.length === 0 && (expected ?? standing.version) === standing.version) return standing;
  const atMs = clock.nowMs();
  const record = await tx.setEnvironmentRecord({ environment, by, atMs, ...terms }, expected);
  for (const service of await servicesIn(tx, environment, own)) {
    await tx.appendEvent({ service, environment, by, atMs, ...makeEnvironmentChangedEvent(record, changes) });
  }
  return record;
}

/** Where an event is that is of no service, as there is none yet. */
const everyService = '*';

/** The services whose history a change of their environment belongs to. */
async function servicesIn(reader: StoreReader, environment: string, own: string | null): Promise<readonly string[]> {
  const all = [...(await reader.heldServices()), ...(await reader.released())];
  const here = all.filter((each) => each.environment === environment).map(({ service }) => service);
  return here.length === 0 ? [own ?? everyService] : [...new Set(here)].sort();
}

const changesInSummary = 3;

export function makeEnvironmentChangedEvent(
  { environment, version }: EnvironmentRecord,
  changes: readonly TermChange[],
): EventNews {
  const shown = changes.slice(0, changesInSummary);
  const texts = shown.map(({ key, before, after }) => `${key} ${before ?? 'none'} -> ${after ?? 'none'}`);
  const more = changes.length - shown.length;
  const what = [...texts, ...(more > 0 ? [`${more} more`] : [])].join('; ');
  return {
    kind: 'environment.changed',
    summary: `The record of ${environment} is at version ${version}: ${what === '' ? 'it says nothing' : what}`,
    data: { version, changes },
  };
}

function nothingRecorded(environment: string, keys: readonly string[]): PlimsollError {
  return new PlimsollError({
    code: 'nothing-recorded',
    category: 'not-found',
    message: `the record of ${environment} has ${keys.length === 0 ? 'no key' : `no ${keys.join(', ')}`}`,
    next: nextStep(controlPlaneSteps, 'nothing-recorded', { environment }),
  });
}

const noWarmPool = (environment: string): PlimsollError =>
  new PlimsollError({
    code: 'warm-pool-unsupported',
    category: 'input',
    message: `the record of ${environment} asks for a warm pool, and replicas run on Kubernetes here: only the platform \`local\` keeps spares`,
    next: 'leave `warmPool` out of the record; `scaling.warmPool` of a contract keeps loaded replicas of one service on either platform',
  });
