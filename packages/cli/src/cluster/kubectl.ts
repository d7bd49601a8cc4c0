import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { Failure } from '../failure.ts'
import { findProgram, pathWithBuilt } from '../processes/system-packages.ts'

const run = promisify(execFile)
/** The limit of a call that does not wait for objects to change (ms). */
const LIMIT = 60_000
const MAX_OUTPUT = 64 * 1024 * 1024

/** Access to one namespace of a cluster. */
export type Cluster = {
  namespace: string
  /** The path of the kubeconfig in use. */
  kubeconfig: string
  /** GATEWAY_ADDRESS: overrides the address of the gateway that the cluster reports. */
  givenAddress?: string | undefined
  /** Runs kubectl in the namespace, for at most `limit` milliseconds. Resolves with its output. Fails with the last line of its errors. */
  kubectl: (args: string[], input?: string, limit?: number) => Promise<string>
  /** Runs kubectl in the namespace until it ends or `stop` aborts, and yields the lines of its output. Fails like `kubectl`. */
  streamKubectl: (args: string[], stop: AbortSignal) => AsyncIterable<string>
  /** Starts kubectl in the namespace, for a call that goes on until its process is ended. */
  startKubectl: (args: string[]) => ChildProcess
  /** Runs helm like `kubectl`. */
  helm: (args: string[], limit?: number, input?: string) => Promise<string>
  /** Reads an object or a list. Undefined if it does not exist. */
  get: <T>(...what: string[]) => Promise<T | undefined>
}

/**
 * Connects to the cluster of KUBECONFIG, else to the one that `make cluster` made. `context` selects a context of the kubeconfig. Finds
 * kubectl and helm on the PATH or where `make cluster` builds them. Fails if a program is missing, or if there is no cluster that answers.
 */
export async function connectCluster(
  root: string,
  environment: NodeJS.ProcessEnv,
  namespace: string,
  context?: string
): Promise<Cluster> {
  if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(namespace))
    throw new Failure(`"${namespace}" is not a valid namespace`, 'Use lower-case letters, digits and hyphens')
  const own = join(root, '.data/cluster.kubeconfig')
  const kubeconfig = environment.KUBECONFIG || own
  if (!environment.KUBECONFIG && !existsSync(own))
    throw new Failure('there is no cluster', 'Run `make cluster`, or set KUBECONFIG')
  const path = pathWithBuilt(environment)
  const env = { ...environment, KUBECONFIG: kubeconfig, PATH: path }

  function fileOf(name: 'kubectl' | 'helm') {
    const file = findProgram(name, path)
    if (!file) throw new Failure(`${name} is not installed`, 'Install it, or run `make cluster`, which builds it')
    return file
  }

  function program(name: 'kubectl' | 'helm') {
    const file = fileOf(name)
    return async (args: string[], limit = LIMIT, input?: string) => {
      const running = run(file, args, { env, timeout: limit, maxBuffer: MAX_OUTPUT })
      if (input !== undefined) running.child.stdin?.end(input)
      try {
        return (await running).stdout
      } catch (cause) {
        const { stderr = '', killed, message } = cause as { stderr?: string; killed?: boolean; message: string }
        const problem = killed ? `no answer within ${limit / 1_000} s` : lastLineOf(stderr) || message
        throw new Failure(`${name} ${args.slice(0, 3).join(' ')}: ${problem}`, undefined, { cause })
      }
    }
  }
  const [kubectl, helm] = [program('kubectl'), program('helm')]
  const inNamespace = ['--namespace', namespace]
  const kubectlContext = context ? ['--context', context] : []
  const helmContext = context ? ['--kube-context', context] : []

  const cluster: Cluster = {
    namespace,
    kubeconfig,
    givenAddress: environment.GATEWAY_ADDRESS?.replace(/\/$/, '') || undefined,
    streamKubectl: (args, stop) => linesOf(fileOf('kubectl'), [...kubectlContext, ...inNamespace, ...args], env, stop),
    kubectl: (args, input, limit) => kubectl([...kubectlContext, ...inNamespace, ...args], limit, input),
    startKubectl: args =>
      spawn(fileOf('kubectl'), [...kubectlContext, ...inNamespace, ...args], {
        env,
        stdio: ['ignore', 'pipe', 'pipe']
      }),
    helm: (args, limit, input) => helm([...args, ...helmContext, ...inNamespace], limit, input),
    async get<T>(...what: string[]) {
      const text = await cluster.kubectl(['get', ...what, '--ignore-not-found', '--output', 'json'])
      return text.trim() ? (JSON.parse(text) as T) : undefined
    }
  }
  await cluster.kubectl(['version', '--request-timeout=10s']).catch(cause => {
    throw new Failure(`cannot reach the cluster of ${kubeconfig}`, 'Run `make cluster` to create one', { cause })
  })
  return cluster
}

