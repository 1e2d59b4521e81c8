/** `code.args` of a contract, as an engine reads them. */
export type Arguments = readonly string[];

/** Engines take `--kv_cache_dtype` for `--kv-cache-dtype`. */
const nameOf = (text: string): string => {
  const [name = ''] = text.split('=');
  return name.startsWith('--') ? name.replaceAll('_', '-') : name;
};

/** Values of all arguments of these names, written `--name value` or `--name=value`; empty text for one without a value. */
export function valuesOf(args: Arguments, names: readonly string[]): readonly string[] {
  return args.flatMap((text, at) => {
    if (!names.includes(nameOf(text))) return [];
    const [, ...written] = text.split('=');
    return [written.length === 0 ? (args[at + 1] ?? '') : written.join('=')];
  });
}

/** The first of them; undefined where none is there. */
export const valueOf = (args: Arguments, names: readonly string[]): string | undefined => valuesOf(args, names)[0];
