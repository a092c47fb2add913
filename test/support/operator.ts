import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { until } from './until.ts';

const root = join(import.meta.dirname, '../..');

/** Lines of an operator's log that are kept. */
const KEPT_LINES = 2000;

/** How an operator is started. */
export interface OperatorSettings {
  /** Path of the kubeconfig of its cluster, or of a proxy before it. */
  readonly kubeconfig: string;
  readonly identity: string;
  /** More flags by name without the dashes: `{ 'lease-duration': '3' }`. */
  readonly flags?: Readonly<Record<string, string>>;
  /** Most of its heap, MiB, as Node.js takes it from the limit of a container: half of that. Else by the machine. */
  readonly heapMiB?: number;
}

/** One line of an operator's log. */
export interface LogLine {
  /** info, warn, error. */
  readonly level: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** The operator as a process of its own, run from its sources as in a container: the only thing about it that is not real. */
export class OperatorProcess {
  readonly identity: string;
  /** The newest lines of its log. */
  readonly lines: LogLine[] = [];
  /** What it wrote that is no log line: a crash shows here. */
  stray = '';
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;
  /** Where health, metrics and debug pages are served; empty until it is up. */
  #urls = { health: '', http: '', debug: '', allocation: '' };

  private constructor(child: ChildProcess, identity: string) {
    this.#child = child;
    this.identity = identity;
    this.#exited = new Promise((resolve) => child.once('close', () => resolve()));
    for (const stream of [child.stdout!, child.stderr!]) {
      createInterface({ input: stream }).on('line', (line) => this.#read(line));
    }
  }

  /** Starts an operator and returns at once; it may not be up yet. */
  static spawn({ kubeconfig, identity, flags = {}, heapMiB }: OperatorSettings): OperatorProcess {
    const all = {
      kubeconfig,
      identity,
      namespace: 'default',
      'health-address': '127.0.0.1:0',
      'http-address': '127.0.0.1:0',
      'debug-address': '127.0.0.1:0',
      'lease-duration': '3',
      'log-level': 'info',
      ...flags,
    };
    const args = Object.entries(all).map(([name, value]) => `--${name}=${value}`);
    const heap = heapMiB === undefined ? [] : [`--max-old-space-size=${heapMiB}`];
    const child = spawn(process.execPath, [...heap, 'src/cli.ts', 'operator', ...args], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new OperatorProcess(child, identity);
  }

  /** Starts an operator and waits until it serves its pages. */
  static async start(settings: OperatorSettings): Promise<OperatorProcess> {
    const operator = OperatorProcess.spawn(settings);
    await operator.up();
    return operator;
  }

  /** Waits until its pages are served. */
  async up(): Promise<void> {
    await until(`${this.identity} is up`, () => {
      if (!this.running) throw new Error(`${this.identity} ended at its start:\n${this.tail()}`);
      return this.#urls.http !== '';
    });
  }

  /** Waits until it decides: it leads, and its view of the Pods is as new as its leadership. */
  async deciding(): Promise<void> {
    await until(`${this.identity} decides`, async () => {
      if (!this.running) throw new Error(`${this.identity} ended:\n${this.tail()}`);
      return (await this.metric('proffer_leader')) === 1;
    });
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Resident memory and all: everything that /metrics says, `name{labels} value` by line. */
  async metrics(): Promise<string[]> {
    const answer = await fetch(`${this.#urls.http}/metrics`);
    return (await answer.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  }

  /** Sum over the series of a metric whose labels hold all of `labels`, each as `verb="create"`. */
  async metric(name: string, ...labels: string[]): Promise<number> {
    let sum = 0;
    for (const line of await this.metrics()) {
      const [series = '', value] = line.split(' ');
      const own = series === name || series.startsWith(`${name}{`);
      if (own && labels.every((label) => series.includes(label))) sum += Number(value);
    }
    return sum;
  }

  /** Whether a kubelet would let it live. */
  async healthy(): Promise<boolean> {
    return (await fetch(`${this.#urls.health}/healthz`)).ok;
  }

  /** Where the pages behind `proffer matrix`, `offers` and `roles` are served, for their flag --url. */
  get debugUrl(): string {
    return this.#urls.debug;
  }

  /** Where servers are given to sessions; empty when the operator was started without it. */
  get allocationUrl(): string {
    return this.#urls.allocation;
  }

  /** kill -9, as a node or the kernel ends a container; returns when it is gone. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exited;
  }

  /** Asks it to end, as a kubelet does, and waits until it has. */
  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    await this.#exited;
  }

  /** The process stands still, as on a machine that is suspended. */
  pause(): void {
    this.#child.kill('SIGSTOP');
  }

  /** Undoes pause(). */
  resume(): void {
    this.#child.kill('SIGCONT');
  }

  /** The end of its log, for the message of a test that failed. */
  tail(lines = 30): string {
    const log = this.lines.slice(-lines).map((line) => JSON.stringify(line));
    return [...log, this.stray].join('\n');
  }

  #read(text: string): void {
    let line: LogLine;
    try {
      line = JSON.parse(text) as LogLine;
    } catch {
      this.stray += `${text}\n`;
      return;
    }
    if (line.msg === 'operator started')
      this.#urls = {
        health: String(line['health']),
        http: String(line['http']),
        debug: String(line['debug']),
        allocation: typeof line['allocation'] === 'string' ? line['allocation'] : '',
      };
    this.lines.push(line);
    if (this.lines.length > KEPT_LINES) this.lines.shift();
  }
}
