import { proveSteps } from '../../core/units/next-steps/prove-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import type { DataVersion, ModelVersion } from '../../core/registry/model-version.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { nearest } from '../../core/units/nearest.ts';
import type { StoreReader } from '../../ports/records/store.ts';

/** `NAME`, `NAME:VERSION` or `NAME:ALIAS`, split at the first colon. */
export function splitReference(reference: string): { readonly name: string; readonly which: string | null } {
  const colon = reference.indexOf(':');
  return colon === -1
    ? { name: reference, which: null }
    : { name: reference.slice(0, colon), which: reference.slice(colon + 1) };
}

/** The version that a reference means: a number, an alias, or without either the newest. @throws PlimsollError `model-unknown`. */
export async function resolveModel(store: StoreReader, environment: string, reference: string): Promise<ModelVersion> {
  const { name, which } = splitReference(reference);
  const versions = await store.modelVersions(environment, name);
  const newest = versions.at(-1);
  if (newest === undefined) throw unknownName('model', name, environment, await store.modelNames(environment));
  if (which === null) return newest;
  const aliases = await store.aliases(environment, name);
  const wanted = /^\d+$/.test(which) ? Number(which) : aliases[which];
  const found = versions.find(({ version }) => version === wanted);
  if (found !== undefined) return found;
  const known = [...versions.map(({ version }) => String(version)), ...Object.keys(aliases)];
  throw unknownVersion('model', name, which, environment, known);
}

/** The same for data, which has no aliases. @throws PlimsollError `data-unknown`. */
export async function resolveData(store: StoreReader, environment: string, reference: string): Promise<DataVersion> {
  const { name, which } = splitReference(reference);
  const versions = await store.dataVersions(environment, name);
  const newest = versions.at(-1);
  if (newest === undefined) throw unknownName('data', name, environment, await store.dataNames(environment));
  if (which === null) return newest;
  const found = versions.find(({ version }) => String(version) === which);
  if (found !== undefined) return found;
  throw unknownVersion(
    'data',
    name,
    which,
    environment,
    versions.map(({ version }) => String(version)),
  );
}

function unknownName(
  kind: 'model' | 'data',
  name: string,
  environment: string,
  names: readonly string[],
): PlimsollError {
  const meant = nearest(name, names);
  return new PlimsollError({
    code: `${kind}-unknown`,
    category: 'not-found',
    message: `there is no ${kind} \`${name}\` in ${environment}${meant === null ? '' : `; did you mean \`${meant}\`?`}`,
    next:
      names.length === 0
        ? nextStep(proveSteps, 'model-unknown+data-unknown/add', { kind, name: name || 'NAME' })
        : nextStep(proveSteps, 'model-unknown+data-unknown/list', { kind }),
    details: { name, environment, known: names },
  });
}

function unknownVersion(
  kind: 'model' | 'data',
  name: string,
  which: string,
  environment: string,
  known: readonly string[],
): PlimsollError {
  const meant = nearest(which, known);
  return new PlimsollError({
    code: `${kind}-unknown`,
    category: 'not-found',
    message: `${kind === 'model' ? 'the model' : 'the data'} ${name} has no \`${which}\` in ${environment}; it has ${known.slice(-20).join(', ')}${meant === null || /^\d+$/.test(which) ? '' : ` (did you mean \`${meant}\`?)`}`,
    next: nextStep(proveSteps, 'model-unknown+data-unknown/show', { kind, name }),
    details: { name, which, environment, known },
  });
}
