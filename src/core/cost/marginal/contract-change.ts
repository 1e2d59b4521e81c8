import { keyDocAt, quantileName } from '../../contract-keys/keys.ts';
import type { Contract, QuantileBudget, ScalingSection } from '../../contract/contract.ts';
import { contradictions } from '../../contract/contradictions.ts';
import { effectiveRollout, effectiveScaling } from '../../contract/defaults.ts';
import { PlimsollError } from '../../units/errors.ts';
import { nearest } from '../../units/nearest.ts';
import { formatDuration, readDuration } from '../../units/quantity/quantity-duration.ts';

/** `KEY=VALUE` as somebody asked it. */
export interface ContractChange {
  /** The contract's own name. */
  readonly key: string;
  readonly value: string;
}

export interface ChangedContract {
  readonly contract: Contract;
  /** What moved, for people: `scaling.replicas.min 1 -> 0`. */
  readonly moved: readonly string[];
  /** What the contract would need besides, which the replay takes as given. */
  readonly alsoNeeded: readonly string[];
}

interface ChangeableKey {
  readonly aliases: readonly string[];
  readonly expected: string;
  read(contract: Contract): string;
  /** Null: the value is not what is expected. */
  write(contract: Contract, value: string): Contract | null;
}

/**
 * | key | also called | the replay |
 * |---|---|---|
 * | scaling.replicas.min, .max | scaling.min, min; scaling.max, max | bounds of the scaler |
 * | scaling.toZero | toZero | whether the last replica may stop |
 * | scaling.warmPool | warmPool | replicas beyond demand |
 * | objective.latency.pNN | latency.pNN | what is late, and how careful the scaler is |
 * | rollout.keepPrevious | keepPrevious | for how long the release that was left is kept; no replay of arrivals |
 */
const changeableKeys: Readonly<Record<string, ChangeableKey>> = {
  'scaling.replicas.min': countKey(['scaling.min', 'min'], 0, 10_000, {
    get: ({ replicas }) => replicas.min,
    set: ({ replicas }, min) => ({ replicas: { ...replicas, min } }),
  }),
  'scaling.replicas.max': countKey(['scaling.max', 'max'], 1, 10_000, {
    get: ({ replicas }) => replicas.max,
    set: ({ replicas }, max) => ({ replicas: { ...replicas, max } }),
  }),
  'scaling.warmPool': countKey(['warmPool'], 0, 1_000, {
    get: ({ warmPool }) => warmPool,
    set: (_, warmPool) => ({ warmPool }),
  }),
  'scaling.toZero': {
    aliases: ['toZero'],
    expected: '`never` or `when-proven`',
    read: (contract) => effectiveScaling(contract).toZero,
    write: (contract, value) =>
      value === 'never' || value === 'when-proven'
        ? { ...contract, scaling: { ...effectiveScaling(contract), toZero: value } }
        : null,
  },
  'rollout.keepPrevious': {
    aliases: ['keepPrevious'],
    expected: 'a duration, as `30m`',
    read: (contract) => formatDuration(effectiveRollout(contract).keepPreviousMs),
    write: (contract, value) => {
      const keepPreviousMs = value === '0' ? 0 : durationOf(value);
      return keepPreviousMs === null ? null : { ...contract, rollout: { ...contract.rollout, keepPreviousMs } };
    },
  },
};
const latencyKey = 'objective.latency.';
const latencyNames = ['p50', 'p90', 'p95', 'p99', 'p99.9'];
const exampleNext = "plimsoll cost --what-if 'scaling.replicas.min=0'";

/** Returns a change that was written as `scaling.min=0`. @throws PlimsollError `what-if-invalid` (input) with the nearest key. */
export function readContractChange(text: string): ContractChange {
  const equals = text.indexOf('=');
  if (equals < 1) throw invalid(`--what-if \`${text}\` is not KEY=VALUE`, exampleNext);
  const written = text.slice(0, equals).trim();
  const key = findKey(written);
  if (key === null) throw unknownKey(written);
  return { key, value: text.slice(equals + 1).trim() };
}

/**
 * Returns the contract with these changes, all at once. `min: 0` alone also lets the last replica stop.
 * @throws PlimsollError `what-if-invalid` (input): a value that the key does not take, or bounds that contradict each other.
 */
export function changeContract(contract: Contract, changes: readonly ContractChange[]): ChangedContract {
  const keys = changes.map(({ key }) => key);
  const twice = keys.find((key, at) => keys.indexOf(key) !== at);
  if (twice !== undefined) throw invalid(`--what-if changes ${twice} twice`, 'leave out one of the two');
  const asked = changes.reduce((changed, { key, value }) => {
    const { expected, write } = changeableKey(key);
    const next = write(changed, value);
    if (next === null) throw invalid(`--what-if ${key}=${value} is not possible`, `${key} takes ${expected}`);
    return next;
  }, contract);
  const moved = changes.map(({ key }) => {
    const { read } = changeableKey(key);
    return `${key} ${read(contract)} -> ${read(asked)}`;
  });
  const whole = letGoToZero(asked, keys.includes('scaling.toZero'));
  requireBounds(whole);
  return { contract: whole, moved, alsoNeeded: alsoNeeded(contract, asked, whole) };
}

