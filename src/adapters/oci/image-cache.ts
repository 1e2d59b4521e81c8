import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync, gunzipSync } from 'node:zlib';
import * as z from 'zod';
import type { ImageFacts } from '../../core/image/image-facts.ts';
import { digestOf, type Digest } from '../../core/units/digest.ts';
import { layerFactsForm } from '../../schemas/lock/image-facts.ts';
import { imageFactsForm } from '../../schemas/lock/pinned-facts.ts';
import { PathPrints } from './layers/path-prints.ts';
import type { ReadLayer } from './layers/read-layer.ts';

/** Part of every file's place: raise it when more is read out of a layer, or the shape changes. */
const cacheVersion = 8;
const fileBytesAtMost = 64 * 1024 * 1024;

const layerForm = z.strictObject({ facts: layerFactsForm, files: z.string(), folders: z.string() });

/** What was read of layers and images, by digest. Null folder: nothing is kept, and nothing is there. */
export class ImageCache {
  readonly #folder: string | null;

  constructor(folder: string | null) {
    this.#folder = folder === null ? null : path.join(folder, `v${cacheVersion}`);
  }

  async layer(digest: Digest): Promise<ReadLayer | null> {
    const kept = await this.#read('layers', digest, layerForm);
    if (kept === null) return null;
    return { facts: kept.facts, files: new PathPrints(kept.files), folders: new PathPrints(kept.folders) };
  }

  keepLayer(digest: Digest, { facts, files, folders }: ReadLayer): Promise<void> {
    return this.#write('layers', digest, { facts, files: files.toText(), folders: folders.toText() });
  }

  image(digest: Digest): Promise<ImageFacts | null> {
    return this.#read('images', digest, imageFactsForm);
  }

  keepImage(facts: ImageFacts): Promise<void> {
    return this.#write('images', facts.digest, facts);
  }

  /** A file that is not whole, or not of this form, counts as none: it is made anew. */
  async #read<T>(kind: string, digest: Digest, form: z.ZodType<T>): Promise<T | null> {
    if (this.#folder === null) return null;
    try {
      const text = gunzipSync(await readFile(this.#place(this.#folder, kind, digest)), {
        maxOutputLength: fileBytesAtMost,
      });
      const { of, value } = JSON.parse(text.toString('utf8')) as { readonly of: unknown; readonly value: unknown };
      return of === digestOf(value) ? (form.safeParse(value).data ?? null) : null;
    } catch {
      return null;
    }
  }

  /** Two that write the same file write the same facts; a reader sees the one or the other whole. Not kept is no failure. */
  async #write(kind: string, digest: Digest, value: unknown): Promise<void> {
    if (this.#folder === null) return;
    const place = this.#place(this.#folder, kind, digest);
    const temporary = `${place}.${randomBytes(6).toString('hex')}.tmp`;
    try {
      await mkdir(path.dirname(place), { recursive: true });
      const handle = await open(temporary, 'wx', 0o600);
      try {
        await handle.writeFile(gzipSync(JSON.stringify({ of: digestOf(value), value }), { level: 3 }));
      } finally {
        await handle.close();
      }
      await rename(temporary, place);
    } catch {
      await rm(temporary, { force: true }).catch(() => undefined);
    }
  }

  #place(folder: string, kind: string, digest: Digest): string {
    return path.join(folder, kind, `${digest.replace(':', '-')}.json.gz`);
  }
}
