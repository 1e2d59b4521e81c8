/**
 * Makes `dist`, what npm publishes: one entry that any Node can parse, the command line bundled in chunks behind it, the
 * worker files, and the built page. Given a folder, it makes that instead. Bundled because a start that reads one file instead of a hundred is four times as
 * fast (`npm run bench -- cli`); packages with native parts or plugins stay outside, as dependencies.
 */
import { build, transform, type BuildOptions, type Metafile, type Plugin } from 'esbuild';
import { chmodSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { minify } from 'terser';
import { build as buildPage } from 'vite';
import { withShortExports } from './build/short-exports.ts';
import { isBundled } from './build/bundled-packages.ts';
import { findCalledFunctions, withEagerFunctions } from './build/eager-functions.ts';
import { leftOutModule } from './build/left-out.ts';
import { groupChunks, mergeChunks } from './build/merge-chunks.ts';
import { loadedTogether } from './build/loaded-together.ts';
import { readStdlibModule } from './build/stdlib-modules.ts';
import { packageParts } from './build/package-parts.ts';

const root = path.dirname(import.meta.dirname);
const dist = path.resolve(process.argv[2] ?? path.join(root, 'dist'));

const packageJson = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
  readonly dependencies: Readonly<Record<string, string>>;
};
const external = Object.keys(packageJson.dependencies).filter((name) => !isBundled(name));

/** A worker is a file of its own: its URL in the sources ends in `.ts`, in `dist` in `.mjs`. */
const workerUrls: Plugin = {
  name: 'worker-urls',
  setup(plugin) {
    plugin.onLoad({ filter: /\.ts$/ }, ({ path: file }) => ({ contents: sourceOf(file), loader: 'ts' }));
  },
};

