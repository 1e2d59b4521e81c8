import type { ForecastRow } from '../../core/packing/forecast/forecast-steps.ts';
import { nearest } from '../../core/units/nearest.ts';
import { readRows, type FilePorts } from './read-packing-rows.ts';

const timesAtMost = 1_000;
const replicasAtMost = 1_000_000;

/**
 * Returns a forecast of replicas from a CSV file. From each time on, a service has so many replicas.
 *
 * | column | is |
 * |---|---|
 * | `time` | a date, or a time with its zone: `2027-01-31`, `2027-01-31T12:00Z` |
 * | `service` | a name of the list of replicas |
 * | `replicas` | how many there are then |
 *
 * @throws PlimsollError `packing-row-invalid` (input) with file and line, for a service that is not among `names` too.
 */
export async function readForecastRows(
  ports: FilePorts,
  shown: string,
  names: readonly string[],
): Promise<readonly ForecastRow[]> {
  const rows = await readRows(ports, shown, ['time', 'service', 'replicas']);
  const known = new Set(names);
  const times = new Set<number>();
  return rows.map((row) => {
    const time = row.text('time');
    const zoned = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2}))?$/.test(time);
    const atMs = zoned ? Date.parse(time) : NaN;
    if (Number.isNaN(atMs))
      throw row.invalid(`time is "${time.slice(0, 40)}", and is to be a date, or a time with its zone`);
    times.add(atMs);
    if (times.size > timesAtMost) throw row.invalid(`there are more than ${timesAtMost} times`);
    const service = row.text('service');
    if (!known.has(service)) {
      const meant = nearest(service, names);
      throw row.invalid(`no replicas are named ${service.slice(0, 80)}${meant === null ? '' : `; is it ${meant}?`}`);
    }
    return { atMs, service, replicas: row.whole('replicas', replicasAtMost) };
  });
}
