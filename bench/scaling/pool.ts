import { Worker } from 'node:worker_threads';

/** Workers that take one task after the other, first come first served. */
export class TaskPool<Task, Answer> {
  readonly #workers: Worker[];
  readonly #idle: Worker[];
  readonly #waiting: { readonly task: Task; readonly resolve: (answer: Answer) => void }[] = [];
  readonly #running = new Map<number, (answer: Answer) => void>();
  #next = 0;

  /** @param module of the workers, which answer `{ id, task }` by `{ id, answer }` */
  constructor(module: URL, size: number, failed: (error: unknown) => void) {
    this.#workers = Array.from({ length: size }, () => new Worker(module));
    this.#idle = [...this.#workers];
    for (const worker of this.#workers) {
      worker.on('error', failed);
      worker.on('message', ({ id, answer }: { readonly id: number; readonly answer: Answer }) => {
        this.#running.get(id)?.(answer);
        this.#running.delete(id);
        this.#idle.push(worker);
        this.#give();
      });
    }
  }

  do(task: Task): Promise<Answer> {
    return new Promise((resolve) => {
      this.#waiting.push({ task, resolve });
      this.#give();
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  #give(): void {
    const worker = this.#idle.pop();
    if (worker === undefined) return;
    const next = this.#waiting.shift();
    if (next === undefined) {
      this.#idle.push(worker);
      return;
    }
    const id = this.#next;
    this.#next += 1;
    this.#running.set(id, next.resolve);
    worker.postMessage({ id, task: next.task });
  }
}