function sourceOf(file: string): string {
  return readFileSync(file, 'utf8').replace(/(['"])\.\/([\w-]+-worker)\.ts\1/g, "'./$2.mjs'");
}

/** commander asks for child processes, which take 2 ms to load, for a feature that is not used here. */
const idleChildProcess: Plugin = {
  name: 'idle-child-process',
  setup(plugin) {
    plugin.onResolve({ filter: /^node:child_process$/ }, ({ importer }) =>
      /[\\/]node_modules[\\/]commander[\\/]/.test(importer) ? { path: 'idle', namespace: 'child-process' } : undefined,
    );
    plugin.onLoad({ filter: /.*/, namespace: 'child-process' }, () => ({
      contents: "export default { spawn: (...args) => process.getBuiltinModule('node:child_process').spawn(...args) };",
    }));
  },
};

/** Names inside packages tell nobody here anything, but for commander, which calls its errors by the names of their classes. */
const shortNames: Plugin = {
  name: 'short-names',
  setup(plugin) {
    plugin.onLoad({ filter: /[\\/]node_modules[\\/].*\.m?js$/ }, async ({ path: file }) => {
      if (/[\\/]node_modules[\\/]commander[\\/]/.test(file)) return undefined;
      const read = (name: string): string => readFileSync(name, 'utf8');
      const source = file.includes('@stdlib') ? readStdlibModule(file) : (leftOutModule(file, read) ?? read(file));
      const { code } = await transform(source, { minifyIdentifiers: true, target: 'node24' });
      return { contents: code, loader: 'js' };
    });
  },
};

/**
 * Node makes an ES module of a built-in one by reading every member of it, and so loads all that `node:fs`, `node:util`
 * or `node:process` bring only when asked: 15 ms before `check` does anything. Taken as it is, a built-in module stays lazy.
 */
function withPlainBuiltins(bundled: string): string {
  const taken = bundled
    .replace(/\bimport process from ?"node:process";/g, '')
    .replace(/\bimport ?\{([^}]*)\} ?from ?"(node:[\w/]+)";/g, (_line, names: string, name: string) => {
      if (name === 'node:crypto' && !/\b[A-Z]/.test(names)) return names.split(',').map(loadedByCall).join('');
      return `const {${names.replaceAll(' as ', ':')}}=process.getBuiltinModule("${name}");`;
    })
    .replace(/\bimport(?: ?\* ?as)? ([\w$]+) from ?"(node:[\w/]+)";/g, 'const $1=process.getBuiltinModule("$2");');
  const left = /\bimport\b[^;"(]*"node:.*/.exec(taken);
  if (left !== null) throw new Error(`this import of a built-in module has a form that is not known here: ${left[0]}`);
  return taken;
}

/** node:crypto takes 9 ms to load, and most commands need none of it. */
function loadedByCall(taken: string): string {
  const [name, as = name] = taken.trim().split(' as ');
  return `const ${as}=(...given)=>process.getBuiltinModule("node:crypto").${name}(...given);`;
}

/** Plain old JavaScript, so that an old Node reaches the sentence instead of a syntax error. */
const entry = `#!/usr/bin/env node
var wanted = 24;
var found = process.versions.node;
if (Number(found.split('.')[0]) < wanted) {
  process.stderr.write('plimsoll needs Node ' + wanted + ' or newer; this is Node ' + found + '.\\n');
  process.exit(2);
}
process.getBuiltinModule('node:module').enableCompileCache();
import('./cli/plimsoll.mjs');
`;

/** What `check` loads before it can say anything; the rest of it is loaded where the case needs it. */
const loadedByCheck = [
  'src/bin/command-line.ts',
  'src/cli/check/check.ts',
  'src/adapters/files/project/project.ts',
  'src/adapters/system/node/machine.ts',
  'src/core/contract/choose-environment.ts',
  'node_modules/commander/index.js',
];

/**
 * A chunk is made for each set of lazily loaded files that have modules in common, which was 74 files for `check`, and
 * a file takes a millisecond to find, read and link. Where each lazily loaded file imports what `check` loads, all of
 * those modules are in the same set: one chunk.
 */
function oneChunkForCheck(lazy: ReadonlySet<string>): Plugin {
  return {
    name: 'one-chunk-for-check',
    setup(plugin) {
      plugin.onResolve({ filter: /^loaded-by-check$/ }, () => ({ path: 'loaded-by-check', namespace: 'check' }));
      plugin.onLoad({ filter: /.*/, namespace: 'check' }, () => ({
        contents: loadedByCheck.map((file) => `import '${path.join(root, file)}';`).join('\n'),
        resolveDir: root,
      }));
      plugin.onLoad({ filter: /\.(ts|js|mjs)$/ }, ({ path: file }) => {
        if (!lazy.has(path.relative(root, file))) return undefined;
        return { contents: `import 'loaded-by-check';\n${sourceOf(file)}`, loader: file.endsWith('.ts') ? 'ts' : 'js' };
      });
    },
  };
}

/** Functions by which programs are entered and put together; a stack leads through them, and has line and column of the others. */
const namedFunctions = globSync('src/bin/**/*.ts', { cwd: root }).flatMap((file) =>
  [...readFileSync(path.join(root, file), 'utf8').matchAll(/^export (?:async )?function\*? (\w+)/gm)].map(
    ([, name]) => name,
  ),
);

/**
 * Written shorter, with short local names, by a program that leaves the names of classes and of these functions to
 * stacks: a seventh of what is downloaded, and nothing to do at a start. No function is put into another one, so that
 * stacks tell who called.
 */
async function withShortNames(bundled: string): Promise<string> {
  const named = { keep_fnames: new RegExp(`^(?:${namedFunctions.join('|')})$`), keep_classnames: true };
  const { code } = await minify(bundled, {
    module: true,
    compress: { ...named, inline: 0, reduce_funcs: false, passes: 2 },
    mangle: named,
    format: { max_line_len: 8_000 },
  });
  if (code === undefined) throw new Error('nothing is left of a file whose names were cut short');
  // What is left of the banner where nothing asks for it.
  return code.replace(/^process\.getBuiltinModule;/, '');
}

/**
 * Each file without the digest in its name, chunks by number: thousands of imports repeat the names, and a digest cannot be
 * compressed.
 */
function shortFileNames(files: readonly string[]): ReadonlyMap<string, string> {
  const short = new Map<string, string>();
  const taken = new Set<string>();
  for (const file of [...files].sort()) {
    const name = file.replace(/-[0-9A-Z]{8}\.mjs$/, '');
    const wanted =
      name === 'chunk' || taken.has(`${name}.mjs`)
        ? `${short.size.toString(36)}.mjs`
        : name.replace(/(\.mjs)?$/, '.mjs');
    short.set(file, wanted);
    taken.add(wanted);
  }
  return short;
}

/** Files that some command loads when it runs: what starts the command line is not among them. */
function lazyFiles({ inputs, outputs }: Metafile): ReadonlySet<string> {
  const loadedAtOnce = new Set<string>();
  const visit = (file: string): void => {
    if (loadedAtOnce.has(file)) return;
    loadedAtOnce.add(file);
    for (const { kind, path: imported } of inputs[file]?.imports ?? []) {
      if (kind !== 'dynamic-import') visit(imported);
    }
  };
  for (const file of ['src/bin/plimsoll.ts', 'src/bin/command-line.ts', sharingWorker]) visit(file);
  const entries = Object.values(outputs).flatMap(({ entryPoint }) => (entryPoint === undefined ? [] : [entryPoint]));
  return new Set(entries.filter((file) => !loadedAtOnce.has(file)));
}

/** What is bundled is distributed, and its licenses ask to go along: each text once, under the packages that it is of. */
function licensesOf(files: readonly string[]): string {
  const folders = new Set(files.flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []));
  const packagesOf = new Map<string, string[]>();
  for (const folder of [...folders].sort()) {
    const about = JSON.parse(readFileSync(path.join(root, folder, 'package.json'), 'utf8')) as Record<string, string>;
    const [file] = globSync('{LICENSE,LICENCE,license,licence}*', { cwd: path.join(root, folder) });
    if (file === undefined) throw new Error(`${folder} is bundled and has no license file`);
    const text = readFileSync(path.join(root, folder, file), 'utf8').trim();
    const packages = packagesOf.get(text) ?? [];
    packagesOf.set(text, [...packages, `## ${about['name']} ${about['version']} (${about['license']})`]);
  }
  // Texts of nearly the same length are nearly the same texts: side by side they compress better.
  const inOrder = [...packagesOf].sort(([a], [b]) => a.length - b.length);
  const sections = inOrder.map(([text, packages]) => `${packages.join('\n')}\n\n${text}\n`);
  return ['# Licenses of the packages in this bundle\n', ...sections].join('\n');
}

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });
/** What the parser is made of, the command line loads too: it is shared, because it would be a seventh of what is downloaded. */
const sharingWorker = 'src/adapters/bounded-parser/parser-worker.ts';
const commandLine = {
  entryPoints: [
    { in: 'src/bin/plimsoll.ts', out: 'plimsoll' },
    { in: sharingWorker, out: path.basename(sharingWorker, '.ts') },
  ],
  splitting: true,
};
const workers = {
  entryPoints: globSync('src/adapters/*/*-worker.ts', { cwd: root }).filter((file) => file !== sharingWorker),
  entryNames: '[name]',
};
const shared = {
  absWorkingDir: root,
  outdir: path.join(dist, 'cli'),
  outExtension: { '.js': '.mjs' },
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  external,
  // Its modules for Node are CommonJS, which are bundled whole and wrapped one by one.
  alias: { yaml: './node_modules/yaml/browser/index.js' },
  // Names stay, and lines short enough for the place that a stack tells: what goes is a third of what is downloaded.
  minifyWhitespace: true,
  minifySyntax: true,
  lineLimit: 1000,
  metafile: true,
  legalComments: 'none', // licenses.md has the whole texts
  logLevel: 'warning',
  // Some CommonJS packages inside the bundle call `require` for built-in modules.
  banner: { js: 'const require = process.getBuiltinModule;' },
} as const satisfies BuildOptions;
const plugins = [packageParts(root), workerUrls, idleChildProcess, shortNames];
const tried = await build({ ...shared, ...commandLine, plugins, write: false });
const built = await Promise.all([
  build({ ...shared, ...commandLine, plugins: [oneChunkForCheck(lazyFiles(tried.metafile)), ...plugins] }),
  build({ ...shared, ...workers, plugins }),
]);
const written = new Map(
  globSync('*.mjs', { cwd: path.join(dist, 'cli') }).map((name) => [
    name,
    readFileSync(path.join(dist, 'cli', name), 'utf8'),
  ]),
);
const bundledFiles = await mergeChunks(written, groupChunks(built[0].metafile.outputs, loadedTogether));
for (const name of written.keys()) rmSync(path.join(dist, 'cli', name));
const shortFiles = shortFileNames([...bundledFiles.keys()]);
for (const [name, bundled] of withShortExports(bundledFiles)) {
  const source = bundled.replace(/[\w-]+-[0-9A-Z]{8}\.mjs/g, (file) => shortFiles.get(file) ?? file);
  writeFileSync(path.join(dist, 'cli', shortFiles.get(name) ?? name), await withShortNames(withPlainBuiltins(source)));
}
writeFileSync(path.join(dist, 'plimsoll.mjs'), entry);
chmodSync(path.join(dist, 'plimsoll.mjs'), 0o755);

const example = path.join(root, 'examples', 'digits', 'plimsoll.yaml');
for (const [file, called] of findCalledFunctions([path.join(dist, 'plimsoll.mjs'), 'check', '--contract', example])) {
  if (file.startsWith(path.join(dist, 'cli')))
    writeFileSync(file, withEagerFunctions(readFileSync(file, 'utf8'), called));
}

writeFileSync(
  path.join(dist, 'cli', 'licenses.md'),
  licensesOf(built.flatMap(({ metafile }) => Object.keys(metafile.inputs))),
);

const page = path.join(root, 'dashboard');
await buildPage({
  root: page,
  configFile: path.join(page, 'vite.config.js'),
  logLevel: 'warn',
  // Not into the page's own folder, which a control plane that runs from the sources serves meanwhile.
  build: { outDir: path.join(dist, 'dashboard'), emptyOutDir: true, license: { fileName: 'licenses.md' } },
});
console.error(`dist: ${globSync('**/*', { cwd: dist }).length} files`);
