import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Failure } from '../failure.ts'
import type { Stack } from '../services/stack.ts'
import type { Cluster } from './kubectl.ts'

/** The fields of a namespace that the commands read. */
type Namespace = {
  metadata: { labels?: Record<string, string> }
  status?: { phase?: string; conditions?: { status: string; message?: string }[] }
}

const [LABEL, LABEL_VALUE] = ['app.kubernetes.io/part-of', 'bulkhead']

/** The namespace of an installation. Undefined if it does not exist. */
export const namespaceOf = (cluster: Cluster) => cluster.get<Namespace>('namespace', cluster.namespace)

/**
 * Creates or updates the namespace of an installation from k8s/namespace.yaml. Fails for an existing namespace without our label, even if it
 * is empty: with the label, `undeploy` may delete everything in it, so only its owner may add the label.
 */
export async function ensureNamespace({ root }: Stack, cluster: Cluster): Promise<void> {
  const existing = await namespaceOf(cluster)
  if (existing) requireLabel(existing, cluster)
  if (existing?.status?.phase === 'Terminating')
    throw new Failure(`namespace ${cluster.namespace} is being deleted`, 'Deploy again when it no longer exists')
  const file = readFileSync(join(root, 'k8s/namespace.yaml'), 'utf8')
  await cluster.kubectl(
    ['apply', '--server-side', '--field-manager=bulkhead', '--filename=-'],
    file.replace(/^ {2}name: .*$/m, `  name: ${cluster.namespace}`)
  )
}

/** Fails for a namespace without our label. */
export function requireLabel({ metadata }: Namespace, { namespace }: Cluster): void {
  if (metadata.labels?.[LABEL] === LABEL_VALUE) return
  throw new Failure(
    `namespace ${namespace} does not belong to Bulkhead: it lacks the label ${LABEL}=${LABEL_VALUE}`,
    `Use another --namespace. If undeploy may delete everything in this one: kubectl label namespace ${namespace} ${LABEL}=${LABEL_VALUE}`
  )
}
