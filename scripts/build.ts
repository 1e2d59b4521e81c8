/**
 * Makes `dist`, what npm publishes: one entry that any Node can parse, the command line bundled in chunks behind it, the
 * worker files, and the built page. Bundled because a start that reads one file instead of a hundred is four times as
 * fast (`npm run bench -- cli`); packages with native parts or plugins stay outside, as dependencies.
 */
import { build, type Metafile, type Plugin } from 'esbuild';
import { chmodSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build as buildPage } from 'vite';

const root = path.dirname(import.meta.dirname);
const dist = path.join(root, 'dist');

/** On the way to `--help` and `check`; everything else that is a dependency stays outside the bundle. */
const bundledPackages = new Set([
  'commander',
  'zod',
  'yaml',
  '@noble/hashes',
  'fastest-levenshtein',
  'picocolors',
  'kysely',
]);
const packageJson = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
  readonly dependencies: Readonly<Record<string, string>>;
};
const external = Object.keys(packageJson.dependencies).filter((name) => !bundledPackages.has(name));

/** A worker is a file of its own: its URL in the sources ends in `.ts`, in `dist` in `.mjs`. */
const workerUrls: Plugin = {
  name: 'worker-urls',
  setup(plugin) {
    plugin.onLoad({ filter: /\.ts$/ }, ({ path: file }) => {
      const source = readFileSync(file, 'utf8');
      return { contents: source.replace(/(['"])\.\/([\w-]+-worker)\.ts\1/g, "'./$2.mjs'"), loader: 'ts' };
    });
  },
};

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

/**
 * Node makes an ES module of a built-in one by reading every member of it, and so loads all that `node:fs`, `node:util`
 * or `node:process` bring only when asked: 15 ms before `check` does anything. Taken as it is, a built-in module stays lazy.
 */
function withPlainBuiltins(bundled: string): string {
  const taken = bundled
    .replace(/\bimport process from ?"node:process";/g, '')
    .replace(/\bimport ?\{([^}]*)\} ?from ?"(node:[\w/]+)";/g, (_line, names: string, name: string) => {
      return `const {${names.replaceAll(' as ', ':')}}=process.getBuiltinModule("${name}");`;
    })
    .replace(/\bimport(?: ?\* ?as)? ([\w$]+) from ?"(node:[\w/]+)";/g, 'const $1=process.getBuiltinModule("$2");');
  const left = /\bimport\b[^;"(]*"node:.*/.exec(taken);
  if (left !== null) throw new Error(`this import of a built-in module has a form that is not known here: ${left[0]}`);
  return taken;
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

/** What is bundled is distributed, and its licenses ask to go along. */
function licensesOf({ inputs }: Metafile): string {
  const folders = new Set(
    Object.keys(inputs).flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []),
  );
  const sections = [...folders].sort().map((folder) => {
    const about = JSON.parse(readFileSync(path.join(root, folder, 'package.json'), 'utf8')) as Record<string, string>;
    const [file] = globSync('{LICENSE,LICENCE,license,licence}*', { cwd: path.join(root, folder) });
    if (file === undefined) throw new Error(`${folder} is bundled and has no license file`);
    const text = readFileSync(path.join(root, folder, file), 'utf8').trim();
    return `## ${about['name']} ${about['version']} (${about['license']})\n\n${text}\n`;
  });
  return ['# Licenses of the packages in this bundle\n', ...sections].join('\n');
}

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });
const workers = globSync('src/adapters/*/*-worker.ts', { cwd: root });
const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: [
    { in: 'src/bin/plimsoll.ts', out: 'plimsoll' },
    ...workers.map((file) => ({ in: file, out: path.basename(file, '.ts') })),
  ],
  outdir: path.join(dist, 'cli'),
  outExtension: { '.js': '.mjs' },
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  external,
  // Its modules for Node are CommonJS, which are bundled whole and wrapped one by one.
  alias: { yaml: './node_modules/yaml/browser/index.js' },
  plugins: [workerUrls, idleChildProcess],
  // Names stay, and lines short enough for the place that a stack tells: what goes is a third of what is downloaded.
  minifyWhitespace: true,
  lineLimit: 400,
  metafile: true,
  legalComments: 'none', // licenses.md has the whole texts
  logLevel: 'warning',
  // Some CommonJS packages inside the bundle call \`require\` for built-in modules.
  banner: { js: 'const require = process.getBuiltinModule;' },
});
for (const file of globSync('cli/*.mjs', { cwd: dist })) {
  const bundled = path.join(dist, file);
  writeFileSync(bundled, withPlainBuiltins(readFileSync(bundled, 'utf8')));
}
writeFileSync(path.join(dist, 'plimsoll.mjs'), entry);
chmodSync(path.join(dist, 'plimsoll.mjs'), 0o755);

writeFileSync(path.join(dist, 'cli', 'licenses.md'), licensesOf(metafile));

const page = path.join(root, 'dashboard');
await buildPage({
  root: page,
  configFile: path.join(page, 'vite.config.js'),
  logLevel: 'warn',
  // Not into the page's own folder, which a control plane that runs from the sources serves meanwhile.
  build: { outDir: path.join(dist, 'dashboard'), emptyOutDir: true, license: { fileName: 'licenses.md' } },
});
console.error(`dist: ${globSync('**/*', { cwd: dist }).length} files`);
