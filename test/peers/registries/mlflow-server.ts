import path from 'node:path';
import { RunningServer } from './running-server.ts';

/** A real `mlflow server`: SQLite, artifacts handed out by itself. */
export class MlflowServer {
  readonly #server: RunningServer;

  private constructor(server: RunningServer) {
    this.#server = server;
  }

  static async start(bin: string, folder: string, port?: number): Promise<MlflowServer> {
    const server = await RunningServer.start(
      path.join(bin, 'mlflow'),
      (free) => [
        ...['server', '--host', '127.0.0.1', '--port', String(free), '--workers', '1'],
        ...['--backend-store-uri', `sqlite:///${path.join(folder, 'mlflow.db')}`],
        ...['--serve-artifacts', '--artifacts-destination', path.join(folder, 'artifacts')],
      ],
      {
        readyPath: '/health',
        env: {
          PATH: `${bin}:${process.env['PATH'] ?? ''}`,
          MLFLOW_DISABLE_TELEMETRY: 'true',
          DO_NOT_TRACK: 'true',
          // Its runner of jobs is a second program that imports all of MLflow, and no registry.
          MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false',
        },
        ...(port === undefined ? {} : { port }),
      },
    );
    return new MlflowServer(server);
  }

  get origin(): string {
    return this.#server.origin;
  }

  stop(): Promise<void> {
    return this.#server.stop();
  }

  /** Registers a version as MLflow's client does: files by its proxy, then the version that names their folder. */
  async seed(name: string, files: Readonly<Record<string, Uint8Array>>): Promise<string> {
    await this.post('registered-models/create', { name }).catch(() => undefined);
    const run = (await this.post('runs/create', { experiment_id: '0' })) as {
      run: { info: { run_id: string; artifact_uri: string } };
    };
    const source = `${run.run.info.artifact_uri}/model`;
    const folder = source.replace(/^mlflow-artifacts:\/+/, '');
    for (const [file, bytes] of Object.entries(files)) {
      const at = `${folder}/${file}`.split('/').map(encodeURIComponent).join('/');
      const put = await fetch(`${this.origin}/api/2.0/mlflow-artifacts/artifacts/${at}`, {
        method: 'PUT',
        body: Buffer.from(bytes),
      });
      if (!put.ok) throw new Error(`PUT ${at}: ${put.status} ${await put.text()}`);
    }
    const made = (await this.post('model-versions/create', { name, source, run_id: run.run.info.run_id })) as {
      model_version: { version: string };
    };
    return String(made.model_version.version);
  }

  async post(route: string, body: unknown, method = 'POST'): Promise<unknown> {
    const answer = await fetch(`${this.origin}/api/2.0/mlflow/${route}`, {
      method,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${route}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }
}
