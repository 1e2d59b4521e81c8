import { describe, expect, it } from 'vitest';
import { loadContract, minimalContract } from '../../testing/builders/contract-texts.ts';
import { calendarNotes, calendarOfSimulation, calendarOptions } from './scale-simulate-calendar.ts';

const read = (given: Readonly<Record<string, string | boolean>>) =>
  calendarOptions((name) => (typeof given[name] === 'string' ? given[name] : undefined), given);
const { contract } = loadContract(
  `${minimalContract}scaling: { zone: Europe/Berlin, schedule: [{ weekly: "Fri 09:00-11:00", rate: 9/s }] }\n`,
);

describe('the calendar of a simulation', () => {
  it('reads entries, by the zone of the contract', () => {
    const schedule = 'Fri 09:00-11:00=12000/m; 2026-12-04T09:00..2026-12-04T11:00=6';
    const calendar = calendarOfSimulation(read({ begins: '2026-12-04T08:00', schedule, seasons: true }), contract);
    expect(calendar).toMatchObject({
      beginsAtMs: Date.parse('2026-12-04T07:00Z'),
      zone: 'Europe/Berlin',
      seasons: true,
    });
    expect(calendarNotes(calendar, contract)).toEqual([
      'the arrivals begin at 2026-12-04T07:00 UTC, and seasons are looked for in what arrived before',
      'scheduled: Fri 09:00-11:00 (Europe/Berlin): 200/s',
      'scheduled: 2026-12-04T09:00 to 2026-12-04T11:00 (Europe/Berlin): at least 6 replicas',
    ]);
  });

  it('takes the schedule of the contract, and says where it is left out', () => {
    const calendar = calendarOfSimulation(read({ begins: '2026-12-04T08:00' }), contract);
    expect(calendar?.schedule).toMatchObject([{ ratePerSecond: 9 }]);
    expect(calendarOfSimulation(read({}), contract)).toBeUndefined();
    expect(calendarNotes(undefined, contract)[0]).toMatch(/schedule of the contract is left out/);
    expect(calendarNotes(undefined, null)).toEqual([]);
  });

  it.each([
    [{ seasons: true }, /--seasons needs the time/],
    [{ schedule: 'Fri 09:00-11:00=6' }, /--schedule needs the time/],
    [{ begins: 'Friday' }, /--begins/],
    [{ begins: '2026-12-04T08:00', schedule: 'Fri 09:00-11:00' }, /--schedule `Fri 09:00-11:00`/],
    [{ begins: '2026-12-04T08:00', schedule: 'Fri 09:00-11:00=many' }, /--schedule/],
    [{ begins: '2026-12-04T08:00', schedule: '2026-12-04T09:00..2026-12-04T08:00=6' }, /does not end after it begins/],
  ])('refuses %j', (given, message) => {
    expect(() => read(given)).toThrow(message);
  });
});
