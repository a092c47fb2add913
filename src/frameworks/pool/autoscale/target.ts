import type { WebhookPolicy } from '../../../api/pool/autoscale.ts';

/** What is to be known of a Service to call it; undefined when there is none of that name. */
export type AddressOf = (key: string) => { readonly clusterIP: string | undefined } | undefined;

/** Where a webhook is called, or why it is not. */
export type Called =
  | { readonly origin: string; readonly path: string; readonly host?: string; readonly ca?: string }
  | { readonly refusal: string };

const certificates = ({ caBundle }: WebhookPolicy): { ca?: string } =>
  caBundle === undefined ? {} : { ca: atob(caBundle) };

/**
 * Where a webhook is called. Who may write a pool must not make the operator call what they cannot reach themselves: a
 * Service is one of the pool's own namespace, by the address that the API server gave it (a name would be resolved to
 * whatever an ExternalName says), and any other address is one that whoever installed the operator allowed.
 * @param origins that are allowed: `https://scaler.example.com`
 */
export function targetOf(
  webhook: WebhookPolicy,
  namespace: string,
  addressOf: AddressOf,
  origins: readonly string[],
): Called {
  const { service, url } = webhook;
  if (service) {
    const { name, port, path } = service;
    const known = addressOf(`${namespace}/${name}`);
    if (!known) return { refusal: `the Service ${name} does not exist` };
    const { clusterIP } = known;
    if (clusterIP === undefined)
      return { refusal: `the Service ${name} has no address of its own (clusterIP)` };
    const scheme = webhook.caBundle === undefined ? 'http' : 'https';
    const address = clusterIP.includes(':') ? `[${clusterIP}]` : clusterIP;
    const host = `${name}.${namespace}.svc`;
    return { origin: `${scheme}://${address}:${port}`, path, host, ...certificates(webhook) };
  }
  const parsed = URL.parse(url ?? '');
  if (!parsed || parsed.username !== '' || parsed.password !== '')
    return { refusal: 'url is no address without a user' };
  const { origin, pathname, search } = parsed;
  if (!origins.includes(origin))
    return {
      refusal: `the operator may not call ${origin}: add it to the chart value config.webhookOrigins, or name a service`,
    };
  return { origin, path: `${pathname}${search}`, ...certificates(webhook) };
}
