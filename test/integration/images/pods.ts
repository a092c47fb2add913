/** The part of a Pod that these tests look at. */
export interface PodView {
  readonly status: { readonly phase: string };
}

/** What a Pod of one of our images differs in. */
export interface PodOptions {
  readonly name: string;
  readonly image: string;
  readonly node: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly port?: { readonly container: number; readonly host: number };
}

/** A Pod as strict as the `restricted` Pod security standard, and stricter: its root file system is read-only. */
export function restrictedPod(options: PodOptions): object {
  const { name, image, node, args, env = {}, port } = options;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: {
      nodeName: node,
      restartPolicy: 'Never',
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, runAsUser: 65_532, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: 'main',
          image,
          imagePullPolicy: 'Never',
          ...(args ? { args } : {}),
          env: Object.entries(env).map(([key, value]) => ({ name: key, value })),
          ports: port ? [{ containerPort: port.container, hostPort: port.host, protocol: 'UDP' }] : [],
          resources: { requests: { cpu: '50m', memory: '64Mi' }, limits: { cpu: '1', memory: '256Mi' } },
          securityContext: {
            readOnlyRootFilesystem: true,
            allowPrivilegeEscalation: false,
            capabilities: { drop: ['ALL'] },
          },
          volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
        },
      ],
      volumes: [{ name: 'tmp', emptyDir: {} }],
    },
  };
}
