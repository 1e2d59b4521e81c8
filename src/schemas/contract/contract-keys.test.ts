import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { defaults } from '../../core/contract/defaults.ts';
import { findKeyDoc, keyDocs, keysUnder, nearestKey } from '../../core/contract-keys/keys.ts';
import { evidenceKinds } from '../../core/evidence/kinds/table.ts';
import {
  contractProblems,
  loadContract,
  minimalContract,
  wholeContract,
} from '../../testing/builders/contract-texts.ts';
import { contractJsonSchema, type SchemaNode } from './contract-json-schema.ts';
import { contractReference } from './contract-reference.ts';

/** Paths of all keys of the schema, `*` for one that the writer chooses. */
function pathsOf(node: SchemaNode, path: string): readonly string[] {
  const branches = [node, ...((node['anyOf'] as SchemaNode[] | undefined) ?? [])];
  return branches.flatMap((branch) => {
    const free = [branch.additionalProperties, ...Object.values(branch.patternProperties ?? {})];
    const chosen = free.filter((one) => typeof one === 'object');
    const items = branch.items?.properties === undefined ? [] : [`${path}[]`, ...pathsOf(branch.items, `${path}[]`)];
    const join = (key: string): string => (path === '' ? key : `${path}.${key}`);
    return [
      ...Object.entries(branch.properties ?? {}).flatMap(([key, member]) => [join(key), ...pathsOf(member, join(key))]),
      ...chosen.flatMap((member) => [join('*'), ...pathsOf(member, join('*'))]),
      ...items,
    ];
  });
}

/** Keys chosen among a few stand under their placeholder in the documentation and one by one in the schema. */
const generic = (key: string): string =>
  key
    .replaceAll(/<[a-z]+>/g, '*')
    .replace(/^maxAge\.[a-z-]+$/, 'maxAge.*')
    .replace(/^coldStart\.phases\.[a-z-]+/, 'coldStart.phases.*');

describe('the table of keys', () => {
  const schema = contractJsonSchema();

  it('documents every key of the schema, and nothing else', () => {
    const documented = [...new Set(keyDocs.map(({ key }) => generic(key)))].sort();
    const inSchema = [...new Set(pathsOf(schema, '').map(generic))].sort();
    expect(documented).toEqual(inSchema);
    expect(keyDocs.length).toBeGreaterThan(60);
  });

  it('documents each key once, with a meaning that is a sentence', () => {
    expect(new Set(keyDocs.map(({ key }) => key)).size).toBe(keyDocs.length);
    for (const { meaning, key } of keyDocs) expect(meaning, key).toMatch(/^[A-Z].*\.$/s);
  });

  it('describes every key in the JSON Schema', () => {
    expect(schema.properties?.['coldStart']?.description).toContain('Budget for one replica');
    expect(schema.properties?.['coldStart']?.patternProperties).toBeDefined();
    expect(schema.properties?.['coldStart']?.additionalProperties).toBe(false);
    expect(schema['required']).toEqual(['apiVersion', 'service', 'code', 'model']);
  });

  it('gives examples that are right', () => {
    for (const { key, example } of keyDocs.filter((doc) => !/[<[.]/.test(doc.key))) {
      const rest = minimalContract.split('\n').filter((line) => !line.startsWith(`${key}:`));
      const cold = key === 'scaling' ? ['coldStart: { p90: 45s }'] : [];
      expect(contractProblems([...rest, ...cold, `${key}: ${example}`].join('\n')), key).toEqual([]);
    }
    for (const { key, example } of keyDocs) expect(() => parse(`x: ${example}`) as unknown, key).not.toThrow();
  });

  it('gives examples that the whole contract takes in the place of its own', () => {
    for (const { key, example } of keyDocs.filter((doc) => /^[a-zA-Z]+\.[a-zA-Z]+$/.test(doc.key))) {
      const whole = parse(wholeContract) as Record<string, Record<string, unknown>>;
      const [section = '', word = ''] = key.split('.');
      if (whole[section] === undefined || word === 'command' || word === 'files') continue;
      whole[section][word] = parse(example) as unknown;
      expect(contractProblems(JSON.stringify(whole)), key).toEqual([]);
    }
  });

  it('states the defaults that hold', () => {
    const { contract } = loadContract(
      `${minimalContract}hardware: { accelerator: nvidia }\nrollout: {}\nscaling: {}\n`,
    );
    expect(String(contract.hardware?.devices)).toBe(findKeyDoc('hardware.devices')?.default);
    expect(`[${contract.hardware?.sharing.join(', ') ?? ''}]`).toBe(findKeyDoc('hardware.sharing')?.default);
    expect(`[${contract.hardware?.allow.join(', ') ?? ''}]`).toBe(findKeyDoc('hardware.allow')?.default);
    expect(contract.scaling?.signal).toBe(findKeyDoc('scaling.signal')?.default);
    expect(contract.scaling?.toZero).toBe(findKeyDoc('scaling.toZero')?.default);
    expect(String(contract.scaling?.warmPool)).toBe(findKeyDoc('scaling.warmPool')?.default);
    expect(contract.rollout?.keepPreviousMs).toBe(defaults.keepPreviousMs);
    expect(findKeyDoc('rollout.keepPrevious')?.default).toBe('1h');
    expect(findKeyDoc('model.version')?.default).toBe(defaults.modelVersion);
  });

  it('names the kinds of evidence that maxAge takes', () => expect(keysUnder(['maxAge'])).toEqual([...evidenceKinds]));

  it('is found by a path as somebody types it', () => {
    expect(findKeyDoc('environments.prod.pool')?.key).toBe('environments.<name>.pool');
    expect(findKeyDoc('evaluation.gates.metric')?.key).toBe('evaluation.gates[].metric');
    expect(findKeyDoc('evaluation.gates[0].metric')?.key).toBe('evaluation.gates[].metric');
    expect(findKeyDoc('coldStart.p99.9')).toBeNull();
    expect(findKeyDoc('coldStart.p90')?.key).toBe('coldStart.<quantile>');
    expect(findKeyDoc('coldStart.from')?.key).toBe('coldStart.from');
    expect(findKeyDoc('nonsense')).toBeNull();
    expect(nearestKey('hardware.drivr')).toBe('hardware.driver');
    expect(nearestKey('keepPreviuos')).toBe('rollout.keepPrevious');
  });

  it('is what the reference prints', () => {
    const reference = contractReference();
    for (const { key } of keyDocs.filter((doc) => doc.key.includes('.'))) expect(reference).toContain(`\`${key}\``);
  });
});
