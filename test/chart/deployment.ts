import { type Manifest, only } from './helm.ts';

/** The parts of a container that tests look at. */
export interface Container {
  image: string;
  args: string[];
  env: { name: string }[];
  securityContext: {
    allowPrivilegeEscalation: boolean;
    readOnlyRootFilesystem: boolean;
    privileged?: boolean;
    capabilities: { drop: string[]; add?: string[] };
  };
  resources: { requests: Record<string, string>; limits: Record<string, string> };
  ports: { name: string; containerPort: number; hostPort?: number }[];
}
/** The parts of a Pod that tests look at. */
export interface PodSpec {
  containers: Container[];
  initContainers?: Container[];
  volumes?: Record<string, unknown>[];
  hostNetwork?: boolean;
  hostPID?: boolean;
  hostIPC?: boolean;
  securityContext: { runAsNonRoot: boolean; runAsUser: number; seccompProfile: { type: string } };
  serviceAccountName: string;
  tolerations: { key: string; tolerationSeconds?: number }[];
  affinity: Record<string, unknown>;
  topologySpreadConstraints: unknown[];
}
/** The parts of the Deployment that tests look at. */
export interface DeploymentSpec {
  replicas: number;
  selector: { matchLabels: Record<string, string> };
  template: { metadata: { labels: Record<string, string> }; spec: PodSpec };
}

/** Spec of the one Deployment. @throws Error when there is not just one */
export const deployment = (manifests: Manifest[]): DeploymentSpec =>
  only(manifests, 'Deployment')['spec'] as DeploymentSpec;

/** The one container. @throws Error when there is not just one */
export const operator = (manifests: Manifest[]): Container => {
  const [container, ...more] = deployment(manifests).template.spec.containers;
  if (container === undefined || more.length > 0) throw new Error('want one container');
  return container;
};

/** The value of a flag on the operator's command line. */
export const flag = (manifests: Manifest[], name: string): string | undefined => {
  const { args } = operator(manifests);
  const at = args.indexOf(name);
  return at < 0 ? undefined : args[at + 1];
};

/** Whether labels satisfy a selector. */
export const contains = (labels: Record<string, string>, selector: Record<string, string>): boolean =>
  Object.entries(selector).every(([key, value]) => labels[key] === value);
