import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FaultProxy } from './fault-proxy.ts';
import { OperatorProcess } from './operator.ts';

/** A proxy before a cluster, with the kubeconfig that leads through it. */
export class ProxiedAccess {
  readonly proxy: FaultProxy;
  readonly #folder: string;

  private constructor(proxy: FaultProxy) {
    this.proxy = proxy;
    this.#folder = mkdtempSync(join(tmpdir(), 'proxied-'));
    writeFileSync(this.#kubeconfig, proxy.kubeconfig);
  }

  static async start(kubeconfigPath: string): Promise<ProxiedAccess> {
    return new ProxiedAccess(await FaultProxy.start(kubeconfigPath));
  }

  /** An operator that reaches the cluster through this proxy alone. */
  spawn(identity: string, flags: Readonly<Record<string, string>> = {}): OperatorProcess {
    return OperatorProcess.spawn({ kubeconfig: this.#kubeconfig, identity, flags });
  }

  async close(): Promise<void> {
    await this.proxy.close();
    rmSync(this.#folder, { recursive: true });
  }

  get #kubeconfig(): string {
    return join(this.#folder, 'kubeconfig');
  }
}
