import type { Cluster } from '../../packages/cli/src/cluster/kubectl.ts'
import { isEnforced, storesReached } from './enforcement.ts'
import { installedPods } from './installed-pods.ts'
import type { Ground, Part } from './part.ts'

type Policy = {
  metadata: { name: string }
  spec: { podSelector: { matchLabels?: Record<string, string> }; policyTypes?: string[] }
}

/** What pods may be, and whom they may reach. */
export const policies: Part = {
  name: 'separation of pods',
  async run(ground) {
    return [
      ...(await podSecurity(ground.cluster)),
      ...(await everyPodHasPolicy(ground.cluster)),
      ...(await enforcement(ground))
    ]
  }
}

/** A privileged pod is refused for being so: the same without is let in. */
async function podSecurity(cluster: Cluster): Promise<string[]> {
  const create = (privileged: boolean) =>
    cluster.kubectl(['create', '--dry-run=server', '--filename=-'], pod(privileged))
  const refusal = await create(true).then(
    () => 'let in',
    error => String((error as Error).cause ?? error)
  )
  const other = await create(false).then(
    () => '',
    error => (error as Error).message
  )
  return [
    ...(/violates PodSecurity/.test(refusal) ? [] : [`a privileged pod: ${refusal}`]),
    ...(other ? [`a pod that Pod Security allows is refused: ${other}`] : [])
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
  const ofAll = all.filter(({ spec }) => Object.keys(spec.podSelector.matchLabels ?? {}).length === 0)
  const ofSome = all.filter(policy => !ofAll.includes(policy))
  return [
    ...(ofAll.some(({ metadata }) => metadata.name === 'default-deny') ? [] : ['there is no policy default-deny']),
    ...(await installedPods(cluster))
      .filter(({ labels }) => !ofSome.some(policy => selects(policy, labels)))
      .map(({ pod }) => `${pod} has no NetworkPolicy`)
  ]
}

/** Policies are only words where nothing enforces them. */
async function enforcement(ground: Ground): Promise<string[]> {
  const reached = await storesReached(ground)
  if (!reached) return ['unrun: there are not two services with stores in the cluster']
  const { who, own, other } = reached
  if (own !== 'connected') return [`${who} does not reach its own store: ${own}`]
  if (isEnforced(reached)) return []
  return [
    other === 'connected' ? 'unrun: nothing enforces NetworkPolicy here' : `${who} asks for another's store: ${other}`
  ]
}
