import * as z from 'zod';
import { defaultZone, type ScheduleEntry } from '../../core/contract/schedule/schedule.ts';
import { readLocalTime, readWeekly } from '../../core/contract/schedule/schedule-text.ts';
import { readFrequency } from '../../core/units/quantity/quantity-frequency.ts';
import { isZone } from '../../core/units/zone-time.ts';
import { addIssue, defined, quantity } from './contract-forms.ts';

const entriesAtMost = 100;

export const zoneName = () =>
  z
    .string()
    .max(64)
    .check((context) => {
      if (isZone(context.value)) return;
      const message = `\`${context.value}\` is no time zone that is known here`;
      addIssue(context.issues, context.value, message, {
        expected: 'a name of the IANA time zone database such as `Europe/Berlin`, or `UTC`',
      });
    });

const localTime = () => quantity(readLocalTime, '^\\d{4}-\\d{2}-\\d{2}[T ]\\d{2}:\\d{2}$');

const scheduleEntry = () =>
  z
    .strictObject({
      from: localTime().optional(),
      until: localTime().optional(),
      weekly: quantity(readWeekly, '^\\S+ +\\d{2}:\\d{2} ?- ?\\d{2}:\\d{2}$').optional(),
      zone: zoneName().optional(),
      rate: quantity(readFrequency, '^\\d+(\\.\\d+)? ?/ ?[smhd]$', (rate) =>
        rate > 0 ? null : 'a rate above zero',
      ).optional(),
      replicas: z.int().min(1).max(10_000).optional(),
    })
    .check((context) => {
      const { from, until, weekly, rate, replicas } = context.value;
      const contradiction = (message: string, expected: string, path: readonly string[] = []): void => {
        addIssue(context.issues, context.value, message, { code: 'contradiction', expected }, path);
      };
      const when = '`from` and `until`, or `weekly`';
      if (weekly !== undefined && (from !== undefined || until !== undefined)) {
        contradiction('`weekly` comes again each week, and `from` and `until` are once', when, ['weekly']);
      } else if (weekly === undefined && (from === undefined || until === undefined)) {
        contradiction('nothing says when this entry begins and ends', when);
      } else if (from !== undefined && until !== undefined && until <= from) {
        contradiction('`until` is not after `from`', 'a later time', ['until']);
      }
      if (rate !== undefined || replicas !== undefined) return;
      contradiction('nothing says what is expected then', '`rate` such as `200/s`, `replicas` such as `6`, or both');
    });

type WrittenEntry = z.output<ReturnType<typeof scheduleEntry>>;

export const scheduleList = () => z.array(scheduleEntry()).max(entriesAtMost);

/** The entries with their zones: the entry's own, else that of the section, else UTC. */
export function readSchedule(written: readonly WrittenEntry[], zone: string | undefined): readonly ScheduleEntry[] {
  return written.map(({ from = 0, until = 0, weekly, zone: own, rate, replicas }) => ({
    when: weekly ?? { kind: 'once', fromLocalMs: from, untilLocalMs: until },
    zone: own ?? zone ?? defaultZone,
    ...defined({ ratePerSecond: rate, replicas }),
  }));
}
