import type { Cluster } from '../../../packages/cli/src/cluster/kubectl.ts'
import { connectToStores, isEnforced } from '../installation/enforcement.ts'
import { installedPods } from '../installation/installed-pods.ts'
import type { Installation, Part } from '../part.ts'

type Policy = {
  metadata: { name: string }
  spec: { podSelector: { matchLabels?: Record<string, string> }; policyTypes?: string[] }
}

/** Checks Pod Security and network policies: the privileges of pods, and the addresses that they may reach. */
export const policies: Part = {
  name: 'separation of pods',
  async run(installation) {
    return [
      ...(await podSecurity(installation.cluster)),
      ...(await everyPodHasPolicy(installation.cluster)),
      ...(await enforcement(installation))
    ]
  }
}

/** Checks that the cluster refuses a privileged pod, and accepts the same pod without privileges. */
async function podSecurity(cluster: Cluster): Promise<string[]> {
  const create = (privileged: boolean) =>
    cluster.kubectl(['create', '--dry-run=server', '--filename=-'], pod(privileged))
  const refusal = await create(true).then(
    () => 'accepted',
    error => String((error as Error).cause ?? error)
  )
  const other = await create(false).then(
    () => '',
    error => (error as Error).message
  )
  return [
    ...(/violates PodSecurity/.test(refusal) ? [] : [`a privileged pod: ${refusal}`]),
    ...(other ? [`a pod that Pod Security allows was refused: ${other}`] : [])
  ]
}

const pod = (privileged: boolean) =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'trial' },
    spec: {
      securityContext: { runAsNonRoot: true, runAsUser: 65_532, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: 'trial',
          image: 'trial',
          securityContext: privileged
            ? { privileged: true }
            : { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } }
        }
      ]
    }
  })

async function everyPodHasPolicy(cluster: Cluster): Promise<string[]> {
  const all = (await cluster.get<{ items: Policy[] }>('networkpolicies'))?.items ?? []
  const selects = ({ spec: { podSelector, policyTypes = [] } }: Policy, labels: Record<string, string>) =>
    Object.entries(podSelector.matchLabels ?? {}).every(([key, value]) => labels[key] === value) &&
    ['Ingress', 'Egress'].every(type => policyTypes.includes(type))
  const forAllPods = all.filter(({ spec }) => Object.keys(spec.podSelector.matchLabels ?? {}).length === 0)
  const forSomePods = all.filter(policy => !forAllPods.includes(policy))
  return [
    ...(forAllPods.some(({ metadata }) => metadata.name === 'default-deny')
      ? []
      : ['the policy default-deny is missing']),
    ...(await installedPods(cluster))
      .filter(({ labels }) => !forSomePods.some(policy => selects(policy, labels)))
      .map(({ pod }) => `${pod} has no NetworkPolicy`)
  ]
}

/** Checks if the cluster enforces policies. */
async function enforcement(installation: Installation): Promise<string[]> {
  const reached = await connectToStores(installation)
  if (!reached) return ['unrun: the cluster has less than two services with stores']
  const { service, own, other } = reached
  if (own !== 'connected') return [`${service} can't reach its own store: ${own}`]
  if (isEnforced(reached)) return []
  return [
    other === 'connected'
      ? 'unrun: nothing enforces NetworkPolicy here'
      : `${service} connects to the store of another service: ${other}`
  ]
}
