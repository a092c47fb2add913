import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { binary } from '../../../hack/cluster/index.ts';

/** What kube-scheduler sends to an extender that keeps its own nodes. */
interface ExtenderArgs {
  readonly Pod: { readonly metadata: { readonly uid: string } };
  readonly NodeNames: readonly string[] | null;
}

/**
 * A kube-scheduler with its default rules that binds nothing: an extender, asked last, hears which nodes a Pod passed on
 * and refuses them all.
 */
export class AskedScheduler {
  /** Names of the nodes that a Pod may go to, by its UID; the last answer counts. */
  readonly fits = new Map<string, readonly string[]>();
  readonly #server: Server;
  readonly #folder: string;
  #process: ChildProcess | undefined;

  private constructor(server: Server, folder: string) {
    this.#server = server;
    this.#folder = folder;
  }

  /** Starts the scheduler. @param kubeconfig of an administrator */
  static async start(kubeconfig: string): Promise<AskedScheduler> {
    const program = await binary('kube-scheduler');
    const folder = await mkdtemp(join(tmpdir(), 'proffer-scheduler-'));
    const server = createServer((request, response) => {
      const answer = (args: unknown): void => {
        scheduler.#heard(args as ExtenderArgs);
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify({ NodeNames: [], FailedNodes: {}, Error: '' }));
      };
      // The scheduler asks again when an answer fails to come.
      json(request).then(answer, () => response.destroy());
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const scheduler = new AskedScheduler(server, folder);
    const { port } = server.address() as AddressInfo;
    const config = join(folder, 'config.json');
    await writeFile(config, JSON.stringify(configuration(kubeconfig, port)));
    const log = createWriteStream(join(folder, 'log'));
    await once(log, 'open');
    scheduler.#process = spawn('nice', ['-n', '15', program, `--config=${config}`, '--secure-port=0'], {
      stdio: ['ignore', 'ignore', log],
    });
    return scheduler;
  }

  /** Ends the scheduler. */
  async stop(): Promise<void> {
    const ended = this.#process && once(this.#process, 'exit');
    this.#process?.kill('SIGKILL');
    await ended;
    this.#server.close();
    this.#server.closeAllConnections();
    await rm(this.#folder, { recursive: true });
  }

  #heard({ Pod, NodeNames }: ExtenderArgs): void {
    this.fits.set(Pod.metadata.uid, NodeNames ?? []);
  }
}

const configuration = (kubeconfig: string, port: number): object => ({
  apiVersion: 'kubescheduler.config.k8s.io/v1',
  kind: 'KubeSchedulerConfiguration',
  clientConnection: { kubeconfig, qps: 5000, burst: 5000 },
  leaderElection: { leaderElect: false },
  percentageOfNodesToScore: 100,
  // Nothing is to be preempted for a Pod that fits nowhere.
  profiles: [{ schedulerName: 'default-scheduler', plugins: { postFilter: { disabled: [{ name: '*' }] } } }],
  extenders: [
    {
      urlPrefix: `http://127.0.0.1:${port}`,
      filterVerb: 'filter',
      nodeCacheCapable: true,
      httpTimeout: '30s',
    },
  ],
});
