import assert from 'node:assert/strict'
import { join } from 'node:path'
import type { Cluster } from '../../src/cluster/kubectl.ts'
import { Failure } from '../../src/failure.ts'

export const ROOT = join(import.meta.dirname, '../../../..')

/** Returns the output of a fake program for its arguments and its input. */
export type Answer = (args: string[], input?: string) => string
type Fake = { objects?: object; kubectl?: Answer; helm?: Answer; stream?: (args: string[]) => string[] }

/** Returns a cluster that reads objects from a table, by `kind` or `kind name`, and records every call of kubectl and helm. */
export function fakeCluster({ objects = {}, kubectl = () => '', helm = () => '', stream = () => [] }: Fake) {
  const calls: { line: string; input: string | undefined }[] = []
  const cluster: Cluster = {
    namespace: 'shop',
    kubeconfig: '/nowhere/kubeconfig',
    async kubectl(args, input) {
      calls.push({ line: `kubectl ${args.join(' ')}`, input })
      return kubectl(args, input)
    },
    async *streamKubectl(args) {
      calls.push({ line: `kubectl ${args.join(' ')}`, input: undefined })
      yield* stream(args)
    },
    startKubectl: args => assert.fail(`kubectl ${args.join(' ')} is not faked`),
    async helm(args, _limit, input) {
      calls.push({ line: `helm ${args.join(' ')}`, input })
      return helm(args, input)
    },
    async get<T>(...what: string[]) {
      const table = objects as Record<string, unknown>
      return (table[what.slice(0, 2).join(' ')] ?? table[what[0]!]) as T | undefined
    }
  }
  return { cluster, calls, lines: () => calls.map(({ line }) => line) }
}

/** Returns helm's error for a release that is not installed. */
export const notFound = (name: string) => new Failure(`helm history ${name}: release: not found`)

/** Returns the output of `helm history`, from the status of each revision. */
export const history = (...statuses: string[]) =>
  JSON.stringify(statuses.map((status, index) => ({ revision: index + 1, status })))

/** The namespace of an installation, with our label. */
export const OUR_NAMESPACE = { metadata: { labels: { 'app.kubernetes.io/part-of': 'bulkhead' } } }
