import { driftMoved } from '../../../../core/records/conflicts.ts';
import type { DriftWindow } from '../../../../core/monitoring/watch/windows/windows.ts';
import {
  driftWindowsAtMost,
  type DriftReader,
  type DriftRecord,
  type DriftWriter,
} from '../../../../ports/records/drift-records.ts';
import { driftSamplesAtMost, type DriftSample } from '../../../../core/monitoring/samples/drift-sample.ts';

interface Scope {
  readonly service: string;
  readonly environment: string;
}

interface ServiceDrift extends Scope {
  readonly record: DriftRecord | null;
  readonly windows: readonly DriftWindow[];
  readonly samples: readonly DriftSample[];
}

export interface DriftState {
  readonly drift: readonly ServiceDrift[];
}

export function memoryDriftReader(state: () => DriftState): DriftReader {
  const of = (service: string, environment: string): ServiceDrift => find(state(), { service, environment });
  return {
    driftRecord: async (service, environment) => structuredClone(of(service, environment).record),
    driftWindows: async (service, environment, from, slot) =>
      structuredClone(of(service, environment).windows.filter((each) => each.slot === slot && each.number >= from)),
    driftWindowsEvery: async (service, environment, { from, to, every }) =>
      structuredClone(
        of(service, environment).windows.filter(
          ({ number, slot }) =>
            slot === undefined && number >= from && number <= to && (number % every === 0 || number === to),
        ),
      ),
    oldestDriftSample: async (service, environment) => {
      const times = of(service, environment).samples.map(({ atMs }) => atMs);
      return times.length === 0 ? null : Math.min(...times);
    },
    driftSamples: async (service, environment, last) =>
      structuredClone(last === 0 ? [] : of(service, environment).samples.slice(-last)),
  };
}

export function memoryDriftWriter(state: () => DriftState, change: (part: DriftState) => void): DriftWriter {
  const set = (scope: Scope, part: Partial<ServiceDrift>): void => {
    const others = state().drift.filter((each) => !isOf(scope)(each));
    change({ drift: [...others, { ...find(state(), scope), ...part }] });
  };
  return {
    async setDriftRecord(service, environment, record, expected) {
      const standing = find(state(), { service, environment }).record?.revision ?? null;
      if (standing !== expected) throw driftMoved(service, environment, expected, standing);
      const next = { ...record, revision: (standing ?? 0) + 1 };
      set({ service, environment }, { record: next });
      return structuredClone(next);
    },
    async addDriftWindow(service, environment, window) {
      const scope = { service, environment };
      const { number: newest, slot: of } = window;
      const others = find(state(), scope).windows.filter(({ number, slot }) => slot !== of || number !== newest);
      const windows = [...others, window].sort((a, b) => a.number - b.number);
      const isKept = ({ number, slot }: DriftWindow): boolean => slot !== of || number > newest - driftWindowsAtMost;
      set(scope, { windows: windows.filter(isKept) });
    },
    async addDriftSamples(service, environment, samples, keptFromMs) {
      const scope = { service, environment };
      const all = [...find(state(), scope).samples, ...samples].slice(-driftSamplesAtMost);
      set(scope, { samples: all.filter(({ atMs }) => atMs >= keptFromMs) });
    },
  };
}

const isOf =
  (a: Scope) =>
  (b: Scope): boolean =>
    a.service === b.service && a.environment === b.environment;

const find = ({ drift }: DriftState, scope: Scope): ServiceDrift =>
  drift.find(isOf(scope)) ?? { ...scope, record: null, windows: [], samples: [] };
