import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { PlimsollError } from '../../src/core/units/errors.ts';
import type { MigBoard } from '../../src/core/hardware/tables/mig-profiles.ts';
import type { OperatingPoint, SlicedService } from '../../src/core/packing/slices/operating-points.ts';
import type { SlicePlan } from '../../src/core/packing/slices/slice-plan.ts';
import { makeParvagpuPoint, profileOfSlices, roundToMillionths } from '../../src/prove/packing/parvagpu-point.ts';

/** Operating points of each model, in the alphabetical order of the files: the order of the columns of the SLO files. */
export type ParvagpuProfiles = ReadonlyMap<string, readonly OperatingPoint[]>;

/** One service of a row of the SLO files. */
export interface ParvagpuService extends SlicedService {
  /** The objective as the file states it, for a request from arrival to answer. */
  readonly objectiveMs: number;
  /** The latency of a point has to be below this. */
  readonly belowMs: number;
}

/**
 * Returns the operating points of each `MODEL.csv` of a folder, by model.
 *
 * `makeParvagpuPoint` says what a row is. Rows that did not run are left out.
 */
export function readParvagpuProfiles(folder: string, board: MigBoard): ParvagpuProfiles {
  const files = readdirSync(folder)
    .filter((file) => file.endsWith('.csv') && !/^(slo-|deployment-)/.test(file))
    .sort();
  return new Map(
    files.map((file) => {
      const [, ...rows] = readRows(path.join(folder, file));
      const points = rows.map((row) => makeParvagpuPoint(row.map(Number), board)).filter((point) => point !== null);
      return [path.basename(file, '.csv'), points];
    }),
  );
}

/**
 * Returns the services of a row of `slo-request-rate.csv` and `slo-latency.csv`, counted from 1. `N/A` is no service.
 *
 * The latency of a point has to be below 0.9 x 1/2 x the objective in whole milliseconds, as in ParvaGPU's program
 * (`src/configurator.c`, `src/data_load.c`). Half, because a request may wait for the batch before its own. Latencies are
 * read in millionths, so that "below 97.2" is "at most 97.199999".
 */
export function readParvagpuServices(
  folder: string,
  row: number,
  profiles: ParvagpuProfiles,
): readonly ParvagpuService[] {
  const rates = readRows(path.join(folder, 'slo-request-rate.csv'));
  const latencies = readRows(path.join(folder, 'slo-latency.csv'));
  const [rateRow, latencyRow] = [rates[row - 1], latencies[row - 1]];
  if (rateRow === undefined || latencyRow === undefined) {
    throw new PlimsollError({
      code: 'slo-row-missing',
      category: 'input',
      message: `There is no SLO row ${row} in ${folder}`,
      next: `name a row from 1 to ${Math.min(rates.length, latencies.length)}`,
    });
  }
  return [...profiles].flatMap(([id, points], column) => {
    const objectiveMs = Number(latencyRow[column]);
    const ratePerSecond = Number(rateRow[column]);
    if (rateRow[column] === 'N/A' || latencyRow[column] === 'N/A') return [];
    const belowMs = roundToMillionths(0.45 * Math.floor(objectiveMs));
    return [{ id, ratePerSecond, latencyMs: roundToMillionths(belowMs - 1e-6), objectiveMs, belowMs, points }];
  });
}

/** Returns the GPUs of `deployment-sloROW.csv`, with the starts of the file; null when the folder has none for the row. */
export function readParvagpuDeployment(
  folder: string,
  row: number,
  profiles: ParvagpuProfiles,
  board: MigBoard,
): SlicePlan['gpus'] | null {
  const file = path.join(folder, `deployment-slo${row}.csv`);
  if (!existsSync(file)) return null;
  const gpus = new Map<string, SlicePlan['gpus'][number]['instances'][number][]>();
  for (const [node = '', gpu = '', service = '', start, slices, batch, processes] of readRows(file).slice(1)) {
    const profile = profileOfSlices(Number(slices), board);
    const point = profiles
      .get(service)
      ?.find(
        (each) => each.profile === profile && each.batch === Number(batch) && each.processes === Number(processes),
      );
    if (point === undefined) {
      throw new PlimsollError({
        code: 'deployed-point-missing',
        category: 'input',
        message: `${file} runs ${service} at ${profile}, batch ${batch}, ${processes} processes, which ${service}.csv does not have`,
        next: 'use the profiles that the deployment was made from',
      });
    }
    const key = `${node}/${gpu}`;
    gpus.set(key, [...(gpus.get(key) ?? []), { service, point, start: Number(start) }]);
  }
  return [...gpus.values()].map((instances) => ({ instances }));
}

const readRows = (file: string): readonly (readonly string[])[] =>
  readFileSync(file, 'utf8')
    .split(/\r?\n/)
    .filter((line) => line !== '')
    .map((line) => line.split(',').map((cell) => cell.trim()));
