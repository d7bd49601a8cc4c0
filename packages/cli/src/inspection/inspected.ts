import { connectCluster, isReady } from '../cluster/kubectl.ts'
import { forwardPort } from '../cluster/port-forward.ts'
import { Failure } from '../failure.ts'
import { localUrl, type Stack } from '../services/stack.ts'

/** The management port in a cluster. */
const MANAGEMENT_PORT = 9090

/** A running process of a service whose management port can be asked. */
export type Inspected = {
  /** The name of the service, or of the pod. */
  name: string
  url: string
  /** How to turn the inspection on. */
  advice: string
  close: () => void
}

type Place = {
  stack: Stack
  environment: NodeJS.ProcessEnv
  namespace: string | undefined
  /** The name of the only pod to ask, or `any` for the first that is ready. All ready pods if undefined. */
  pod?: string | undefined
}

type Pod = { metadata: { name: string }; status?: { conditions?: { type: string; status: string }[] } }

/**
 * Finds the running processes of a service: the one on this machine, or, with a namespace, all its ready pods in the cluster. Forwards a
 * port to each pod. Fails if there is no such service or no such process.
 */
export async function inspectedProcesses(service: string, place: Place): Promise<Inspected[]> {
  const { stack, namespace } = place
  const { ports } = serviceNamed(stack, service)
  if (namespace === undefined) {
    const advice = 'Unset INSPECTION or set it to 1, and start the stack again'
    return [{ name: service, url: localUrl(ports.operations), advice, close: () => undefined }]
  }
  return forwardedPods(service, { ...place, namespace })
}

async function forwardedPods(service: string, { stack, environment, namespace, pod }: Place & { namespace: string }) {
  const cluster = await connectCluster(stack.root, environment, namespace)
  const selector = `app.kubernetes.io/name=${service},app.kubernetes.io/component=service`
  const pods = (await cluster.get<{ items: Pod[] }>('pods', '--selector', selector))?.items ?? []
  const names = pods.filter(isReady).map(({ metadata }) => metadata.name)
  const wanted = pod === 'any' ? names.slice(0, 1) : names.filter(name => pod === undefined || name === pod)
  if (wanted.length === 0) {
    const problem =
      names.length === 0
        ? `${service} has no ready pod in namespace ${namespace}`
        : `${service} has no ready pod ${pod}`
    throw new Failure(
      problem,
      names.length > 0 ? `Its pods: ${names.join(', ')}` : `Check \`kubectl get pods --namespace ${namespace}\``
    )
  }
  const advice = `Deploy it with --set inspection=true: bulkhead deploy ${service} --namespace ${namespace} --set inspection=true`
  return Promise.all(
    wanted.map(async name => ({ name, advice, ...(await forwardPort(cluster, name, MANAGEMENT_PORT)) }))
  )
}

function serviceNamed({ services }: Stack, name: string) {
  const service = services.find(service => service.name === name)
  if (service) return service
  throw new Failure(`there is no service "${name}"`, `Choose from ${services.map(service => service.name).join(', ')}`)
}

/**
 * Sends a request to the management port of a process. Resolves with the answer. Fails with the reason if the process refuses it, or does
 * not answer within `limit` milliseconds.
 */
export async function askInspected(
  { name, url, advice }: Inspected,
  method: 'GET' | 'PUT' | 'POST',
  path: string,
  limit: number
): Promise<Response> {
  const answer = await fetch(`${url}${path}`, { method, signal: AbortSignal.timeout(limit) }).catch(cause => {
    throw new Failure(`${name} does not answer on ${url}`, 'Does it run? bulkhead status', { cause })
  })
  if (answer.ok) return answer
  const reason = (await answer.text()).trim()
  // A release without inspections knows no such path.
  const isOff = answer.status === 403 || answer.status === 404
  throw new Failure(`${name} refuses: ${reason.replace(/\.$/, '')}`, isOff ? advice : undefined)
}
