/** `code.args` of a contract, as an engine reads them. */
export type Arguments = readonly string[];

/** Engines take `--kv_cache_dtype` for `--kv-cache-dtype`. */
const nameOf = (text: string): string => {
  const [name = ''] = text.split('=');
  return name.startsWith('--') ? name.replaceAll('_', '-') : name;
};

/**
 * The value of an argument of these names, written `--name value` or `--name=value`: the last one where it is written again, as Python's argparse reads
 * it. Empty text for one without a value, undefined where it is not written.
 */
export function valueOf(args: Arguments, names: readonly string[]): string | undefined {
  const at = args.findLastIndex((text) => names.includes(nameOf(text)));
  if (at < 0) return undefined;
  const [, ...written] = (args[at] ?? '').split('=');
  return written.length === 0 ? (args[at + 1] ?? '') : written.join('=');
}
