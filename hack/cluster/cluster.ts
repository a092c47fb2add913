import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { binaryPath, type Log } from './build.ts';
import { ClusterError } from './errors.ts';
import { exec } from './exec.ts';
import { addFakeNodes } from './fake-nodes.ts';
import { kindFaults, loadIntoKind } from './kind.ts';
import { layoutOf, type NodeLayout, nodeLayoutOf } from './layout.ts';
import { importImage } from './images.ts';
import { bootNode, cutNode, healNode, killNode } from './node-faults.ts';
import { ClusterPaths } from './paths.ts';
import { type ClusterContext, type ClusterRecord, contextOf, type KindNode } from './record.ts';
import type { FakeNodeShape } from './shape.ts';
import { takeDown } from './take-down.ts';

/** One real node and what can happen to it. */
export interface ClusterNode {
  readonly name: string;
  /** IPv4 address that other nodes, Pods and this machine reach it at. */
  readonly address: string;
  /**
   * Takes the node off the network; what runs on it runs on. By default both sides see the link go down;
   * `silent` swallows all packets instead, so that they learn of it by timeouts only.
   */
  cut(options?: { readonly silent?: boolean }): Promise<void>;
  /** Undoes `cut`. */
  heal(): Promise<void>;
  /** Power loss: everything that runs on the node is gone at once. Its disk stays. */
  kill(): Promise<void>;
  /** Power on after `kill`; returns when the kubelet runs again. */
  boot(): Promise<void>;
}

/** A cluster that is up. */
export class Cluster {
  readonly name: string;
  /** Path of an administrator's kubeconfig, complete in itself. */
  readonly kubeconfigPath: string;
  /** URL of the API server. */
  readonly server: string;
  /** Names of the real nodes. */
  readonly nodeNames: readonly string[];
  readonly #paths: ClusterPaths;
  readonly #record: ClusterRecord;
  readonly #context: ClusterContext;
  readonly #log: Log;

  constructor(name: string, record: ClusterRecord, log: Log) {
    this.#paths = new ClusterPaths(name);
    this.#record = record;
    this.#log = log;
    this.#context = contextOf(this.#paths, layoutOf(record.slot), record.shape, log);
    this.name = name;
    this.kubeconfigPath = this.#paths.kubeconfig;
    this.server = record.server;
    this.nodeNames = (this.#kindNodes() ?? this.#nodes()).map((node) => node.name);
  }

  /** Those that run Pods of users; undefined for a local cluster. */
  #kindNodes(): KindNode[] | undefined {
    return this.#record.nodes?.filter((node) => !node.name.endsWith('-control-plane'));
  }

  #nodes(): NodeLayout[] {
    const { layout, shape } = this.#context;
    return Array.from({ length: shape.nodes }, (_, index) => nodeLayoutOf(layout, index + 1));
  }

  /**
   * Runs kubectl against this cluster as its administrator.
   * @returns its standard output
   * @throws ClusterError CommandFailed with what kubectl said
   */
  kubectl(...args: string[]): Promise<string> {
    return exec(this.kubectlPath, ['--kubeconfig', this.kubeconfigPath, ...args]);
  }

  /** As `kubectl`, with text on its standard input, as for `apply -f -`. */
  kubectlWithInput(input: string, ...args: string[]): Promise<string> {
    return exec(this.kubectlPath, ['--kubeconfig', this.kubeconfigPath, ...args], { input });
  }

  /** Path of the kubectl that belongs to this cluster. */
  get kubectlPath(): string {
    return binaryPath('kubectl');
  }

  /**
   * Puts the images of a tar (docker-archive or OCI layout) on every real node, so that Pods whose pull policy is
   * IfNotPresent or Never can use them.
   * @throws ClusterError BadInput when there is no such file
   */
  async loadImage(tar: string): Promise<void> {
    const file = resolve(tar);
    if (!existsSync(file)) throw new ClusterError('BadInput', `image archive: there is no file ${file}`);
    if (this.#record.provider === 'kind') return loadIntoKind(this.name, file);
    await Promise.all(this.nodeNames.map((node) => importImage(this.#paths, node, file)));
  }

  /**
   * A real node by name (`node-1`, ...).
   * @throws ClusterError BadInput when the cluster has no such node
   */
  node(name: string): ClusterNode {
    const ofKind = this.#kindNodes()?.find((node) => node.name === name);
    if (ofKind !== undefined) return { ...ofKind, ...kindFaults(this.#paths, ofKind) };
    const found = this.#nodes().find((node) => node.name === name);
    if (found === undefined || !this.nodeNames.includes(name)) {
      const known = this.nodeNames.length > 0 ? `it has ${this.nodeNames.join(', ')}` : 'it has none';
      throw new ClusterError('BadInput', `node: cluster "${this.name}" has no real node "${name}": ${known}`);
    }
    return {
      name,
      address: found.address,
      cut: (options) => cutNode(this.#paths, found, options?.silent ?? false),
      heal: () => healNode(this.#paths, found),
      kill: () => killNode(this.#paths, found),
      boot: () => bootNode(this.#context, found),
    };
  }

  /**
   * Adds fake nodes after those that the cluster has, Ready and without taints.
   * @param shape what differs from the fake nodes' shape that the cluster was started with
   */
  async addFakeNodes(count: number, shape: Partial<FakeNodeShape> = {}): Promise<void> {
    await addFakeNodes(this.#paths, this.server, count, { ...this.#record.shape.fakeNode, ...shape });
  }

  /**
   * Removes the cluster and all its state.
   * @throws ClusterError LeftOver naming what could not be removed
   */
  async down(): Promise<void> {
    await takeDown(this.#paths, this.#log);
  }
}
