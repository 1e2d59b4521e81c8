import { visibleJson } from '../../core/units/visible-text.ts';

/** What a manifest is made of. */
export type YamlValue = string | number | boolean | readonly YamlValue[] | { readonly [key: string]: YamlValue };

/**
 * Block style, two spaces, list items indented below their key. Every text that another reader could take for something
 * else is written as JSON, which YAML 1.2 reads as it stands (https://yaml.org/spec/1.2.2/#chapter-1-introduction-to-yaml).
 */
export function yamlOf(value: YamlValue): string {
  return lines(value).join('\n');
}

function lines(value: YamlValue): readonly string[] {
  if (typeof value === 'object' && isEmpty(value)) return [isList(value) ? '[]' : '{}'];
  if (isList(value)) return value.flatMap(listItem);
  if (typeof value === 'object') return Object.entries(value).flatMap(([key, member]) => entry(key, member));
  return [scalar(value)];
}

function entry(key: string, value: YamlValue): readonly string[] {
  const name = scalar(key);
  if (typeof value === 'string' && block.test(value)) {
    return [`${name}: |-`, ...value.split('\n').map((line) => `  ${line}`)];
  }
  if (typeof value !== 'object') return [`${name}: ${scalar(value)}`];
  if (isEmpty(value)) return [`${name}: ${lines(value).join('')}`];
  return [`${name}:`, ...lines(value).map((line) => `  ${line}`)];
}

function listItem(value: YamlValue): readonly string[] {
  return lines(value).map((line, index) => `${index === 0 ? '- ' : '  '}${line}`);
}

const isList = (value: YamlValue): value is readonly YamlValue[] => Array.isArray(value);
const isEmpty = (value: object): boolean => Object.keys(value).length === 0;

/** Several lines that a literal block keeps as they are: printable, and none that begins with a space or is empty first. */
const block = /^[!-~][ -~]*(\n[ -~]*[!-~])+$/;
const plain = /^[A-Za-z][A-Za-z0-9._/-]*$/;
const readsAsOther = /^(true|false|yes|no|on|off|null|y|n)$/i;

function scalar(value: string | number | boolean): string {
  if (typeof value !== 'string') return String(value);
  return plain.test(value) && !readsAsOther.test(value) ? value : visibleJson(JSON.stringify(value));
}
