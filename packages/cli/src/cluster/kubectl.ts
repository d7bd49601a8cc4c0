import { execFile } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Failure } from '../failure.ts'
import { findProgram, pathWithBuilt } from '../system-packages.ts'

const run = promisify(execFile)
/** Milliseconds of one call that waits for nothing. */
const LIMIT = 60_000
const MOST_OUTPUT = 64 * 1024 * 1024

/** A cluster, and one namespace of it, by the programs that speak to it. */
export type Cluster = {
  namespace: string
  /** The kubeconfig in use. */
  kubeconfig: string
  /** Where its gateway is said to be reached, in the place of what the cluster tells: GATEWAY_ADDRESS. */
  givenAddress?: string | undefined
  /** Runs kubectl in the namespace, within so many milliseconds, and resolves with what it prints. Rejects with a `Failure` of its last line. */
  kubectl: (args: string[], input?: string, limit?: number) => Promise<string>
  helm: (args: string[], limit?: number, input?: string) => Promise<string>
  /** An object, or a list, as data; undefined where there is none. */
  get: <T>(...what: string[]) => Promise<T | undefined>
}

/**
 * The cluster of KUBECONFIG, else the one that `make cluster` gave; `context` is for one that is not current there. Fails where there is none, or it does not answer, or kubectl or helm
 * are missing: they are looked for on the PATH and where `make cluster` keeps those it built.
 */
export async function connectCluster(
  root: string,
  environment: NodeJS.ProcessEnv,
  namespace: string,
  context?: string
): Promise<Cluster> {
  if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(namespace))
    throw new Failure(`"${namespace}" can not be a namespace`, 'Give lower-case letters, digits and hyphens')
  const own = join(root, '.data/cluster.kubeconfig')
  const kubeconfig = environment.KUBECONFIG || own
  if (!environment.KUBECONFIG && !existsSync(own))
    throw new Failure('there is no cluster', 'Run `make cluster`, or set KUBECONFIG')
  const path = pathWithBuilt(environment)
  const env = { ...environment, KUBECONFIG: kubeconfig, PATH: path }

  function program(name: 'kubectl' | 'helm') {
    const file = findProgram(name, path)
    if (!file) throw new Failure(`${name} is not installed`, 'Install it, or run `make cluster`, which builds it')
    return async (args: string[], limit = LIMIT, input?: string) => {
      const running = run(file, args, { env, timeout: limit, maxBuffer: MOST_OUTPUT })
      if (input !== undefined) running.child.stdin?.end(input)
      try {
        return (await running).stdout
      } catch (cause) {
        const { stderr = '', killed, message } = cause as { stderr?: string; killed?: boolean; message: string }
        const said = stderr.trim().split('\n').at(-1) || message
        const problem = killed ? `no answer within ${limit / 1_000} s` : said.replace(/^Error: /, '')
        throw new Failure(`${name} ${args.slice(0, 3).join(' ')}: ${problem}`, undefined, { cause })
      }
    }
  }
  const [kubectl, helm] = [program('kubectl'), program('helm')]
  const inNamespace = ['--namespace', namespace]
  const [ofKubectl, ofHelm] = context
    ? [
        ['--context', context],
        ['--kube-context', context]
      ]
    : [[], []]

  const cluster: Cluster = {
    namespace,
    kubeconfig,
    givenAddress: environment.GATEWAY_ADDRESS?.replace(/\/$/, '') || undefined,
    kubectl: (args, input, limit) => kubectl([...ofKubectl, ...inNamespace, ...args], limit, input),
    helm: (args, limit, input) => helm([...args, ...ofHelm, ...inNamespace], limit, input),
    async get<T>(...what: string[]) {
      const text = await cluster.kubectl(['get', ...what, '--ignore-not-found', '--output', 'json'])
      return text.trim() ? (JSON.parse(text) as T) : undefined
    }
  }
  await cluster.kubectl(['version', '--request-timeout=10s']).catch(cause => {
    throw new Failure(`the cluster of ${kubeconfig} does not answer`, '`make cluster` gives one', { cause })
  })
  return cluster
}

/** Milliseconds that kubectl has beyond those in which it gives up by itself. */
const BEYOND = 30_000

/** Runs kubectl where it waits, for so many seconds at most: it gives up by itself first, and says what for. */
export const kubectlWithin = (cluster: Cluster, args: string[], seconds: number) =>
  cluster.kubectl([...args, `--timeout=${seconds}s`], undefined, seconds * 1_000 + BEYOND)

type WithConditions = { status?: { conditions?: { type: string; status: string }[] } }

/** Whether Kubernetes says of a pod or a node that it is ready. */
export const isReady = (object: WithConditions | undefined): boolean =>
  object?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false

/** Where the project's own cluster has its state, as in k8s/local/versions.sh. */
export const OWN_CLUSTER = '/var/lib/bulkhead-cluster'

/** Whether it is the project's own cluster, whose stand-in images and missing volumes need values of their own. */
export function isOwnCluster({ kubeconfig }: Cluster, state = OWN_CLUSTER): boolean {
  return existsSync(kubeconfig) && realpathSync(kubeconfig).startsWith(`${state}/`)
}

/** Whether a cluster is for trying things: the project's own, or one of kind, by what kind tells of its nodes. */
export async function isForTrying(cluster: Cluster): Promise<boolean> {
  if (isOwnCluster(cluster)) return true
  return (await nodesOf(cluster)).some(({ spec }) => spec.providerID?.startsWith('kind://'))
}

/** A node of a cluster, as far as it is read. */
export type Node = {
  metadata: { name: string }
  spec: { providerID?: string }
  status: { addresses?: { type: string; address: string }[] }
}

/** The nodes of a cluster; none where this user may not list them. */
export async function nodesOf(cluster: Cluster): Promise<Node[]> {
  const found = await cluster.get<{ items: Node[] }>('nodes').catch(error => {
    if (/forbidden/i.test((error as Error).message)) return undefined
    throw error
  })
  return found?.items ?? []
}

/** How kubectl is called by hand for a namespace, by default the installation's. */
export const kubectlByHand = ({ kubeconfig, namespace }: Cluster, other = namespace) =>
  `kubectl --kubeconfig ${kubeconfig} --namespace ${other}`
