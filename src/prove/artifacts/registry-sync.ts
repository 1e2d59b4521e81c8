import type { EventOf } from '../../core/records/event.ts';
import { hasFacts } from '../../core/records/facts.ts';
import type { RegistrySync } from '../../core/registry/registry-sync.ts';
import { asPlimsollError, PlimsollError } from '../../core/units/errors.ts';
import { referenceOfPlace, type RemoteReference } from './remote-reference.ts';
import type { ProvingPorts } from '../ports.ts';

type Mlflow = Extract<RemoteReference, { readonly kind: 'mlflow' }>;

/** A registry that does not answer holds up a move that is recorded already for no longer than this. */
const writeBackAtMostMs = 30_000;

/** What was recorded of a model here and in a registry, oldest first. An earlier version did not record the name here. */
export async function recordedSyncs(
  context: Pick<ProvingPorts, 'store'>,
  environment: string,
  location: string,
  { remoteName, name: here }: { readonly remoteName: string; readonly name: string },
): Promise<readonly RegistrySync[]> {
  const events = await (await context.store()).events({ environment, kindPrefix: 'registry.synced', last: 10_000 });
  const syncs = events.flatMap((event) => (event.kind === 'registry.synced' ? syncOf(event.data) : []));
  return syncs.filter(
    ({ name = here, ...sync }) => name === here && sync.location === location && sync.remoteName === remoteName,
  );
}

function syncOf(data: EventOf<'registry.synced'>['data']): readonly RegistrySync[] {
  if (!hasFacts(data, 'location', 'remoteName', 'outcome', 'alias', 'remote', 'local', 'reason')) return [];
  const { name, location, remoteName, outcome, alias, remote, local, reason, cause } = data;
  const more = { ...(name === undefined ? {} : { name }), ...(cause === undefined ? {} : { cause }) };
  return [{ location, remoteName, outcome, alias, remote, local, reason, ...more }];
}

/** The MLflow version that a version came from; null for one from elsewhere. */
export function mlflowSource(
  source: string | undefined,
  env: ProvingPorts['env'],
): (Mlflow & { version: string }) | null {
  const parsed = source?.startsWith('mlflow://') === true ? referenceOfPlace(source, env) : null;
  return parsed?.kind === 'mlflow' && parsed.version !== null ? { ...parsed, version: parsed.version } : null;
}

/**
 * After an alias was moved here: tells the registry that the versions came from. Returns what a person should know; a
 * failure is recorded and told, never thrown, since the move stands.
 */
export async function writeBackAlias(
  context: Pick<ProvingPorts, 'env' | 'modelRegistry' | 'operations' | 'signal' | 'store'>,
  environment: string,
  move: { readonly name: string; readonly alias: string; readonly from: number | null; readonly to: number | null },
): Promise<readonly string[]> {
  const { name, alias, from, to } = move;
  const store = await context.store();
  const versions = await store.modelVersions(environment, name);
  const sourceOf = (version: number | null): (Mlflow & { version: string }) | null =>
    mlflowSource(versions.find((each) => each.version === version)?.lineage.source, context.env);
  const target = sourceOf(to);
  const there = target ?? sourceOf(from);
  if (there === null) return [];
  const syncs = await recordedSyncs(context, environment, there.location, { remoteName: there.name, name });
  const seen = syncs.findLast((sync) => sync.alias === alias);
  // An alias that the registry was never known to have is not taken away from it.
  if (target === null && seen === undefined) return [];
  const sync = { name, location: there.location, remoteName: there.name, alias, local: to };
  const shown = `${alias} of ${there.name} in ${there.location}`;
  if (target === null && to !== null) {
    const reason = `version ${to} did not come from there`;
    await record(context, environment, {
      ...sync,
      outcome: 'pending',
      remote: seen?.remote ?? null,
      reason,
      cause: 'from-elsewhere',
    });
    return [`warning: ${shown} stays where it is: ${reason}`];
  }
  try {
    await setRemote(context, there, alias, target?.version ?? null);
    await record(context, environment, {
      ...sync,
      outcome: 'in-step',
      remote: target?.version ?? null,
      reason: 'written back',
    });
    return [`written back: ${shown} -> ${target === null ? 'none' : `version ${target.version}`}`];
  } catch (thrown) {
    const reason = asPlimsollError(thrown).message;
    await record(context, environment, { ...sync, outcome: 'pending', remote: seen?.remote ?? null, reason });
    return [
      `warning: the move is recorded here, and ${there.location} does not know it yet: ${reason}`,
      `next: plimsoll model watch ${there.location}/${there.name} --name ${name} --alias ${alias} --once`,
    ];
  }
}

async function setRemote(
  context: Pick<ProvingPorts, 'modelRegistry' | 'signal'>,
  there: Mlflow,
  alias: string,
  version: string | null,
): Promise<void> {
  const registry = await context.modelRegistry(there);
  try {
    const signal = AbortSignal.any([context.signal, AbortSignal.timeout(writeBackAtMostMs)]);
    await registry.setAlias?.(there.name, alias, version, signal);
  } catch (thrown) {
    context.signal.throwIfAborted();
    if (thrown instanceof PlimsollError) throw thrown;
    throw new PlimsollError({
      code: 'remote-unreachable',
      category: 'unavailable',
      message: `no answer within ${writeBackAtMostMs / 1000} s`,
      cause: thrown,
    });
  } finally {
    await registry.close();
  }
}

export async function record(
  context: Pick<ProvingPorts, 'operations'>,
  environment: string,
  sync: RegistrySync,
): Promise<void> {
  await (await context.operations()).recordRegistrySync({ environment, ...sync });
}