/** The last line of a program's errors, without `Error: `. */
const lastLineOf = (stderr: string) => (stderr.trim().split('\n').at(-1) ?? '').replace(/^Error: /, '')

/** Maximum number of characters of a program's errors that are kept. */
const MOST_ERRORS = 10_000

/** Runs a program and yields the lines of its output. The program waits while nobody reads them. */
async function* linesOf(
  file: string,
  args: string[],
  env: NodeJS.ProcessEnv,
  stop: AbortSignal
): AsyncGenerator<string> {
  const child = spawn(file, args, { env, stdio: ['ignore', 'pipe', 'pipe'], signal: stop })
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', text => {
    errors = (errors + text).slice(-MOST_ERRORS)
  })
  const ended = once(child, 'close').catch(error => {
    if (!stop.aborted) throw error
    return [0]
  })
  try {
    yield* createInterface({ input: child.stdout, crlfDelay: Number.POSITIVE_INFINITY })
    const [code] = await ended
    if (code !== 0 && !stop.aborted) throw new Failure(`kubectl ${args.slice(0, 3).join(' ')}: ${lastLineOf(errors)}`)
  } finally {
    child.kill()
    await ended.catch(() => undefined) // The error was thrown above.
  }
}

/** How long after its own timeout kubectl is killed (ms). */
const KILL_AFTER_TIMEOUT = 30_000

/** Runs `kubectl wait` or the like with a timeout. kubectl's own timeout ends first, because its message names the awaited object. */
export const kubectlWithin = (cluster: Cluster, args: string[], seconds: number) =>
  cluster.kubectl([...args, `--timeout=${seconds}s`], undefined, seconds * 1_000 + KILL_AFTER_TIMEOUT)

type WithConditions = { status?: { conditions?: { type: string; status: string }[] } }

/** True if a pod or a node has the condition Ready. */
export const isReady = (object: WithConditions | undefined): boolean =>
  object?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false

/** The folder with the state of the project's own cluster, as in k8s/local/versions.sh. */
export const OWN_CLUSTER = '/var/lib/bulkhead-cluster'

/** True for the project's own cluster, which needs values for its stand-in images and has no storage classes. */
export function isOwnCluster({ kubeconfig }: Cluster, state = OWN_CLUSTER): boolean {
  return existsSync(kubeconfig) && realpathSync(kubeconfig).startsWith(`${state}/`)
}

/** True for a cluster that is only for tests and demos: the project's own cluster, or a kind cluster. */
export async function isForTrying(cluster: Cluster): Promise<boolean> {
  if (isOwnCluster(cluster)) return true
  return (await nodesOf(cluster)).some(({ spec }) => spec.providerID?.startsWith('kind://'))
}

/** The fields of a Kubernetes node that the commands read. */
export type Node = {
  metadata: { name: string }
  spec: { providerID?: string }
  status: { addresses?: { type: string; address: string }[] }
}

/** The nodes of a cluster; empty if this user may not list them. */
export async function nodesOf(cluster: Cluster): Promise<Node[]> {
  const nodes = await cluster.get<{ items: Node[] }>('nodes').catch(error => {
    if (/forbidden/i.test((error as Error).message)) return undefined
    throw error
  })
  return nodes?.items ?? []
}

/** Returns the start of a kubectl command that the user can run, by default for the installation's namespace. */
export const kubectlByHand = ({ kubeconfig, namespace }: Cluster, other = namespace) =>
  `kubectl --kubeconfig ${kubeconfig} --namespace ${other}`
