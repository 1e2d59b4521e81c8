import type { OverlaidFiles } from './image-overlay.ts';
import { folderOf, nameOf } from './image-path.ts';

/** Libraries that belong to a driver, and that a container runtime hands in. */
const ofDriver = /^lib(?:cuda|nvidia-ml|nvidia-ptxjitcompiler)\.so(?:\.(\d{3,5}(?:\.\d{1,5}){1,2})|\.1)?$/;
/** Folders that the loader searches without being told; `lib` is a link to `usr/lib`. */
const ofLoader = /^(?:usr\/)?lib(?:64|\/x86_64-linux-gnu|\/aarch64-linux-gnu)?$/;

/** Whether a file of this path is a library of a driver in a folder of the loader; those of `cuda-compat` and stubs lie elsewhere. */
export const isDriverFile = (path: string): boolean => ofDriver.test(nameOf(path)) && ofLoader.test(folderOf(path));

/** An image with more holds something else than one driver. */
const mostFiles = 50;

/** Version of the driver by the path of each of its libraries in the image; empty text where the name does not tell it. */
export const listDriverFiles = ({ libraries }: Pick<OverlaidFiles, 'libraries'>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [...libraries.keys()]
      .filter(isDriverFile)
      .sort()
      .slice(0, mostFiles)
      .map((path) => [path, ofDriver.exec(nameOf(path))?.[1] ?? '']),
  );
