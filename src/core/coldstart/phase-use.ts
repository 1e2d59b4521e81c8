/**
 * What a phase of a start used, as the server that started tells it. A number that is not known is left out: it is never zero.
 *
 * | field | read from |
 * |---|---|
 * | `fileBytes` | the sizes of the files that the phase read, whether they came from a disk or from the page cache |
 * | `diskBytes` | `read_bytes` of `/proc/self/io`: what a disk had to give |
 * | `threadMs` | processor time of the thread that did the work |
 */
export interface PhaseUse {
  readonly fileBytes?: number;
  readonly diskBytes?: number;
  readonly threadMs?: number;
}