/** Whether the scaler is asked anything else by it; `keepPrevious` alone moves only how long a release is kept. */
export const movesScaling = ({ key }: ContractChange): boolean => key !== 'rollout.keepPrevious';

function letGoToZero(contract: Contract, isWritten: boolean): Contract {
  const scaling = effectiveScaling(contract);
  if (isWritten || scaling.replicas.min > 0 || scaling.toZero === 'when-proven') return contract;
  return { ...contract, scaling: { ...scaling, toZero: 'when-proven' } };
}

function requireBounds(contract: Contract): void {
  const { replicas, toZero } = effectiveScaling(contract);
  const { min, max } = replicas;
  if (min > max)
    throw invalid(`at least ${min} and at most ${max} replicas`, "change both: --what-if 'scaling.replicas.max=8'");
  if (min === 0 && toZero === 'never') {
    throw invalid('`min: 0` lets the last replica stop, which `toZero: never` forbids', 'leave out one of the two');
  }
}

function alsoNeeded(present: Contract, asked: Contract, whole: Contract): readonly string[] {
  const known = new Set(contradictions({ ...present, unread: [] }).map(({ message }) => message));
  const broken = contradictions({ ...whole, unread: [] }).filter(({ message }) => !known.has(message));
  return [
    ...(asked === whole ? [] : ['scaling.toZero: when-proven']),
    ...broken.map(({ path, expected }) => `for ${path.join('.')}: ${expected}`),
  ];
}

function changeableKey(key: string): ChangeableKey {
  const found = Object.hasOwn(changeableKeys, key) ? changeableKeys[key] : undefined;
  if (found !== undefined) return found;
  const name = key.slice(latencyKey.length);
  return {
    aliases: [],
    expected: 'a duration, as `250ms`',
    read: ({ objective }) => {
      const latencyMs = budgetOf(objective?.latency, name);
      return latencyMs === undefined ? 'not set' : formatDuration(latencyMs);
    },
    write: (contract, value) => {
      const latencyMs = durationOf(value);
      if (latencyMs === null || latencyMs <= 0) return null;
      const latency: QuantileBudget = { ...contract.objective?.latency, [name]: latencyMs };
      return { ...contract, objective: { ...contract.objective, latency } };
    },
  };
}

const budgetOf = (budget: Readonly<Record<string, number>> | undefined, name: string): number | undefined =>
  budget?.[name];

function findKey(written: string): string | null {
  const found = Object.entries(changeableKeys).find(
    ([key, { aliases }]) => key === written || aliases.includes(written),
  );
  if (found !== undefined) return found[0];
  const quantile = /^(?:objective\.)?latency\.(p.+)$/.exec(written)?.[1];
  return quantile !== undefined && quantileName.test(quantile) ? `${latencyKey}${quantile}` : null;
}

function unknownKey(written: string): PlimsollError {
  const keys = [...Object.keys(changeableKeys), ...latencyNames.map((name) => `${latencyKey}${name}`)];
  if (keyDocAt(written.split('.')) !== null) {
    return invalid(
      `--what-if ${written}: the contract has this key, and it does not change what the scaler is asked`,
      `the replay depends on ${Object.keys(changeableKeys).join(', ')}, ${latencyKey}p99`,
    );
  }
  const aliases = Object.values(changeableKeys).flatMap((key) => key.aliases);
  const meant = nearest(written, [...keys, ...aliases]);
  return invalid(
    `--what-if ${written}: no such key${meant === null ? '' : `; did you mean ${meant}?`}`,
    `one of ${Object.keys(changeableKeys).join(', ')}, ${latencyKey}p99`,
  );
}

function countKey(
  aliases: readonly string[],
  least: number,
  most: number,
  field: {
    readonly get: (scaling: ScalingSection) => number;
    readonly set: (scaling: ScalingSection, count: number) => Partial<ScalingSection>;
  },
): ChangeableKey {
  return {
    aliases,
    expected: `a whole number from ${least} to ${most}`,
    read: (contract) => String(field.get(effectiveScaling(contract))),
    write: (contract, value) => {
      const count = /^\d{1,5}$/.test(value) ? Number(value) : Number.NaN;
      if (!(count >= least && count <= most)) return null;
      const scaling = effectiveScaling(contract);
      return { ...contract, scaling: { ...scaling, ...field.set(scaling, count) } };
    },
  };
}

function durationOf(value: string): number | null {
  const read = readDuration(value);
  return read.ok ? read.value : null;
}

const invalid = (message: string, next: string): PlimsollError =>
  new PlimsollError({ code: 'what-if-invalid', category: 'input', message, next });
