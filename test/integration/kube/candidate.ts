/** A process that stands for election; run by lease.test.ts from sources and as a bundle. Speaks one word a line. */
import { KubeClient } from '../../../src/kube/client.ts';
import { LeaderElector } from '../../../src/kube/lease.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { TIMES } from './lease-times.ts';

const stand = async (kubeconfig: string, name: string, identity: string): Promise<void> => {
  const client = KubeClient.load({ kubeconfig });
  const stop = new AbortController();
  process.once('SIGTERM', () => stop.abort());
  const elector = new LeaderElector({
    access: client.access,
    namespace: 'default',
    name,
    identity,
    ...TIMES,
    clock: systemClock,
    random: Math.random,
    onStarted: () => console.log(`started ${elector.isLeader()}`),
    onStopped: () => console.log('stopped'),
  });
  await elector.run(stop.signal);
  await client.close();
};

const [kubeconfig = '', name = '', identity = ''] = process.argv.slice(2);
await stand(kubeconfig, name, identity);
