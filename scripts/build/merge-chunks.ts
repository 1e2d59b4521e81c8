/**
 * A start spends more on finding and linking files than on what is in them: `status` took 196 files of 12 kB on average.
 * esbuild makes a chunk for each set of lazily loaded files that have modules in common. Chunks that the same programs
 * load are one chunk here.
 */
import { build } from 'esbuild';
import path from 'node:path';

/** What esbuild tells of a file that it wrote. */
export interface OutputFile {
  readonly entryPoint?: string;
  readonly imports: readonly { readonly path: string; readonly kind: string; readonly external?: boolean }[];
}

/** Lazily loaded files that one program, or one group of commands, loads. */
export type Scenarios = Readonly<Record<string, readonly string[]>>;

const exportList = /\bexport\s*\{([^}]*)\};?\s*$/;
const banner = 'const require = process.getBuiltinModule;';

/**
 * Chunks that belong together, by the scenarios that load them and the packages that they bring. A chunk is loaded by all
 * that loads whoever imports it, and brings no package that its importer does not bring: so groups never import one another
 * in a circle, and none brings a package that was not loaded before.
 * @throws Error where a scenario names a file that nothing loads lazily.
 */
export function groupChunks(
  outputs: Readonly<Record<string, OutputFile>>,
  scenarios: Scenarios,
): readonly (readonly string[])[] {
  const entries = new Map(Object.entries(outputs).map(([name, { entryPoint }]) => [entryPoint, name]));
  const loadedBy = new Map<string, string[]>();
  for (const [scenario, files] of Object.entries(scenarios)) {
    for (const name of reach(
      outputs,
      files.map((file) => found(entries, file)),
    )) {
      loadedBy.set(name, [...(loadedBy.get(name) ?? []), scenario]);
    }
  }
  const groups = new Map<string, string[]>();
  for (const [name, by] of loadedBy) {
    if (outputs[name]?.entryPoint !== undefined) continue;
    const packages = [...reach(outputs, [name])].flatMap((each) => packagesOf(outputs[each]));
    const key = JSON.stringify([by, [...new Set(packages)].sort()]);
    groups.set(key, [...(groups.get(key) ?? []), name]);
  }
  return [...groups.values()]
    .filter(({ length }) => length > 1)
    .map((names) => names.map((name) => path.basename(name)).sort());
}

function found(entries: ReadonlyMap<string | undefined, string>, file: string): string {
  const name = entries.get(file);
  if (name === undefined) throw new Error(`nothing loads ${file} lazily any more: see the scenarios of the build`);
  return name;
}

function packagesOf(output: OutputFile | undefined): readonly string[] {
  const imports = output?.imports ?? [];
  return imports.flatMap(({ path: name, kind, external }) =>
    kind === 'import-statement' && external === true && !name.startsWith('node:') ? [name] : [],
  );
}

/** These files and what they import at once. */
function reach(outputs: Readonly<Record<string, OutputFile>>, from: readonly string[]): ReadonlySet<string> {
  const seen = new Set<string>();
  const visit = (name: string): void => {
    if (seen.has(name) || outputs[name] === undefined) return;
    seen.add(name);
    for (const { path: taken, kind } of outputs[name].imports) if (kind === 'import-statement') visit(taken);
  };
  from.forEach(visit);
  return seen;
}

/** The same files with one chunk in the place of each group; whoever took something of a member takes it of that chunk. */
export async function mergeChunks(
  files: ReadonlyMap<string, string>,
  groups: readonly (readonly string[])[],
): Promise<ReadonlyMap<string, string>> {
  const merged = new Map<string, string>();
  const homes = new Map<string, { readonly group: string; readonly at: number }>();
  for (const [number, members] of groups.entries()) {
    const group = `chunk-MERGED${number.toString(36).toUpperCase().padStart(2, '0')}.mjs`;
    members.forEach((member, at) => homes.set(member, { group, at }));
    merged.set(group, await mergeGroup(files, members));
  }
  const kept = [...files].filter(([name]) => !homes.has(name));
  return new Map([...kept, ...merged].map(([name, source]) => [name, withHomes(source, homes)]));
}

async function mergeGroup(files: ReadonlyMap<string, string>, members: readonly string[]): Promise<string> {
  const sourceOf = (name: string): string => (files.get(name) ?? '').replace(banner, '');
  const lines = members.map((member, at) => {
    const given = exportsOf(sourceOf(member)).map((exported) => `${exported} as ${nameIn(at, exported)}`);
    return `export {${given.join(',')}} from './${member}';`;
  });
  const { outputFiles } = await build({
    stdin: { contents: lines.join('\n'), resolveDir: '/' },
    write: false,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    minifyWhitespace: true,
    minifySyntax: true,
    lineLimit: 1000,
    legalComments: 'none',
    logLevel: 'error',
    banner: { js: banner },
    plugins: [
      {
        name: 'members',
        setup(plugin) {
          plugin.onResolve({ filter: /.*/ }, ({ path: taken }) =>
            members.includes(taken.slice(2))
              ? { path: taken.slice(2), namespace: 'member' }
              : { path: taken, external: true },
          );
          plugin.onLoad({ filter: /.*/, namespace: 'member' }, ({ path: name }) => ({ contents: sourceOf(name) }));
        },
      },
    ],
  });
  return outputFiles[0]?.text ?? '';
}

/** The names by which a chunk hands out what it has: `a, b as c` gives a and c. */
function exportsOf(source: string): readonly string[] {
  const list = (exportList.exec(source)?.[1] ?? '').split(',').map((each) => each.trim());
  return list.filter((each) => each !== '').map((each) => each.split(/\s+as\s+/).at(-1) ?? each);
}

function nameIn(at: number, exported: string): string {
  return `m${at}_${exported}`;
}

const importList = /\bimport\s*\{([^}]*)\}\s*from\s*"\.\/([\w-]+\.mjs)"/g;
const orderOnly = /\bimport\s*"\.\/([\w-]+\.mjs)";?/g;

function withHomes(
  source: string,
  homes: ReadonlyMap<string, { readonly group: string; readonly at: number }>,
): string {
  return source
    .replace(importList, (whole, list: string, name: string) => {
      const home = homes.get(name);
      if (home === undefined) return whole;
      const taken = list.split(',').map((each) => {
        const [exported = '', local = exported] = each.trim().split(/\s+as\s+/);
        return `${nameIn(home.at, exported)} as ${local}`;
      });
      return `import{${taken.join(',')}}from"./${home.group}"`;
    })
    .replace(orderOnly, (whole, name: string) => (homes.has(name) ? '' : whole));
}
