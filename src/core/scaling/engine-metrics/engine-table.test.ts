import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { dcgmFields } from './dcgm-fields.ts';
import { engineTable, metricNamesOf } from './engine-table.ts';
import type { MetricRule } from './metric-rule.ts';

const page = readFileSync(path.join(import.meta.dirname, '../../../../docs/signals.md'), 'utf8');

/** The newest name that each rule reads, of a histogram without its ending. */
function newestNames(rule: MetricRule): readonly string[] {
  const names = (): readonly (string | undefined)[] => {
    switch (rule.kind) {
      case 'gauge':
      case 'increase':
      case 'in-state':
        return [rule.names[0]];
      case 'share-of':
        return [rule.part[0], ...rule.whole.map(([name]) => name)];
      case 'mean-increase':
        return [rule.sum[0], rule.less?.[0]];
      case 'mean-of-series':
        return [rule.histogram[0]];
    }
  };
  return names().flatMap((name) =>
    name === undefined ? [] : [name.replace(/_sum$/, '').replace('requests_duration', 'request_duration')],
  );
}

describe('the table of engines', () => {
  it.each(engineTable.map((row) => [row.engine, row] as const))(
    'is what the documentation says of %s',
    (_engine, row) => {
      const names = Object.values(row.signals).flat().flatMap(newestNames);
      expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
    },
  );

  it('says of each row where its names are from', () => {
    for (const { source, lookedUp } of engineTable) {
      expect(source).toMatch(/^(https:\/\/|src\/)/);
      expect(lookedUp).toMatch(/^20\d\d-\d\d$/);
    }
  });

  it('documents each field of DCGM by its number', () => {
    for (const { field, names } of dcgmFields) {
      const line = page.split('\n').find((each) => each.startsWith(`| ${field} `)) ?? '';
      for (const { name, seen } of names)
        expect(line).toContain(`\`${name}\`${seen ? '' : ' (by the rule, not seen)'}`);
    }
  });

  it('asks for no more than the metrics of an engine, and for names that need no escape in a pattern', () => {
    expect(metricNamesOf('tgi')).toContain('tgi_request_inference_duration_count');
    expect(metricNamesOf('tgi').filter((name) => !/^(tgi_|process_start_time)/.test(name))).toEqual([]);
    for (const name of metricNamesOf(null)) expect(name).toMatch(/^[a-zA-Z_:][a-zA-Z0-9_:]*$/);
  });
});
