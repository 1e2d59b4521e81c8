import { digestOf, shortDigest } from '../../units/digest.ts';
import { changesOfView } from '../features/feature-changes.ts';
import { featureViewName } from '../features/feature-view.ts';
import type { LockedEnvironment } from './lock.ts';

/** One pinned fact that the lock states differently from what is there. */
export interface PinDifference {
  /** `code`, `code server.py`, `model`, `data digits-golden`, `features spend.sql`, `feature view driver_stats`, `device class`, `runtime onnxruntime`. */
  readonly subject: string;
  readonly from: string;
  readonly to: string;
}

/** What a new pin would change, evidence left out. Undefined `from`: the environment was never pinned. */
export function pinDifferences(from: LockedEnvironment | undefined, to: LockedEnvironment): readonly PinDifference[] {
  const before = facts(from);
  const after = facts(to);
  const changed = changesByView(from, to);
  const subjects = [...new Set([...before.keys(), ...after.keys()])];
  return subjects.flatMap((subject) => {
    const [old, now] = [before.get(subject) ?? 'not pinned', after.get(subject) ?? 'gone'];
    return old === now ? [] : [{ subject, from: old, to: `${now}${changed.get(subject) ?? ''}` }];
  });
}

function facts(locked: LockedEnvironment | undefined): ReadonlyMap<string, string> {
  const { code, model } = locked ?? {};
  const entries: (readonly [string, string])[] = [];
  if (code !== undefined) {
    entries.push([
      'code',
      code.image === undefined
        ? shortDigest(code.digest)
        : `${code.image} ${shortDigest(code.facts?.digest ?? code.digest)}`,
    ]);
    if (code.facts !== undefined) entries.push(['facts of the image', shortDigest(digestOf(code.facts))]);
    for (const [file, digest] of Object.entries(code.files)) entries.push([`code ${file}`, shortDigest(digest)]);
  }
  if (model !== undefined) {
    const alias = model.alias === undefined ? '' : ` (${model.alias})`;
    entries.push(['model', `${model.name}:${model.version}${alias} ${shortDigest(model.digest)}`]);
    if (model.facts !== undefined) entries.push(['facts of the model', shortDigest(digestOf(model.facts))]);
  }
  for (const [name, data] of Object.entries(locked?.data ?? {})) {
    entries.push([`data ${name}`, `version ${data.version} ${shortDigest(data.digest)}`]);
  }
  for (const [file, digest] of Object.entries(locked?.features ?? {})) {
    entries.push([`features ${file}`, shortDigest(digest)]);
  }
  for (const [key, view] of Object.entries(locked?.featureViews ?? {})) {
    entries.push([featureViewName(key), shortDigest(digestOf(view))]);
  }
  for (const digest of locked?.deviceClasses ?? []) entries.push([`device class ${shortDigest(digest)}`, 'pinned']);
  for (const [name, version] of Object.entries(locked?.runtime ?? {})) entries.push([`runtime ${name}`, version]);
  return new Map(entries);
}

/** What each view became, as the end of a sentence. */
function changesByView(from: LockedEnvironment | undefined, to: LockedEnvironment): ReadonlyMap<string, string> {
  const changes = Object.entries(from?.featureViews ?? {}).flatMap(([key, before]) => {
    const after = to.featureViews?.[key];
    if (after === undefined) return [];
    return [[featureViewName(key), ` (${changesOfView(before, after).join(', ')})`] as const];
  });
  return new Map(changes);
}
