import type { Cluster } from '../../packages/cli/src/cluster/kubectl.ts'
import { installedPods, runInside } from './installed-pods.ts'
import type { Ground, Part } from './part.ts'

type Policy = {
  metadata: { name: string }
  spec: { podSelector: { matchLabels?: Record<string, string> }; policyTypes?: string[] }
}

const STORE_PORTS: Record<string, number> = { mongodb: 27_017, redis: 6_379 }

const CONNECT = `
import { connect } from 'node:net'
const socket = connect({ ...given, timeout: 5000 })
const end = answer => { console.log(JSON.stringify(answer)); process.exit() }
socket.on('connect', () => end('connected')).on('timeout', () => end('no answer')).on('error', error => end(error.code))
`

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
    ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'trial' } },
    spec: {
      securityContext: { runAsNonRoot: true, runAsUser: 65_532, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          ...{ name: 'trial', image: 'trial' },
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

/** Whether a service reaches the store of another: policies are only words where nothing enforces them. */
async function enforcement({ cluster, stack }: Ground): Promise<string[]> {
  const [one, other] = stack.services.filter(({ store }) => store !== 'none')
  if (!one || !other) return ['unrun: there are not two services with stores']
  const answers = await Promise.all(
    [one, other].map(({ name, store }) =>
      runInside<string>(cluster, one.name, { host: `${name}-store`, port: STORE_PORTS[store] }, CONNECT)
    )
  )
  if (answers[0] !== 'connected') return [`${one.name} does not reach its own store: ${answers[0]}`]
  return answers[1] === 'connected' ? ['unrun: nothing enforces NetworkPolicy here'] : []
}
