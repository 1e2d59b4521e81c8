// Copies the example's data and models into a folder, making them first where they are not cached:
//
//   node scripts/bootstrap.mjs examples/digits/export.ts FOLDER
import { copyFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { prepareData } from './data/prepare.ts';
import { progressOn } from './progress.ts';
import { trainModels } from './training/models.ts';

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  process.stderr.write('export.ts needs the folder to copy to: node examples/digits/export.ts FOLDER\n');
  process.exit(2);
}
const progress = progressOn(process.stderr, () => performance.now());
const data = await prepareData(progress.note);
const trained = await trainModels(data.files['digits-train'], progress, new AbortController().signal);
mkdirSync(folder, { recursive: true });
const copies = [
  ...Object.entries(data.files).map(([name, file]) => [`${name}.jsonl`, file.path] as const),
  ...trained.models.map((model) => [`digits-${model.version}.onnx`, model.file.path] as const),
];
for (const [name, from] of copies) {
  const to = path.join(folder, name);
  copyFileSync(from, to);
  process.stdout.write(`${to}\n`);
}
