/** Writes the image layout that docs/inspect.md looks into: `node test/integration/hardware/example-image.ts FOLDER`. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  buildImage,
  emptyElf,
  indexOf,
  layoutFiles,
  tagged,
  writeLayout,
} from '../../../src/testing/builders/files/image-builder.ts';

const fixtures = path.join(import.meta.dirname, '../../../src/formats/fatbin/fixtures');
const packages = 'usr/lib/python3/site-packages';
const image = buildImage({
  env: ['PATH=/usr/bin', 'CUDA_VERSION=12.4.1', 'NVIDIA_REQUIRE_CUDA=cuda>=12.4'],
  layers: [
    {
      pieces: [
        { path: 'usr/local/cuda-12.4/lib64/libcudart.so.12.4.127', content: emptyElf() },
        { path: 'usr/lib/libcudnn.so.9.1.0', content: emptyElf() },
      ],
    },
    {
      pieces: [
        { path: `${packages}/torch-2.5.1.dist-info/METADATA`, content: 'Name: torch\n' },
        { path: `${packages}/numpy-2.0.0.dist-info/METADATA`, content: 'Name: numpy\n' },
        { path: 'opt/app/libkernels.so', content: readFileSync(path.join(fixtures, 'library.so')) },
      ],
    },
  ],
});
writeLayout(process.argv[2] ?? 'image', layoutFiles([image], indexOf([tagged(image, 'v1')])));
