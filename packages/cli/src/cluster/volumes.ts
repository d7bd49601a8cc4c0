import { chmodSync, chownSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type Cluster, isOwnCluster, kubectlWithin, OWN_CLUSTER } from './kubectl.ts'

/** The user of the stand-in images. */
const USER = 65532
const INSTALLATION = 'bulkhead/installation'
/** Seconds until Kubernetes has seen that nobody claims a volume any more, and lets it go. */
const REMOVED_WITHIN = 120

/** Folders of this machine, one an installation, so that data outlives pods on the cluster of our own, which has no storage classes. */
const folderOf = ({ namespace }: Cluster) => join(OWN_CLUSTER, 'volumes', namespace)

/** Makes the volumes that the pods of these stores claim, where they are missing. Only for the cluster of our own. */
export async function keepVolumes(cluster: Cluster, stores: string[]): Promise<void> {
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

/** Takes the volumes of an installation away, with what is in them; nothing where the cluster is not our own. */
export async function removeVolumes(cluster: Cluster): Promise<void> {
  if (!isOwnCluster(cluster)) return
  const volumes = ['persistentvolumes', '--selector', `${INSTALLATION}=${cluster.namespace}`]
  await kubectlWithin(cluster, ['delete', ...volumes], REMOVED_WITHIN)
  rmSync(folderOf(cluster), { recursive: true, force: true })
}
