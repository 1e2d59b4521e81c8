import { arrivalsKept, type ArrivalDay } from '../../../../core/scaling/seasons/arrival-day.ts';
import type { ArrivalReader, ArrivalWriter } from '../../../../ports/records/arrival-records.ts';

export interface ArrivalDays {
  /** By service and environment, oldest first. */
  readonly arrivalDays: Readonly<Record<string, readonly ArrivalDay[]>>;
}

const daysOf = (state: ArrivalDays, service: string, environment: string): readonly ArrivalDay[] =>
  state.arrivalDays[`${service}/${environment}`] ?? [];

export function memoryArrivalReader(state: () => ArrivalDays): ArrivalReader {
  return {
    arrivalDays: async (service, environment, sinceMs) =>
      structuredClone(daysOf(state(), service, environment).filter(({ fromMs }) => fromMs >= sinceMs)),
  };
}

export function memoryArrivalWriter(state: () => ArrivalDays, change: (part: ArrivalDays) => void): ArrivalWriter {
  return {
    async setArrivalDay(service, environment, day) {
      const kept = daysOf(state(), service, environment).filter(
        ({ fromMs }) => fromMs !== day.fromMs && fromMs >= day.fromMs - arrivalsKept.allMs,
      );
      const days = [...kept, structuredClone(day)].sort((a, b) => a.fromMs - b.fromMs);
      change({ arrivalDays: { ...state().arrivalDays, [`${service}/${environment}`]: days } });
    },
  };
}
