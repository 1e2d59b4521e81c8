import { describe, expect, it } from 'vitest';
import { formatSchedule } from '../../core/contract/schedule/schedule-text.ts';
import { contractProblems, loadContract, minimalContract } from '../../testing/builders/contract-texts.ts';

const withScaling = (scaling: string): string => `${minimalContract.trimEnd()}\nscaling: ${scaling}\n`;
const scheduleOf = (scaling: string): readonly string[] =>
  (loadContract(withScaling(scaling)).contract.scaling?.schedule ?? []).map(formatSchedule);
const problemsOf = (scaling: string) => contractProblems(withScaling(scaling));

describe('the schedule of a contract', () => {
  it('is read with the zone of the entry, else of the section, else UTC', () => {
    const once = "{ from: 2026-12-04T09:00, until: '2026-12-04 11:00', rate: 12000/m }";
    const weekly = '{ weekly: "Fri 09:00-11:00", zone: America/New_York, replicas: 6 }';
    expect(scheduleOf(`{ replicas: { min: 1, max: 8 }, zone: Europe/Berlin, schedule: [${once}, ${weekly}] }`)).toEqual(
      [
        '2026-12-04T09:00 to 2026-12-04T11:00 (Europe/Berlin): 200/s',
        'Fri 09:00-11:00 (America/New_York): at least 6 replicas',
      ],
    );
    expect(scheduleOf(`{ schedule: [${once}] }`)[0]).toMatch(/\(UTC\)/);
    expect(scheduleOf('{ schedule: [] }')).toEqual([]);
  });

  it.each([
    ['{ from: 2026-12-04T09:00, rate: 1/s }', 'nothing says when this entry begins and ends'],
    ['{ rate: 1/s }', 'nothing says when'],
    ['{ weekly: "Fri 09:00-11:00", from: 2026-12-04T09:00, rate: 1/s }', '`from` and `until` are once'],
    ['{ from: 2026-12-04T09:00, until: 2026-12-04T09:00, rate: 1/s }', '`until` is not after `from`'],
    ['{ weekly: "Fri 09:00-11:00" }', 'nothing says what is expected'],
    ['{ weekly: "Fry 09:00-11:00", rate: 1/s }', 'did you mean `Fri`'],
    ['{ weekly: "Fri 09:00-11:00", zone: Europe/Berlinn, rate: 1/s }', 'no time zone'],
    ['{ weekly: "Fri 09:00-11:00", rate: 200 }', 'a rate such as'],
    ['{ weekly: "Fri 09:00-11:00", rate: 0/s }', 'out of range'],
    ['{ weekly: "Fri 09:00-11:00", replicas: 0 }', ''],
    ['{ weekly: "Fri 09:00-11:00", replicas: 9 }', '`replicas.max` is 8'],
    ['{ from: 2026-12-04T09:00Z, until: 2026-12-04T11:00, rate: 1/s }', 'zone: Europe/Berlin'],
    ['{ weekly: "Fri 09:00-11:00", rate: 1/s, color: red }', ''],
  ])('refuses %s', (entry, message) => {
    const problems = problemsOf(`{ replicas: { min: 1, max: 8 }, schedule: [${entry}] }`);
    expect(problems).toHaveLength(1);
    expect(problems[0]?.key).toMatch(/^scaling\.schedule/);
    expect(JSON.stringify(problems[0])).toContain(message);
  });

  it('takes at most 100 entries', () => {
    const entries = Array<string>(101).fill('{ weekly: "Fri 09:00-11:00", rate: 1/s }').join(', ');
    expect(problemsOf(`{ schedule: [${entries}] }`)).toHaveLength(1);
  });
});
