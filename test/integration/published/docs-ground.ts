import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const released = (model: string): string =>
  `set -e; cp "$DIGITS/digits-golden.jsonl" golden.jsonl; plimsoll init --yes --service digits --model digits
   plimsoll model add ${model} --name digits --alias candidate; plimsoll data add golden.jsonl --name digits-golden
   plimsoll pin; plimsoll golden record; plimsoll release; rm -f model.onnx`;

const digits = 'node "$REPOSITORY/examples/digits/export.ts" .';
const releases = {
  RELEASED_1: `cp "$DIGITS/digits-1.onnx" .; ${released('digits-1.onnx')}`,
  RELEASED_2: `cp "$DIGITS/digits-2.onnx" model.onnx; ${released('model.onnx')}`,
};

/** What several pages of the documentation begin with. Pages copy it or link to it. */
export interface DocsGround {
  /** Folders by the variable that tells where each is. */
  readonly variables: NodeJS.ProcessEnv;
  readonly remove: () => void;
}

/**
 * Makes these folders once, with the programs of `env`:
 *
 * - `DIGITS`: data and models of the digits example.
 * - `RELEASED_1`, `RELEASED_2`: a project whose first release, of that model, waits for a control plane.
 */
export async function makeDocsGround(env: NodeJS.ProcessEnv): Promise<DocsGround> {
  const folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-ground-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  const names = ['DIGITS', ...Object.keys(releases)];
  const variables = Object.fromEntries(names.map((name) => [name, path.join(folder, name)]));
  const make = async (name: string, command: string): Promise<void> => {
    const cwd = path.join(folder, name);
    mkdirSync(cwd);
    await promisify(execFile)('bash', ['-c', command], { cwd, env: { ...env, ...variables } });
  };
  try {
    await make('DIGITS', digits);
    await Promise.all(Object.entries(releases).map(([name, command]) => make(name, command)));
  } catch (thrown) {
    remove();
    throw thrown;
  }
  return { variables, remove };
}
