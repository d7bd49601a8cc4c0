import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Failure } from '../failure.ts'
import type { Stack } from '../stack.ts'
import type { Cluster } from './kubectl.ts'

/** A namespace, as far as it is read. */
type Namespace = {
  metadata: { labels?: Record<string, string> }
  status?: { phase?: string; conditions?: { status: string; message?: string }[] }
}

const [LABEL, OURS] = ['app.kubernetes.io/part-of', 'bulkhead']

/** The namespace of an installation; undefined where there is none. */
export const namespaceOf = (cluster: Cluster) => cluster.get<Namespace>('namespace', cluster.namespace)

/**
 * Makes the namespace of an installation, or brings it to what k8s/namespace.yaml says. Fails for one of somebody else's, an empty one too:
 * the label is the leave to remove it with all that is in it, which is its owner's to give.
 */
export async function keepNamespace({ root }: Stack, cluster: Cluster): Promise<void> {
  const there = await namespaceOf(cluster)
  if (there) mustBeOurs(there, cluster)
  if (there?.status?.phase === 'Terminating')
    throw new Failure(`namespace ${cluster.namespace} is being removed`, 'Deploy again once it is gone')
  const file = readFileSync(join(root, 'k8s/namespace.yaml'), 'utf8')
  await cluster.kubectl(
    ['apply', '--server-side', '--field-manager=bulkhead', '--filename=-'],
    file.replace(/^ {2}name: .*$/m, `  name: ${cluster.namespace}`)
  )
}

/** Fails for a namespace without the label of those that we made. */
export function mustBeOurs({ metadata }: Namespace, { namespace }: Cluster): void {
  if (metadata.labels?.[LABEL] === OURS) return
  throw new Failure(
    `namespace ${namespace} is none of Bulkhead's: it lacks the label ${LABEL}=${OURS}`,
    `Give another --namespace, or, where undeploy may remove all that is in it: kubectl label namespace ${namespace} ${LABEL}=${OURS}`
  )
}
