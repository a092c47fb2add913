import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { messageOf } from '../lib/errors.ts';
import type { Io } from './io.ts';
import { OperatorUnavailable } from './operator-unavailable.ts';

/** A port of a Pod, and the cluster that it is in. */
export interface ForwardTarget {
  /** Path of a kubeconfig file; found by kubectl when left out. */
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly namespace: string;
  readonly pod: string;
  readonly port: number;
}

/** A port of this machine that leads to a port of a Pod, as long as a kubectl runs. */
export interface Forward {
  readonly pod: string;
  /** This end of it: http://127.0.0.1:PORT. */
  readonly url: string;
  /** False once kubectl has ended, as it does when its Pod goes. */
  readonly running: boolean;
  /** The last line that kubectl wrote to standard error; empty when there is none. */
  readonly complaint: string;
  /** Ends kubectl. */
  close(): Promise<void>;
}

/** kubectl has this long to open the port, ms. */
const OPEN_MS = 30_000;
/** What kubectl says when the port is open. */
const OPENED = /^Forwarding from 127\.0\.0\.1:(\d+) /;
/** How much of kubectl's complaints is kept, in characters. */
const KEPT = 2_000;

/**
 * Has kubectl forward a free port of this machine to the Pod's.
 * @param env where kubectl is found, and what it goes by
 * @throws OperatorUnavailable that says what is missing
 */
export async function openForward(target: ForwardTarget, env: Io['env']): Promise<Forward> {
  const { pod } = target;
  const child = spawn('kubectl', argumentsFor(target), { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const undo = endWithProcess(child);
  let [running, said] = [true, ''];
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-KEPT)));
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => {
      running = false;
      undo();
      resolve();
    });
  });
  const close = async (): Promise<void> => {
    child.kill();
    await ended;
  };
  let patience: NodeJS.Timeout | undefined;
  try {
    const local = await new Promise<number>((resolve, reject) => {
      const fail = (why: string, cause?: unknown): void => reject(new OperatorUnavailable(why, { cause }));
      patience = setTimeout(
        () => fail(`kubectl has not opened a port to ${pod} for ${OPEN_MS / 1000} s`),
        OPEN_MS,
      );
      child.once('error', (error) => fail(noKubectl(target, error), error));
      child.once('close', () => fail(refusal(target, said)));
      // It goes on to write a line for every connection, which has to be read as well.
      createInterface({ input: child.stdout }).on('line', (line) => {
        const found = OPENED.exec(line)?.[1];
        if (found !== undefined) resolve(Number(found));
      });
    });
    return {
      pod,
      url: `http://127.0.0.1:${local}`,
      get running() {
        return running;
      },
      get complaint() {
        return lastLine(said);
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  } finally {
    clearTimeout(patience);
  }
}

/** Values stand in the same word as their flag, so that none of them can be another flag. */
function argumentsFor({ kubeconfig, context, namespace, pod, port }: ForwardTarget): string[] {
  return [
    'port-forward',
    ...(kubeconfig === undefined ? [] : [`--kubeconfig=${kubeconfig}`]),
    ...(context === undefined ? [] : [`--context=${context}`]),
    `--namespace=${namespace}`,
    '--address=127.0.0.1',
    `pod/${pod}`,
    `:${port}`,
  ];
}

/** Says what to do without kubectl. */
function noKubectl({ pod, port }: ForwardTarget, error: NodeJS.ErrnoException): string {
  const why =
    error.code === 'ENOENT'
      ? 'there is no kubectl on the PATH'
      : `kubectl cannot be run (${messageOf(error)})`;
  return (
    `${why}, and reading the leader takes kubectl port-forward: install kubectl, ` +
    `or forward port ${port} of Pod ${pod} yourself and give --url`
  );
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? '';

/** Says in the reader's words why kubectl ended before the port was open. */
function refusal({ namespace, pod }: ForwardTarget, said: string): string {
  const line = lastLine(said);
  if (line.includes('(NotFound)')) {
    return (
      `the Lease names ${pod} as the leader, and there is no such Pod in namespace ${namespace}: ` +
      'ask again in a moment, install the operator if it is gone, or read one outside the cluster with --url'
    );
  }
  if (/forbidden/i.test(line)) {
    return (
      'you may not read the operator: it takes the rights to get pods and to create pods/portforward ' +
      `in namespace ${namespace} (${line})`
    );
  }
  return `kubectl cannot forward a port to the leader ${pod}: ${line === '' ? 'it does not say why' : line}`;
}

/** Signals that would end this process without a chance to say goodbye. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Ends a child when this process ends, by a signal too. @returns undoes it, for a child that has ended */
function endWithProcess(child: ChildProcess): () => void {
  const end = (): void => void child.kill();
  const onSignal = (signal: NodeJS.Signals): void => {
    end();
    undo();
    // Without our handler the signal does to this process what it does to any.
    process.kill(process.pid, signal);
  };
  const undo = (): void => {
    process.off('exit', end);
    for (const signal of SIGNALS) process.off(signal, onSignal);
  };
  process.on('exit', end);
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return undo;
}
