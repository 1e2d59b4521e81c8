import path from 'node:path';
import type { RecordedDay } from '../../../core/packing/plan-ahead/demand/fit-history.ts';
import { PlimsollError } from '../../../core/units/errors.ts';
import type { Operations } from '../../../ports/records/operations.ts';
import { kindOf } from '../../../prove/files/source-file.ts';
import type { CliContext } from '../../context.ts';

/** As the growth and the rate of recorded days need them. */
const daysAtLeast = 7;

/**
 * Returns the days that the control plane recorded of each service, by its name in the plan (`chat/prod`): of the one that runs, or that
 * `--server` names, else of the store beside the contract. Services that it does not hold, or of which it recorded less than a week, are left out.
 * Empty where there is neither.
 */
export async function readServedDays(
  context: Pick<CliContext, 'controlPlane' | 'operations' | 'project'>,
  names: readonly string[],
): Promise<ReadonlyMap<string, readonly RecordedDay[]>> {
  if ((await context.controlPlane()) === null && !(await hasOwnStore(context))) return new Map();
  const operations = await context.operations();
  const found = new Map<string, readonly RecordedDay[]>();
  for (const name of names) {
    const days = await readDays(operations, name);
    if (days.length >= daysAtLeast) found.set(name, days);
  }
  return found;
}

async function readDays(operations: Operations, name: string): Promise<readonly RecordedDay[]> {
  const [service = '', environment = ''] = name.split('/');
  try {
    return (await operations.arrivals({ service, environment })).days;
  } catch (thrown) {
    // Another service than those that are held here, or a control plane of an earlier version.
    if (thrown instanceof PlimsollError && thrown.category === 'not-found') return [];
    throw thrown;
  }
}

async function hasOwnStore({ project }: Pick<CliContext, 'project'>): Promise<boolean> {
  const shown = path.join((await project()).stateFolder, 'store.sqlite');
  return kindOf({ location: shown, shown }).then(
    (kind) => kind === 'file',
    () => false,
  );
}
