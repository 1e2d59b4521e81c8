/** How chunks hand things to one another, cut short: it is repeated in every file that takes something. */

const chunkName = /^chunk-[0-9A-Z]{8}\.mjs$/;
const exportList = /\bexport\s*\{([^}]*)\};?\s*$/;
const importList = /\bimport\s*\{([^}]*)\}\s*from\s*"\.\/(chunk-[0-9A-Z]{8}\.mjs)"/g;
const orderOnly = /\bimport\s*"\.\/chunk-[0-9A-Z]{8}\.mjs";/g;
const otherUse = /(?:\bfrom\s*|\bimport\s*\(\s*)"\.\/chunk-[0-9A-Z]{8}\.mjs"/g;

/**
 * An import that takes no name keeps the order in which modules with effects run. No module of ours has an effect when it
 * is loaded, save those that are started, so these imports would only load what is not needed.
 *
 * Functions keep their own names, which is what stacks tell. Only chunks are rewritten: what else exports is asked for by name.
 * @throws Error where a chunk is taken in another way than by a list of names.
 */
export function withShortExports(files: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const shortNames = new Map<string, ReadonlyMap<string, string>>();
  for (const [file, source] of files) {
    if (chunkName.test(file)) shortNames.set(file, nameShortly(exportList.exec(source)?.[1] ?? ''));
  }
  return new Map([...files].map(([file, source]) => [file, shorten(file, source, shortNames)]));
}

function nameShortly(list: string): ReadonlyMap<string, string> {
  return new Map(pairsOf(list).map(([, exported], at) => [exported, `$${at.toString(36)}`]));
}

function shorten(file: string, source: string, shortNames: ReadonlyMap<string, ReadonlyMap<string, string>>): string {
  const lists = source.match(importList)?.length ?? 0;
  if ((source.match(otherUse)?.length ?? 0) !== lists) throw new Error(`${file} takes a chunk without a list of names`);
  const imported = source.replace(orderOnly, '').replace(importList, (_all, list: string, chunk: string) => {
    const taken = pairsOf(list).map(([name, local]) => `${shortNames.get(chunk)?.get(name) ?? name} as ${local}`);
    return `import{${taken.join(',')}}from"./${chunk}"`;
  });
  const own = shortNames.get(file);
  if (own === undefined) return imported;
  return imported.replace(exportList, (_all, list: string) => {
    const given = pairsOf(list).map(([local, exported]) => `${local} as ${own.get(exported) ?? exported}`);
    return `export{${given.join(',')}};`;
  });
}

/** `a,b as c` as [[a, a], [b, c]]. */
function pairsOf(list: string): readonly (readonly [string, string])[] {
  return list
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '')
    .map((each) => {
      const [name = each, as = name] = each.split(/\s+as\s+/);
      return [name, as];
    });
}
