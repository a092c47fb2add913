import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { exec, tryExec } from './exec.ts';
import type { Layout, NodeLayout } from './layout.ts';
import { waitFor } from './wait.ts';

const LINKS = '/sys/class/net';

/** Makes the cluster's bridge: the switch that all its nodes hang on, and the API server's address. */
export const makeBridge = async (layout: Layout): Promise<void> => {
  await exec('ip', ['link', 'add', layout.bridge, 'type', 'bridge']);
  await exec('ip', ['address', 'add', `${layout.gateway}/24`, 'dev', layout.bridge]);
  await exec('ip', ['link', 'set', layout.bridge, 'up']);
};

const inNode = (pid: number, ...command: string[]): Promise<string> =>
  exec('nsenter', ['-t', String(pid), '-n', '--', ...command]);

/**
 * Plugs a node in: a cable from the bridge to `eth0` in its network namespace, its address, and the routes from it to
 * the other nodes' Pods and from the machine to its Pods.
 * @param pid first process of the node
 * @param others every other node of the cluster
 */
export const plugIn = async (
  layout: Layout,
  node: NodeLayout,
  pid: number,
  others: readonly NodeLayout[],
): Promise<void> => {
  await exec('ip', ['link', 'add', node.link, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(pid)]);
  await exec('ip', ['link', 'set', node.link, 'master', layout.bridge, 'up']);
  const batch = [
    'link set lo up',
    `address add ${node.address}/24 dev eth0`,
    'link set eth0 up',
    `route add default via ${layout.gateway}`,
    ...others.map((other) => `route add ${other.podRange} via ${other.address}`),
  ];
  await exec('nsenter', ['-t', String(pid), '-n', '--', 'ip', '-batch', '-'], {
    input: `${batch.join('\n')}\n`,
  });
  // A new network namespace does not forward; /proc/sys/net shows the namespace of the process that reads it.
  await inNode(pid, 'sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward');
  await exec('ip', ['route', 'replace', node.podRange, 'via', node.address, 'dev', layout.bridge]);
};

/** Pulls a node's cable: both sides see that the link is gone. */
export const pullCable = async (node: NodeLayout): Promise<void> => {
  await exec('ip', ['link', 'set', node.link, 'down']);
};

const BLACKHOLE = `table inet proffer_blackhole {
  chain in { type filter hook prerouting priority -300; iifname "eth0" drop; }
  chain out { type filter hook postrouting priority 300; oifname "eth0" drop; }
}
`;

/** Swallows all of a node's traffic in silence, as a broken switch does: no side learns of it but by timeouts. */
export const swallowTraffic = async (pid: number): Promise<void> => {
  await exec('nsenter', ['-t', String(pid), '-n', '--', 'nft', '-f', '-'], { input: BLACKHOLE });
};

/** Undoes `swallowTraffic`. */
export const stopSwallowing = async (pid: number): Promise<void> => {
  const words = ['nft', 'delete', 'table', 'inet', 'proffer_blackhole'];
  await tryExec('nsenter', ['-t', String(pid), '-n', '--', ...words]);
};

/** Undoes `pullCable` and `swallowTraffic`. */
export const restoreTraffic = async (node: NodeLayout, pid: number): Promise<void> => {
  await exec('ip', ['link', 'set', node.link, 'up']);
  await stopSwallowing(pid);
};

/** Removes a node's cable and waits until it is gone. */
export const unplug = async (node: NodeLayout): Promise<void> => {
  await removeLink(node.link);
};

const removeLink = async (link: string): Promise<void> => {
  const gone = (): true | undefined => (existsSync(`${LINKS}/${link}`) ? undefined : true);
  if (gone()) return;
  // It may go by itself in this moment, with the namespace of its other end.
  await tryExec('ip', ['link', 'delete', link]);
  await waitFor(`the end of link ${link}`, gone, { timeoutMs: 30_000, intervalMs: 10 });
};

const linksOf = (layout: Layout): string[] =>
  readdirSync(LINKS).filter((link) => link === layout.bridge || link.startsWith(`pf${layout.slot}n`));

/** Removes the cluster's cables and bridge; the routes go with the bridge. */
export const removeNetwork = async (layout: Layout): Promise<void> => {
  for (const link of linksOf(layout)) await removeLink(link);
};

const hexRoute = (range: string): string =>
  (range.split('/')[0] ?? '')
    .split('.')
    .reverse()
    .map((octet) => Number(octet).toString(16).padStart(2, '0'))
    .join('')
    .toUpperCase();

/** Links and routes of the cluster that still exist. */
export const networkLeftovers = (layout: Layout): string[] => {
  const routes = readFileSync('/proc/net/route', 'utf8').split('\n');
  const prefixes = Array.from({ length: 32 }, (_, range) => {
    const [a, b, c] = layout.nodeRange.split('.').map(Number);
    return hexRoute(`${a}.${b}.${(c ?? 0) + range}.0/24`);
  });
  const left = routes.filter((route) => prefixes.includes(route.split('\t')[1] ?? ''));
  return [
    ...linksOf(layout).map((link) => `link ${link}`),
    ...left.map((route) => `route ${route.split('\t').slice(0, 2).join(' ')}`),
  ];
};
