import { cpSync, existsSync } from 'node:fs';
import path from 'node:path';
import { rowOf, tinyModel } from '../../rigs/tiny-model.ts';
import { UserProject } from '../../user-project.ts';

/** How far a service came, each from the one before. */
export type Ground = 'empty' | 'added' | 'pinned' | 'recorded';

/** A contract of the built-in model server, with more sections of YAML. */
export const contractOf = (more = '', monitoring = '{ golden: tiny-golden }'): string => `apiVersion: plimsoll.dev/v1
service: tiny
code: { command: [plimsoll, serve-model] }
model: { name: tiny, version: candidate }
${monitoring === '' ? '' : `monitoring: ${monitoring}\n`}${more}`;

export const goldenRows = [0, 1, 2].map((index) => `${JSON.stringify({ x: rowOf(index) })}\n`).join('');

const files = {
  'plimsoll.yaml': contractOf(),
  'model.onnx': tinyModel(1).bytes,
  'golden.jsonl': goldenRows,
};

const commandsOf: Readonly<Record<Ground, readonly (readonly string[])[]>> = {
  empty: [],
  added: [
    ['model', 'add', 'model.onnx', '--name', 'tiny', '--alias', 'candidate'],
    ['data', 'add', 'golden.jsonl', '--name', 'tiny-golden'],
  ],
  pinned: [['pin']],
  recorded: [['golden', 'record']],
};

/** Folders that are made once, of which each case has a copy. */
export class Grounds {
  readonly #made = new Map<Ground, UserProject>();

  async make(): Promise<void> {
    let before: UserProject | null = null;
    for (const [ground, commands] of Object.entries(commandsOf) as [Ground, readonly (readonly string[])[]][]) {
      const project = copyOf(before);
      for (const words of commands) await project.passing(...words);
      this.#made.set(ground, project);
      before = project;
    }
  }

  open(ground: Ground): UserProject {
    const made = this.#made.get(ground);
    if (made === undefined) throw new Error(`${ground} was not made`);
    return copyOf(made);
  }

  remove(): void {
    for (const project of this.#made.values()) project.remove();
  }
}

function copyOf(from: UserProject | null): UserProject {
  const project = new UserProject({ files });
  if (from !== null) cpSync(from.folder, project.folder, { recursive: true });
  return project;
}

/** Writes what this machine has into node.json. */
export const probed = async ({ project }: { readonly project: UserProject }): Promise<void> =>
  project.write('node.json', (await project.plimsoll('probe', '--json')).stdout);

/** No name was run as a command. */
export function refuseOwned(folder: string): void {
  if (existsSync(path.join(folder, 'owned'))) throw new Error('what a name holds was run');
}
