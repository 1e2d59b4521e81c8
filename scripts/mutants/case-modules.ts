import path from 'node:path';
import { build, transform } from 'esbuild';

/** One module as CommonJS, and which file each of its imports means; imports that are not listed are of packages. */
export interface CaseModule {
  readonly code: string;
  readonly imports: Readonly<Record<string, string>>;
}

export interface CaseModules {
  readonly entry: string;
  /** By path below the root. */
  readonly modules: ReadonlyMap<string, CaseModule>;
}

/** @returns CommonJS of one TypeScript file. @throws when it does not parse. */
export async function transformModule(text: string): Promise<string> {
  return (await transform(text, { loader: 'ts', format: 'cjs', platform: 'node', target: 'node24' })).code;
}

/** Reads a module and all that it imports, each by itself, so that one can be exchanged without a build of all. */
export async function readCaseModules(root: string, entry: string): Promise<CaseModules> {
  const texts = new Map<string, string>();
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    write: false,
    metafile: true,
    packages: 'external',
    format: 'cjs',
    platform: 'node',
    logLevel: 'silent',
    plugins: [
      {
        name: 'keep-texts',
        setup({ onLoad }) {
          onLoad({ filter: /\.ts$/ }, async ({ path: file }) => {
            const { readFile } = await import('node:fs/promises');
            const contents = await readFile(file, 'utf8');
            texts.set(path.relative(root, file), contents);
            return { contents, loader: 'ts' };
          });
        },
      },
    ],
  });
  const modules = new Map<string, CaseModule>();
  for (const [file, { imports }] of Object.entries(metafile.inputs)) {
    const text = texts.get(file);
    if (text === undefined)
      throw new Error(`${file}: the cases import something that is not TypeScript of this repository`);
    const known = imports.filter(({ external, original }) => external !== true && original !== undefined);
    modules.set(file, {
      code: await transformModule(text),
      imports: Object.fromEntries(known.map((one) => [one.original ?? '', one.path])),
    });
  }
  return { entry, modules };
}
