import type { Contract } from '../../core/contract/contract.ts';
import { defaultZone, type ScheduleEntry } from '../../core/contract/schedule/schedule.ts';
import { formatSchedule, readLocalTime, readWeekly } from '../../core/contract/schedule/schedule-text.ts';
import type { CalendarTerms } from '../../core/scaling/seasons/learnt-calendar.ts';
import { readFrequency } from '../../core/units/quantity/quantity-frequency.ts';
import { momentOf } from '../../core/units/zone-time.ts';
import { ifGiven, optionInvalid, unwrap } from './option-text.ts';

/** What a simulation is told of the calendar. */
export interface CalendarOptions {
  /** Of the clock of the contract's zone, milliseconds. */
  readonly begins: number | undefined;
  readonly schedule: readonly Omit<ScheduleEntry, 'zone'>[] | undefined;
  readonly seasons: boolean;
}

const scheduleNext =
  '--schedule takes entries with semicolons between them: `Fri 09:00-11:00=200/s; 2026-12-04T09:00..2026-12-04T11:00=6`, where 6 are replicas';

export function calendarOptions(
  text: (name: string) => string | undefined,
  given: Readonly<Record<string, unknown>>,
): CalendarOptions {
  const options = {
    begins: ifGiven(text('begins'), (value) => unwrap('--begins', value, readLocalTime(value))),
    schedule: ifGiven(text('schedule'), readEntries),
    seasons: given['seasons'] === true,
  };
  if (options.begins === undefined && (options.schedule !== undefined || options.seasons)) {
    const option = options.seasons ? '--seasons' : '--schedule';
    throw optionInvalid(
      `${option} needs the time at which the arrivals begin`,
      'give --begins, as --begins 2026-11-02T00:00',
    );
  }
  return options;
}

/** Returns what the policies are told of the calendar; undefined without `--begins`. */
export function calendarOfSimulation(
  { begins, schedule, seasons }: CalendarOptions,
  contract: Pick<Contract, 'scaling'> | null,
): CalendarTerms | undefined {
  if (begins === undefined) return undefined;
  const { zone = defaultZone, schedule: written = [] } = contract?.scaling ?? {};
  const entries = schedule?.map((entry) => ({ ...entry, zone })) ?? written;
  return { beginsAtMs: momentOf(zone, begins, 'first'), zone, schedule: entries, seasons };
}

/** Returns what a report says of the calendar. */
export function calendarNotes(
  calendar: CalendarTerms | undefined,
  contract: Pick<Contract, 'scaling'> | null,
): readonly string[] {
  if (calendar === undefined) {
    const left = contract?.scaling?.schedule?.length ?? 0;
    return left === 0 ? [] : ['the schedule of the contract is left out: --begins says when the arrivals begin'];
  }
  const { beginsAtMs, schedule, seasons } = calendar;
  const begins = `the arrivals begin at ${new Date(beginsAtMs).toISOString().slice(0, 16)} UTC`;
  return [
    `${begins}${seasons ? ', and seasons are looked for in what arrived before' : ''}`,
    ...schedule.map((entry) => `scheduled: ${formatSchedule(entry)}`),
  ];
}

function readEntries(text: string): readonly Omit<ScheduleEntry, 'zone'>[] {
  return text.split(';').map((entry) => {
    const [when = '', what = '', ...more] = entry.split('=');
    if (more.length > 0 || what.trim() === '') throw optionInvalid(`--schedule \`${entry.trim()}\``, scheduleNext);
    return { when: readWhen(when.trim()), ...readWhat(what.trim()) };
  });
}

function readWhen(text: string): ScheduleEntry['when'] {
  const [from = '', until, ...more] = text.split('..');
  if (until === undefined) return unwrap('--schedule', text, readWeekly(text));
  const [fromLocalMs, untilLocalMs] = [from, until].map((part) => unwrap('--schedule', text, readLocalTime(part))) as [
    number,
    number,
  ];
  if (more.length > 0 || untilLocalMs <= fromLocalMs) {
    throw optionInvalid(`--schedule \`${text}\` does not end after it begins`, scheduleNext);
  }
  return { kind: 'once', fromLocalMs, untilLocalMs };
}

function readWhat(text: string): Pick<ScheduleEntry, 'ratePerSecond' | 'replicas'> {
  if (/^[1-9]\d{0,4}$/.test(text)) return { replicas: Number(text) };
  return { ratePerSecond: unwrap('--schedule', text, readFrequency(text)) };
}
