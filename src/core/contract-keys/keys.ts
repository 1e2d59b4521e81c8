import { evidenceKinds } from '../evidence/kinds/table.ts';
import { nearest } from '../units/nearest.ts';
import { featureKeys } from './feature-keys.ts';
import { featureSourceKeys } from './feature-source-keys.ts';
import { gatewayKeys } from './gateway-keys.ts';
import type { KeyDoc } from './key-doc.ts';
import { machineKeys } from './machine-keys.ts';
import { monitoringKeys } from './monitoring-keys.ts';
import { qualityKeys } from './quality-keys.ts';
import { replayKeys } from './replay-keys.ts';
import { serviceKeys } from './service-keys.ts';
import { watchKeys } from './watch-keys.ts';

export type { KeyDoc } from './key-doc.ts';

const sections = [
  ['apiVersion', 'service', 'owner', 'code', 'model', 'hardware', 'objective', 'coldStart', 'scaling', 'features'],
  ['evaluation', 'monitoring', 'rollout', 'gateway', 'cost', 'maxAge', 'environments'],
].flat();

const sectionOf = (key: string): string => key.split(/[.[]/, 1)[0] ?? key;
const rankOf = new Map(sections.map((section, index) => [section, index]));

/** Every key of the contract, in the order of the reference. */
export const keyDocs: readonly KeyDoc[] = [
  ...[...serviceKeys, ...machineKeys, ...watchKeys, ...qualityKeys],
  ...[...monitoringKeys, ...replayKeys, ...featureKeys, ...featureSourceKeys, ...gatewayKeys],
]
  .map((doc) => ({ doc, rank: rankOf.get(sectionOf(doc.key)) ?? -1 }))
  .sort((a, b) => a.rank - b.rank)
  .map(({ doc }) => doc);

type Path = readonly (string | number)[];

const split = (key: string): readonly string[] => key.replaceAll('[]', '.[]').split('.');
const segmented = keyDocs.map((doc) => ({ doc, segments: split(doc.key) }));

/**
 * The documentation of the key at a path of the written contract: `['environments', 'prod', 'pool']` gives that of
 * `environments.<name>.pool`. A key written in the table wins over one that the writer chooses.
 */
export function keyDocAt(path: Path): KeyDoc | null {
  const matching = segmented.filter(({ segments }) => matches(segments, path)).map(({ doc }) => doc);
  return matching.find((doc) => !doc.key.endsWith('>')) ?? matching[0] ?? null;
}

function matches(segments: readonly string[], path: Path): boolean {
  return (
    segments.length === path.length &&
    segments.every((segment, index) => {
      const part = path[index];
      if (typeof part === 'number') return segment === '[]';
      return segment === part || (segment.startsWith('<') && acceptsName(segment, part ?? ''));
    })
  );
}

/** `p50`, `p99.9`: above 0 and below 100. */
export const quantileName = /^p(?!0+(?:\.0*)?$)\d{1,2}(?:\.\d{1,3})?$/;

/** Names that the writer chooses among a few. */
const choices: Readonly<Record<string, readonly string[]>> = {
  '<phase>': ['schedule', 'image-pull', 'process-start', 'weights-fetch', 'weights-load', 'engine-init', 'warm-up'],
  '<kind>': evidenceKinds,
};

function acceptsName(placeholder: string, name: string): boolean {
  return placeholder === '<quantile>' ? quantileName.test(name) : (choices[placeholder]?.includes(name) ?? true);
}

/** Names of the keys that may stand directly under a path, those that the writer is free to choose left out. */
export function keysUnder(path: Path): readonly string[] {
  return segmented.flatMap(({ segments }) => {
    const last = segments.at(-1) ?? '';
    if (last === '[]' || !matches(segments.slice(0, -1), path)) return [];
    return last.startsWith('<') ? (choices[last] ?? []) : [last];
  });
}

/** A key as somebody types it: `evaluation.gates.metric` and `environments.prod.pool` find theirs. */
export function findKeyDoc(typed: string): KeyDoc | null {
  const plain = typed.replaceAll(/\[\d*\]/g, '');
  const exact = keyDocs.find((doc) => doc.key === typed || doc.key.replaceAll('[]', '') === plain);
  return exact ?? keyDocAt(plain.split('.'));
}

/** The key that was most likely meant: by the whole path, else by its last word. */
export function nearestKey(typed: string): string | null {
  const keys = keyDocs.map((doc) => doc.key);
  const whole = nearest(typed, keys);
  if (whole !== null) return whole;
  const words = new Map(segmented.map(({ doc, segments }) => [segments.at(-1) ?? doc.key, doc.key]));
  const word = nearest(typed.split('.').at(-1) ?? typed, [...words.keys()]);
  return word === null ? null : (words.get(word) ?? null);
}
