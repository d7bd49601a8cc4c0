import type { Cluster } from '../../cluster/kubectl.ts'
import type { Service, Stack } from '../../services/stack.ts'
export async function backUpInCluster(_cluster: Cluster, _services: Service[], _say: (line: string) => void) {}
export async function restoreInCluster(_stack: Stack, _cluster: Cluster, _services: Service[], _o: { at: string; as: string | undefined; say: (line: string) => void }) {}
