import { chmodSync, chownSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type Cluster, isOwnCluster, kubectlWithin, OWN_CLUSTER } from './kubectl.ts'

/** The user ID in the stand-in images. */
const USER = 65532
const INSTALLATION = 'bulkhead/installation'
/** How long Kubernetes may take to release a volume after its claim is deleted (seconds). */
const REMOVAL_LIMIT = 120

/** The folder with the volumes of an installation. The project's own cluster has no storage classes. */
const folderOf = ({ namespace }: Cluster) => join(OWN_CLUSTER, 'volumes', namespace)

/** Creates the missing volumes for the pods of these stores. Use it only on the project's own cluster. */
export async function ensureVolumes(cluster: Cluster, stores: string[]): Promise<void> {
  if (stores.length === 0) return
  const items = stores.map(store => {
    const path = join(folderOf(cluster), store)
    mkdirSync(path, { recursive: true })
    chownSync(path, USER, USER)
    chmodSync(path, 0o700)
    const { namespace } = cluster
    return {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: `${namespace}-${store}`, labels: { [INSTALLATION]: namespace } },
      spec: {
        capacity: { storage: '8Gi' },
        accessModes: ['ReadWriteOnce'],
        persistentVolumeReclaimPolicy: 'Retain',
        claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name: `data-${store}-0` },
        hostPath: { path, type: 'Directory' }
      }
    }
  })
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items })
  await cluster.kubectl(['apply', '--server-side', '--field-manager=bulkhead', '--filename=-'], list)
}

/** Deletes the volumes of an installation with their data. Does nothing on clusters other than the project's own. */
export async function removeVolumes(cluster: Cluster): Promise<void> {
  if (!isOwnCluster(cluster)) return
  const volumes = ['persistentvolumes', '--selector', `${INSTALLATION}=${cluster.namespace}`]
  await kubectlWithin(cluster, ['delete', ...volumes], REMOVAL_LIMIT)
  rmSync(folderOf(cluster), { recursive: true, force: true })
}
