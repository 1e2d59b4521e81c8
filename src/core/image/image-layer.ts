import type { Digest } from '../units/digest.ts';
import type { CompatNote, DeviceLibrary, LibraryInstructions } from './image-facts.ts';

/** What one layer adds, and what it takes away from the layers below. JSON-safe: kept by the layer's digest. */
export interface LayerFacts {
  /** Digest of the layer without compression, as it was read. */
  readonly diffId: Digest;
  /** Without compression. */
  readonly bytes: number;
  readonly entries: number;
  /** Files with device code, with a version, with a CPU level or with something that could not be read. */
  readonly libraries: readonly LayerLibrary[];
  readonly python: readonly LayerDistribution[];
  /** `etc/ld.so.conf` and the files of its `.d`, with the folders that each names; absent where nobody looked for them. */
  readonly loaderFiles?: readonly LoaderFile[];
  /** Paths of compilers (see `isCompiler`); absent where nobody looked for them. */
  readonly compilers?: readonly string[];
  readonly symlinks: readonly LayerLink[];
  /** Hard links whose file is in a layer below; those inside the layer stand among `libraries` and `python`. */
  readonly hardLinks: readonly LayerLink[];
  /** Paths that this layer deletes from below. */
  readonly whiteouts: readonly string[];
  /** Folders whose content from below this layer hides. */
  readonly opaque: readonly string[];
  readonly unknown: Readonly<Record<string, string>>;
}

/** Paths are relative to the root of the image, without `.` and `..`: `usr/lib/libcudart.so.12`. */
export interface LayerLibrary {
  readonly path: string;
  readonly bytes: number;
  readonly device: DeviceLibrary | null;
  /** By component, from the bytes of the library. */
  readonly versions: Readonly<Record<string, string>>;
  readonly compatNote: CompatNote | null;
  readonly cpuLevel: string | null;
  /** Instruction sets that its code uses, where some are above the base. */
  readonly instructions?: LibraryInstructions;
  /** Largest page that a kernel for Arm can map it with, in bytes; left out where every page will do. */
  readonly pageSize?: number;
  /** It asks for an executable stack; left out where it does not. */
  readonly execStack?: true;
  readonly unknown: Readonly<Record<string, string>>;
}

export interface LayerDistribution {
  readonly path: string;
  readonly name: string;
  readonly version: string;
}

export interface LoaderFile {
  readonly path: string;
  readonly folders: readonly string[];
}

export interface LayerLink {
  readonly path: string;
  /** Of a symlink as it is written; of a hard link a path like all others. */
  readonly target: string;
}

/** A layer together with the answer to "is there anything at this path?", which would be too long to write out. */
export interface OverlaidLayer {
  readonly facts: LayerFacts;
  /** A file, link or device stands at exactly this path. */
  readonly holdsFile: (path: string) => boolean;
  readonly holdsFolder: (path: string) => boolean;
}
