/**
 * Writes every file that is made from the sources. With `--check` it writes none, and exits 1 when one is not up to date.
 *
 *   npm run generate [-- --check]
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { contractJsonSchema } from '../src/schemas/contract/contract-json-schema.ts';
import { contractReference } from '../src/schemas/contract/contract-reference.ts';
import { chartFiles } from './chart/chart-files.ts';
import { figures } from './figures/figure-table.ts';
import { readFigures } from './figures/record-figures.ts';
import { withFigures } from './figures/readme-table.ts';
import { evidenceReference } from './evidence-reference.ts';
import { hardwareTables } from './hardware-tables.ts';
import { withAllIncidents, withFirstMatrix } from './incident-matrix.ts';
import { layerGraphSvg } from './layer-graph.ts';

const root = path.dirname(import.meta.dirname);

const readPage = (name: string): string => readFileSync(path.join(root, name), 'utf8');

const generated: Readonly<Record<string, () => string>> = {
  'schema/plimsoll.schema.json': () => `${JSON.stringify(contractJsonSchema(), null, 2)}\n`,
  'docs/reference/contract.md': contractReference,
  'docs/reference/evidence.md': evidenceReference,
  'docs/reference/hardware-tables.md': hardwareTables,
  'docs/hardware-rules.md': () => withFirstMatrix(readPage('docs/hardware-rules.md')),
  'docs/hardware-incidents.md': () => withAllIncidents(readPage('docs/hardware-incidents.md')),
  'docs/images/layers.svg': layerGraphSvg,
  ...Object.fromEntries(Object.entries(chartFiles()).map(([name, text]) => [`deploy/chart/${name}`, () => text])),
  'README.md': () => withFigures(readPage('README.md'), figures, readFigures()),
};

function present(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

const check = process.argv.includes('--check');
const stale: string[] = [];
for (const [name, make] of Object.entries(generated)) {
  const file = path.join(root, name);
  const text = make();
  if (present(file) === text) continue;
  stale.push(name);
  if (check) continue;
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
}
for (const name of stale) console.log(check ? `not up to date: ${name}` : `wrote ${name}`);
if (check && stale.length > 0) console.log('run `npm run generate` and commit what it writes');
process.exitCode = check && stale.length > 0 ? 1 : 0;
