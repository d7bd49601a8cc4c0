import { join } from 'node:path'
import type { Cluster } from '../../src/cluster/kubectl.ts'
import { Failure } from '../../src/failure.ts'

export const ROOT = join(import.meta.dirname, '../../../..')

type Answer = (args: string[], input?: string) => string
type Fake = { objects?: Record<string, unknown>; kubectl?: Answer; helm?: Answer }

/** A cluster that answers from a table, by the kind of object or kind and name, and keeps every call of kubectl and helm. */
export function fakeCluster({ objects = {}, kubectl = () => '', helm = () => '' }: Fake) {
  const calls: { line: string; input: string | undefined }[] = []
  const cluster: Cluster = {
    namespace: 'shop',
    kubeconfig: '/nowhere/kubeconfig',
    async kubectl(args, input) {
      calls.push({ line: `kubectl ${args.join(' ')}`, input })
      return kubectl(args, input)
    },
    async helm(args, _limit, input) {
      calls.push({ line: `helm ${args.join(' ')}`, input })
      return helm(args, input)
    },
    get: async <T>(...what: string[]) => (objects[what.slice(0, 2).join(' ')] ?? objects[what[0]!]) as T | undefined
  }
  return { cluster, calls, lines: () => calls.map(({ line }) => line) }
}

/** What helm says of a release that is not there. */
export const notFound = (name: string) => new Failure(`helm history ${name}: release: not found`)

/** As `helm history` prints it, from the status of each revision. */
export const history = (...statuses: string[]) =>
  JSON.stringify(statuses.map((status, place) => ({ revision: place + 1, status })))

/** The namespace of an installation. */
export const OUR_NAMESPACE = { metadata: { labels: { 'app.kubernetes.io/part-of': 'bulkhead' } } }
